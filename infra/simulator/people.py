"""The people with a phone, and the last messages of each conversation."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from infra.simulator.messages import Message

HISTORY = 500  # messages a person
PEOPLE = 100_000
MESSAGES = 300_000  # of all people together: about 400 MB at the very most
WINDOW_SECONDS = 24 * 3600.0

COUNTRIES = {"250": "RW", "256": "UG", "254": "KE", "255": "TZ", "257": "BI", "243": "CD"}


@dataclass(eq=False, slots=True)
class Person:
    """Someone who talks to the business. At least one of `phone` and `user_id` is set."""

    phone: str | None  # digits only; None for people who hide it behind a username
    user_id: str | None  # business-scoped user id, such as "RW.1234"
    name: str = ""
    username: str | None = None
    last_wrote: float | None = None  # Unix seconds; opens the 24-hour window
    heard: int = 0  # sequence of the last message that a chat has heard (see chat.py)
    pair_full_until: float = 0.0  # theoretical arrival time of the pair rate (see rates.py)
    messages: deque[Message] = field(default_factory=deque)
    typing_until: float = 0.0
    _changed: asyncio.Event | None = None

    @property
    def key(self) -> str:
        """What the simulator knows the person by."""
        return self.phone or self.user_id or ""

    @property
    def window_until(self) -> float:
        """When the 24-hour window closes, in Unix seconds; 0 when it never was open."""
        return 0.0 if self.last_wrote is None else self.last_wrote + WINDOW_SECONDS

    def window_is_open(self, now: float) -> bool:
        """Whether free-form messages may be sent."""
        return now < self.window_until

    def changed(self) -> None:
        """Wake whoever waits for something in this conversation."""
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    async def wait_for_change(self) -> None:
        """Return when something in the conversation changed after this call began."""
        if self._changed is None:
            self._changed = asyncio.Event()
        await self._changed.wait()


def default_user_id(phone: str) -> str:
    """The business-scoped id that belongs to a number: always the same one."""
    country = COUNTRIES.get(phone[:3], "US")
    digest = hashlib.blake2b(phone.encode(), digest_size=7).digest()
    return f"{country}.{int.from_bytes(digest, 'big')}"


def digits(phone: str) -> str:
    """A number as Meta writes it: digits only."""
    return "".join(character for character in phone if character.isdigit())


class People:
    """Everyone known, the least recently active forgotten first."""

    def __init__(self, *, history: int = HISTORY, people: int = PEOPLE, messages: int = MESSAGES) -> None:
        self._people: OrderedDict[str, Person] = OrderedDict()
        self._by_user_id: dict[str, Person] = {}
        self._by_message_id: dict[str, tuple[Person, Message]] = {}
        self._history = history
        self._most_people = people
        self._most_messages = messages
        self._sequence = 0

    def __iter__(self) -> Iterator[Person]:
        return iter(tuple(self._people.values()))

    def __len__(self) -> int:
        return len(self._people)

    def get(self, key: str) -> Person | None:
        """A person by number or business-scoped id, else None."""
        return self._people.get(key) or self._by_user_id.get(key)

    def by_phone(self, phone: str) -> Person:
        """The person with this number (digits only), made known if need be."""
        return self._people.get(phone) or self.add(Person(phone, default_user_id(phone)))

    def by_user_id(self, user_id: str) -> Person:
        """The person with this business-scoped id, made known if need be."""
        return self._by_user_id.get(user_id) or self.add(Person(None, user_id))

    def add(self, person: Person) -> Person:
        """Make a person known."""
        self._people[person.key] = person
        if person.user_id:
            self._by_user_id[person.user_id] = person
        while len(self._people) > self._most_people:
            self._forget_oldest()
        return person

    def renamed(self, person: Person, old_key: str) -> None:
        """Keep the index right after a person's number changed."""
        self._people.pop(old_key, None)
        self.add(person)

    def find(self, message_id: str) -> tuple[Person, Message] | None:
        """A kept message and whose conversation it belongs to."""
        return self._by_message_id.get(message_id)

    def next_sequence(self) -> int:
        """The number of the next message."""
        self._sequence += 1
        return self._sequence

    def keep(self, person: Person, message: Message) -> None:
        """Append to the conversation; the oldest messages make room."""
        if self._history:
            if len(person.messages) >= self._history:
                self._by_message_id.pop(person.messages.popleft().id, None)
            person.messages.append(message)
            self._by_message_id[message.id] = (person, message)
            self._people.move_to_end(person.key)
            while len(self._by_message_id) > self._most_messages and self._drop_oldest_history():
                pass

    def _drop_oldest_history(self) -> bool:
        for person in self._people.values():
            if person.messages:
                self._drop_messages(person)
                self._people.move_to_end(person.key)
                return True
        return False

    def _forget_oldest(self) -> None:
        _, person = self._people.popitem(last=False)
        self._drop_messages(person)
        if person.user_id:
            self._by_user_id.pop(person.user_id, None)

    def _drop_messages(self, person: Person) -> None:
        for message in person.messages:
            self._by_message_id.pop(message.id, None)
        person.messages.clear()
