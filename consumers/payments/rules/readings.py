"""What a notification says of a payment, whoever sent it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

# All ways of MoMo share their numbers: one transfer may be told by the gateway, by SMS and by MTN itself.
MOMO, STRIPE, PAYPAL = "momo", "stripe", "paypal"
REVERSAL = "reversal"  # the provider takes back what it gave
TAKING_BACK_REFUSED = "taking_back_refused"  # and the wallet cannot: the tokens are spent
OF_ANOTHER = "of_another"  # its provider names somebody else than whom it was credited to
KEPT = "kept"  # nevertheless, as a person says
TAKEN_BACK = frozenset((REVERSAL, TAKING_BACK_REFUSED, OF_ANOTHER))
UNREADABLE = "unreadable"
AMOUNT_RWF_LIMIT = 10_000_000  # schemas/events/payments.py; more is for a person to look at


def tail_of(number: str) -> str:
    """The digits that are known of a number: those after what is masked with `*` or `x`, twelve at most."""
    shown = re.split(r"[*xX]", number)[-1]
    return re.sub(r"[^0-9]", "", shown)[-12:]


@dataclass(frozen=True, slots=True)
class Payer:
    """What is known of who paid."""

    name: str = ""
    tail: str = ""  # the last three digits of the number, or more of them


NOBODY = Payer()


@dataclass(frozen=True, slots=True)
class Received:
    """Money came in. `amount_rwf` is None where it is told in another currency, or not as a sum of money."""

    scheme: str
    transaction: str
    amount_rwf: int | None
    trouble: str = ""  # why no amount: wrong_currency, wrong_amount or unreadable
    payer: Payer = NOBODY
    paid_at: datetime | None = None
    request: UUID | None = None  # what it pays for, where the provider hands our id back
    also: tuple[str, ...] = ()  # its other names: MTN tells of it by one, the gateway by another


@dataclass(frozen=True, slots=True)
class Failed:
    """The provider said no."""

    scheme: str
    transaction: str
    reason: str
    amount_rwf: int | None = None
    request: UUID | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pending:
    """The provider has not decided."""

    scheme: str
    transaction: str
    amount_rwf: int | None = None
    request: UUID | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """No money of a payer's; `kind` says what it is instead."""

    kind: str
    transaction: str = ""
    amount_rwf: int | None = None


Reading = Received | Failed | Pending | Ignored
