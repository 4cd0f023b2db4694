"""The names of timers, and what comes with them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from consumers.domain import Schedule
from schemas.model import EventData


class RequestLapsed(EventData):
    """A timer: a request's time is over."""

    event_type: ClassVar[str] = "payments.request_lapsed.v1"

    request: UUID


class LookUpRequest(EventData):
    """A timer: ask the provider what became of a request."""

    event_type: ClassVar[str] = "payments.look_up_request.v1"

    request: UUID
    look: int = Field(description="the how-manieth look it is")


class LookUpPayOut(EventData):
    """A timer: ask the provider what became of a payment out."""

    event_type: ClassVar[str] = "payments.look_up_pay_out.v1"

    pay_out: UUID
    look: int = Field(description="the how-manieth look it is")


def lapse_name(request: UUID) -> str:
    """Ends a request."""
    return f"lapse:{request}"


def look_name(subject: UUID) -> str:
    """Looks after a request or a payment out at the provider."""
    return f"look:{subject}"


def of(request: UUID) -> tuple[str, ...]:
    """All timers of a request."""
    return lapse_name(request), look_name(request)


def of_paid(request: UUID, *, method: str, provider: str) -> tuple[str, ...]:
    """Those that end with a payment. Who was asked at MTN and paid in another way may pay there, too: that
    is looked after on."""
    return (lapse_name(request),) if method == "mtn" != provider else of(request)


def lapse(request: UUID, due: datetime) -> Schedule:
    """The end of a request."""
    return Schedule(lapse_name(request), due, RequestLapsed(request=request), key=str(request))
