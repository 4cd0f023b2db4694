"""What a handler is given: the turn, the event at hand, and where the person stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from consumers.decision import Reject
from schemas.content import LocationShared, MediaSent, OtherSent, Tapped, TextSaid
from schemas.envelope import Envelope
from schemas.events.conversation import TurnRouted
from schemas.ids import uuid5_from

Said = TextSaid | Tapped | LocationShared | MediaSent | OtherSent


@dataclass(slots=True)
class Conversation:
    """Where one person stands with one domain, read under its lock."""

    person: str
    step: str | None = None
    data: dict[str, Any] = field(default_factory=dict)
    turn: int = 0  # the latest turn that took effect here
    locale: str = "en"
    contact: str | None = None
    heard_at: datetime | None = None


@dataclass(slots=True, frozen=True)
class Context:
    """The event at hand, besides its data."""

    event: Envelope
    now: datetime
    person: str
    conversation: Conversation
    key: bytes | None = None

    def new_id(self, name: str) -> UUID:
        """An id for something this event brings about: the same on every try."""
        return uuid5_from(self.event.id.bytes, name.encode())


@dataclass(slots=True, frozen=True)
class Turn:
    """One turn of a conversation: what the person said, and where they stood when they said it."""

    routed: TurnRouted
    now: datetime
    conversation: Conversation
    event: Envelope
    argument: str = ""  # of a tap: `<domain>:<action>:<argument>`

    @property
    def person(self) -> str:
        """Who speaks: our permanent id."""
        return self.routed.person

    @property
    def number(self) -> int:
        """Counts the person's turns, over all domains."""
        return self.routed.turn

    @property
    def said(self) -> Said:
        """What was sent."""
        return self.routed.said

    @property
    def locale(self) -> str:
        """The person's language."""
        return self.routed.locale

    @property
    def step(self) -> str | None:
        """The step the conversation is at."""
        return self.conversation.step

    @property
    def data(self) -> Mapping[str, Any]:
        """What was answered at earlier steps: JSON values."""
        return self.conversation.data

    @property
    def text(self) -> str:
        """The words of the turn, stripped; empty where it has none."""
        said = self.said
        if isinstance(said, TextSaid):
            return said.body.strip()
        return said.title if isinstance(said, Tapped) else ""

    @property
    def location(self) -> LocationShared:
        """The shared location. Only for handlers that expect one."""
        said = self.said
        if not isinstance(said, LocationShared):
            raise Reject(f"a location was expected, not {said.kind}")
        return said

    def new_id(self, name: str) -> UUID:
        """An id for something this turn brings about: the same on every try."""
        return uuid5_from(self.event.id.bytes, name.encode())
