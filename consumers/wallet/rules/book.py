"""The part of the ledger that a chunk is about, in memory: what was read, and what was decided since."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from consumers.wallet.rules.accounts import Account, Name
from consumers.wallet.rules.limits import Sent


class Movement(NamedTuple):
    """One transfer, in the order of the table's columns, and who is behind its accounts."""

    command: UUID
    part: int
    debit: int
    credit: int
    amount: int
    kind: str
    at: datetime
    currency: str
    debit_owner: str
    credit_owner: str


class Held(NamedTuple):
    """One hold as it was made. That it ended is told by the command that ended it."""

    id: UUID
    debit: int
    credit: str  # the owner
    amount: int
    currency: str
    kind: str
    expires_at: datetime
    at: datetime
    origin: str  # who asked for it, and hears of its end
    key: str


class Known(NamedTuple):
    """A command that was decided before, as it is kept, in the order of the table's columns."""

    id: UUID
    type: str
    origin: str
    content: str
    reason: str | None  # why it was refused; None: it was carried out
    answer: str
    resolves: UUID | None
    at: datetime


class Resolution(NamedTuple):
    """What ended a hold, a redemption or a cash-out, or undid a command."""

    by: UUID
    type: str


@dataclass(slots=True)
class Book:
    """Every account, hold and command that this chunk may touch."""

    ids: dict[Name, int] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    holds: dict[UUID, Held] = field(default_factory=dict)
    commands: dict[UUID, Known] = field(default_factory=dict)
    resolutions: dict[UUID, Resolution] = field(default_factory=dict)
    movements: dict[UUID, list[Movement]] = field(default_factory=lambda: defaultdict(list))
    sent: dict[int, list[Sent]] = field(default_factory=lambda: defaultdict(list))
    ridden: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # tokens, for the limits
    run_by: dict[str, str] = field(default_factory=dict)  # businesses, and the persons who run them

    def take_in(self, account: Account) -> None:
        """Know an account from now on."""
        self.accounts[account.id] = account
        self.ids[(account.owner, account.currency)] = account.id
