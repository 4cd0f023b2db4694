"""What payments need of a provider that is called, and how a call ends, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Order:
    """A payment to ask for, or to make. Its id was stored before the call, and is the provider's key, too."""

    id: UUID
    amount_rwf: int
    phone: str | None = None  # digits only
    note: str = ""
    # When it was written down, and until when it is to be paid, where the provider lets us say. Both are
    # stored: the same order again is the same to the byte.
    made_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider will tell, or can be asked, what becomes of it. `url`: where the payer pays."""

    url: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider answered that it does not take it; nothing was or will be moved."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreached:
    """The request surely never got there."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody knows: it went out, and no clear answer came back."""

    reason: str


class State(StrEnum):
    """Where an order stands with the provider."""

    UNKNOWN = "unknown"  # it has never heard of it
    PENDING = "pending"
    SUCCESSFUL = "successful"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the provider says of an order."""

    state: State
    transaction: str = ""  # its own number of the payment
    amount: str = ""
    currency: str = ""
    reason: str = ""
    phone: str = ""


Outcome = Taken | Refused | Unreached | Unanswered
Answer = Standing | Unreached | Unanswered


class Provider(Protocol):
    """A provider of one kind of payment. Neither method raises for what the provider or the network does."""

    async def order(self, order: Order) -> Outcome:
        """Ask for it. The same id again is the same order, however often."""

    async def look(self, order_id: UUID) -> Answer:
        """What became of it."""


@dataclass(frozen=True, slots=True)
class Providers:
    """Those of this installation; None: not switched on."""

    collect: Provider | None = None  # MTN asks the payer on their phone
    link: Provider | None = None  # Stripe's page, where the payer pays by card
    pay_out: Provider | None = None  # MTN pays
