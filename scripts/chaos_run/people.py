"""Who writes in a chaos run, and what: conversations in mobility and jobs, drawn from the seed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from infra.simulator.envelopes import Update
from infra.simulator.people import default_user_id
from schemas.ids import message_id
from scripts.benchmarks.messages import METADATA, phone_of

# Meta lets us send a person 45 messages at once and one in 6 s after that, and 30 a minute are too many for
# us to hear: whoever has written so many makes room for somebody else.
MESSAGES_EACH = 30
SECONDS_BETWEEN = 2.5  # of one person's messages: 500 people write 200 a second

Line = dict[str, Any]


def _says(body: str) -> Line:
    return {"type": "text", "text": {"body": body}}


def _taps(choice: str) -> Line:
    reply = {"id": choice, "title": "A choice"}
    return {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": reply}}


def _shares(latitude: float, longitude: float) -> Line:
    return {"type": "location", "location": {"latitude": latitude, "longitude": longitude}}


TOWN, AIRPORT = _shares(-1.9441, 30.0619), _shares(-1.9686, 30.1395)
CONVERSATIONS: tuple[tuple[Line, ...], ...] = (
    (_says("hello"), _says("help")),
    (_says("muraho"), _says("menu")),
    (_says("what is this"),),
    (_says("book ride"), TOWN, _taps("mobility:skip")),
    (_says("book ride"), TOWN, AIRPORT, _taps("mobility:drivers")),
    (_says("go online"), _taps("mobility:drive:moto"), _says("RAA123C"), TOWN, _taps("mobility:offline")),
    (
        _says("schedule"),
        _taps("mobility:plan_role:passenger"),
        _taps("mobility:plan_vehicle:cab"),
        TOWN,
        _taps("mobility:plan_skip"),
        _taps("mobility:plan_when:in_5h"),
        _taps("mobility:plan_often:once"),
        _taps("mobility:trips"),
    ),
    (_says("find jobs"), _taps("jobs:in:hospitality"), TOWN),
    (
        _says("post a job"),
        _says("Cook"),
        _taps("jobs:kind:full_time"),
        _taps("jobs:trade:hospitality"),
        TOWN,
        _taps("jobs:agreed"),
        _says("Cook lunch for 40 people."),
        _taps("jobs:confirm"),
    ),
    (_says("my jobs"), _says("my applications")),
)


@dataclass(slots=True)
class Message:
    """One message of a person, on its way to the ingress."""

    wamid: str
    event_id: UUID
    update: Update
    held_back: bool = False  # let others of the person pass, once


@dataclass(slots=True)
class Person:
    """Somebody who writes now, and what is still to be said."""

    number: int
    lines: list[Line] = field(default_factory=list)

    @property
    def phone(self) -> str:
        """Digits only."""
        return phone_of(self.number)


class Crowd:
    """The people who write at the same time, each in turn; whoever is done makes room for the next."""

    def __init__(self, seed: int, at_once: int) -> None:
        self._dice = random.Random(f"people {seed}")  # noqa: S311 - no secret depends on it
        self._run = f"{seed & 0xFFFFFF:06X}"
        self._count = 0
        self._written = 0
        self._people = [self._newcomer() for _ in range(at_once)]

    def __iter__(self) -> Iterator[Message]:
        """Messages without end."""
        while True:
            for place, person in enumerate(self._people):
                if not person.lines:
                    person = self._people[place] = self._newcomer()  # noqa: PLW2901 - takes the place
                yield self._message(person, person.lines.pop())

    def _newcomer(self) -> Person:
        person = Person(self._count)
        self._count += 1
        lines: list[Line] = []
        while len(lines) < MESSAGES_EACH:
            lines += self._dice.choice(CONVERSATIONS)
        person.lines = lines[MESSAGES_EACH - 1 :: -1]  # the next one last
        return person

    def _message(self, person: Person, line: Line) -> Message:
        self._written += 1
        wamid = f"wamid.HBgMMjUwNzg4MDAwMDAwFQIAEhgU{self._run}{self._written:014X}AA=="
        user_id = default_user_id(person.phone)
        told = {
            "from": person.phone,
            "from_user_id": user_id,
            "id": wamid,
            "timestamp": str(int(time.time())),
            **line,
        }
        contact = {"profile": {"name": f"P{person.number}"}, "wa_id": person.phone, "user_id": user_id}
        value = {
            "messaging_product": "whatsapp",
            "metadata": METADATA,
            "contacts": [contact],
            "messages": [told],
        }
        return Message(wamid, message_id(wamid, line["type"]), Update(person.phone, "messages", value))


def people_needed(rate: float, seconds: float, at_once: int) -> int:
    """How many people will have written by the end, at most."""
    return at_once + int(rate * seconds / MESSAGES_EACH) + at_once
