"""What Meta does between the business and the people: accept, refuse, pass on, report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from infra.simulator.arrivals import Arrivals
from infra.simulator.envelopes import Update
from infra.simulator.errors import GraphError, invalid
from infra.simulator.faults import Faults, Kind
from infra.simulator.limits import check_message, check_read_mark
from infra.simulator.media import MediaStore
from infra.simulator.messages import MEDIA_TYPES, Message
from infra.simulator.people import People, Person, digits
from infra.simulator.rates import PAIR_BURST, PAIR_SECONDS, admit
from infra.simulator.statuses import USUAL, a_status
from infra.simulator.templates import Templates
from infra.simulator.wamids import Wamids
from infra.simulator.webhooks import Notifier

TYPING_SECONDS = 25.0  # Meta shows the indicator until the reply, at most this long
_FAIL_STATUS = frozenset((Kind.FAIL_STATUS,))
_LOSE_STATUSES = frozenset((Kind.LOSE_STATUSES,))
_ENVELOPE = frozenset(("type", "id", "from", "from_user_id", "timestamp", "context"))

Listener = Callable[[str, Person, Message | None], None]


class Exchange:
    """The state of the simulated WhatsApp, without any HTTP of its own.

    `listeners` are called with ("message" | "update" | "typing" | "person", person, message).
    """

    def __init__(
        self,
        *,
        phone_number_id: str,
        display_phone_number: str,
        notifier: Notifier,
        faults: Faults,
        people: People,
        templates: Templates,
        statuses: Sequence[str] = USUAL,
        pair_rate: bool = False,
        messages_per_second: int = 0,
        window_in_status: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.people = people
        self.media = MediaStore()
        self.templates = templates
        self.arrivals = Arrivals()
        self.faults = faults
        self.notifier = notifier
        self.statuses = tuple(statuses)
        self.pair_rate = pair_rate
        self.messages_per_second = messages_per_second
        self.window_in_status = window_in_status
        self.listeners: set[Listener] = set()
        self.counts: Counter[str] = Counter()  # accepted, received, read_marks; refused by code
        self.display_phone_number = display_phone_number
        self._metadata = {"display_phone_number": display_phone_number, "phone_number_id": phone_number_id}
        self._wamids = Wamids()
        self._clock = clock
        self._full_until = 0.0
        notifier.on_taken = self._taken

    # The business sends.

    def accept(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Take the body of `POST /{phone_number_id}/messages`; returns Meta's answer. Raises GraphError."""
        if payload.get("status") == "read":
            return self._take_read_mark(payload)
        check_message(payload)
        person = self._recipient(payload)
        now = self._clock()
        kind = payload.get("type", "text")
        content = payload[kind]
        late = self._check_world(person, kind, content, now)
        if kind == "template":
            content = self.templates.fill(content)
        context = payload.get("context")
        message = Message(
            sequence=self.people.next_sequence(),
            id=self._wamids.mint(),
            by="business",
            at=now,
            type=kind,
            content=content,
            reply_to=context["message_id"] if context else None,
            callback_data=payload.get("biz_opaque_callback_data"),
        )
        self.counts["accepted"] += 1
        if self.arrivals.on:
            self.arrivals.arrived(person.key, message.callback_data, message.reply_to, message.id)
        person.typing_until = 0.0
        if kind == "reaction":
            self._react(person, content)
        self.people.keep(person, message)
        self._tell("message", person, message)
        self._report(person, message, late)
        return _answer(payload, person, message.id)

    def _recipient(self, payload: dict[str, Any]) -> Person:
        to = payload.get("to")
        if to is None:
            return self.people.by_user_id(payload["recipient"])
        number = to if payload.get("recipient_type") == "group" else digits(to)
        if number == digits(self.display_phone_number):
            raise GraphError(131021, "Recipient phone number cannot be the sender's own number.")
        return self.people.by_phone(number)

    def _check_world(self, person: Person, kind: str, content: Any, now: float) -> GraphError | None:
        """Raise what Meta answers at once; return what it reports later in a status."""
        media_id = content.get("id") if kind in MEDIA_TYPES else _header_media_id(kind, content)
        if media_id is not None:
            self._check_media(kind, media_id)
        if self.messages_per_second:
            until = admit(self._full_until, now, 1 / self.messages_per_second, self.messages_per_second)
            if until is None:
                raise GraphError(130429, "Cloud API message throughput has been reached.")
            self._full_until = until
        if self.pair_rate:
            until = admit(person.pair_full_until, now, PAIR_SECONDS, PAIR_BURST)
            if until is None:
                raise GraphError(131056, "Too many messages to this recipient in a short period of time.")
            person.pair_full_until = until
        if kind == "template" or person.window_is_open(now):
            return None
        closed = GraphError(131047, "More than 24 hours have passed since the recipient last replied.")
        if self.window_in_status:
            return closed
        raise closed

    def _check_media(self, kind: str, media_id: str) -> None:
        medium = self.media.get(media_id)
        if medium is None:
            raise invalid(f"{media_id} is not a valid whatsapp business account media attachment ID")
        if kind in MEDIA_TYPES and medium.kind != kind:
            raise GraphError(131053, f"A file of type {medium.mime_type} can't be sent as {kind}.")

    def _take_read_mark(self, payload: dict[str, Any]) -> dict[str, Any]:
        if payload.get("messaging_product") != "whatsapp":
            raise GraphError(100, "The parameter messaging_product is required and must be 'whatsapp'.")
        check_read_mark(payload)
        message_id = payload["message_id"]
        found = self.people.find(message_id)
        if found is None and not self._wamids.is_minted(message_id):
            raise invalid(f"Message {message_id} is not known.")
        self.counts["read_marks"] += 1
        if found is not None:
            person, message = found
            if message.moves_to("read"):
                self._tell("update", person, message)
            if "typing_indicator" in payload:
                person.typing_until = self._clock() + TYPING_SECONDS
                self._tell("typing", person, None)
        return {"success": True}

    def _report(self, person: Person, message: Message, late: GraphError | None) -> None:
        """Report the statuses of an accepted message, but those that a fault takes."""
        error = late
        if error is None and self.faults.on:
            fault = self.faults.meets(_FAIL_STATUS, person.key)
            error = GraphError(fault.code, "Simulated failure.") if fault is not None else None
        if error is not None:
            self._report_one(person, message, "failed", error)
            return
        lost = self.faults.meets(_LOSE_STATUSES, person.key) if self.faults.on else None
        for status in self.statuses:
            if lost is None or (lost.statuses and status not in lost.statuses):
                self._report_one(person, message, status, None)

    def _report_one(self, person: Person, message: Message, status: str, error: GraphError | None) -> None:
        if message.moves_to(status):
            message.error = str(error) if error is not None else None
            self._tell("update", person, message)
        told = a_status(person, message, status, self._clock(), error)
        self._notify(person, {"statuses": [told]})

    # A person sends.

    def receive(self, person: Person, incoming: dict[str, Any]) -> Message:
        """Pass on what a person sends: `incoming` as made by `incoming.py`.

        Its own `id`, `timestamp`, `from` and `from_user_id`, if it has any, are kept.
        """
        now = self._clock()
        kind = str(incoming.get("type", "unsupported"))
        told: dict[str, Any] = {"id": self._wamids.mint(), "timestamp": str(int(now))}
        if person.phone is not None:
            told["from"] = person.phone
        if person.user_id is not None:
            told["from_user_id"] = person.user_id
        told |= incoming
        content = incoming.get(kind)
        message = Message(
            sequence=self.people.next_sequence(),
            id=told["id"],
            by="person",
            at=now,
            type=kind,
            content=content,
            reply_to=incoming.get("context", {}).get("id"),
            status="sent",
            extra={key: value for key, value in incoming.items() if key not in _ENVELOPE and key != kind},
        )
        person.last_wrote = now
        self.counts["received"] += 1
        if kind == "reaction" and isinstance(content, dict):
            self._react(person, content)
        self.people.keep(person, message)
        if self.arrivals.on:
            self.arrivals.left(message.id)
        self._tell("message", person, message)
        self._notify(person, {"contacts": [_contact(person)], "messages": [told]}, message)
        return message

    def tell_account(self, subscription: str, value: dict[str, Any]) -> None:
        """Post an update of the account: `subscription` is the webhook's `field`."""
        self.notifier.submit(Update("account", subscription, value))

    # Both.

    def _react(self, person: Person, content: dict[str, Any]) -> None:
        found = self.people.find(str(content.get("message_id", "")))
        if found is not None:
            found[1].reaction = str(content.get("emoji", ""))
            self._tell("update", person, found[1])

    def _notify(self, person: Person, part: dict[str, Any], message: Message | None = None) -> None:
        value = {"messaging_product": "whatsapp", "metadata": self._metadata, **part}
        told = (person, message) if message is not None else None
        self.notifier.submit(Update(person.key, "messages", value, told))

    def _taken(self, update: Update) -> None:
        """The business answered 200: the person's message counts as delivered."""
        person, message = update.message
        if message.moves_to("delivered"):
            self._tell("update", person, message)

    def _tell(self, what: str, person: Person, message: Message | None) -> None:
        person.changed()
        for listener in self.listeners:
            listener(what, person, message)


def _contact(person: Person) -> dict[str, Any]:
    profile = {"name": person.name}
    if person.username is not None:
        profile["username"] = person.username
    contact: dict[str, Any] = {"profile": profile}
    if person.phone is not None:
        contact["wa_id"] = person.phone
    if person.user_id is not None:
        contact["user_id"] = person.user_id
    return contact


def _answer(payload: dict[str, Any], person: Person, message_id: str) -> dict[str, Any]:
    contact: dict[str, Any] = {"input": payload.get("to") or payload.get("recipient")}
    if person.phone is not None:
        contact["wa_id"] = person.phone
    if person.user_id is not None:
        contact["user_id"] = person.user_id
    sent: dict[str, Any] = {"id": message_id}
    if payload.get("type") == "template":
        sent["message_status"] = "accepted"
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}


def _header_media_id(kind: str, content: Any) -> str | None:
    """The id of the picture, film or file above an interactive message."""
    header = content.get("header") if kind == "interactive" else None
    media = header.get(header.get("type")) if header else None
    return media.get("id") if isinstance(media, dict) else None
