"""Events between core, which knows who talks to a person, and the domains, which do."""

from __future__ import annotations

from typing import ClassVar

from pydantic import AwareDatetime, Field

from schemas.content import Content, Said
from schemas.model import EventData


class TurnRouted(EventData):
    """A person's turn, for one domain."""

    event_type: ClassVar[str] = "conversation.turn_routed.v1"

    person: str
    contact: str
    turn: int = Field(ge=1, description="counts the person's turns, over all domains")
    said: Said
    at: AwareDatetime = Field(description="Meta's timestamp")
    wamid: str
    intent: str | None = Field(default=None, description="what to start; none: go on")
    locale: str = "en"
    country: str = Field(default="RW", description="ISO 3166 alpha-2, from the phone number")
    name: str | None = Field(default=None, description="how the person calls themselves")
    phone: str | None = Field(default=None, description="digits only")


class Leave(EventData):
    """The person has left the domain's conversation (a guard, or another domain's row)."""

    event_type: ClassVar[str] = "conversation.leave.v1"

    person: str
    turn: int


class Ended(EventData):
    """A domain's conversation with a person is over."""

    event_type: ClassVar[str] = "conversation.ended.v1"

    person: str
    turn: int
    domain: str


class Unclaimed(EventData):
    """A domain can make nothing of a turn: core routes it again, without that domain.

    When nobody else wants it either, `otherwise` is what the domain would have the person hear; the
    conversation with the domain then goes on.
    """

    event_type: ClassVar[str] = "conversation.unclaimed.v1"

    domain: str
    routed: TurnRouted
    otherwise: Content | None = None
