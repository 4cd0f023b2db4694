"""How an attempt to send ended, as values."""

from __future__ import annotations

from dataclasses import dataclass

from infra.whatsapp.errors import Refusal


@dataclass(frozen=True, slots=True)
class Accepted:
    """Meta took it; statuses will tell what becomes of it."""

    wamid: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Meta answered that it does not take it."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Unreached:
    """The request surely never got there: no connection, no name, no certificate."""

    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """Not even tried: the circuit is open, or the number's rate is used up. Nobody is at fault."""

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody knows: the request went out and no clear answer came back."""

    reason: str


Outcome = Accepted | Refused | Unreached | Held | Unanswered
