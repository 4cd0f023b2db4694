"""What a command may touch: known before it is decided, so that all of a chunk is locked and read at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from consumers.wallet.rules import accounts, prices
from consumers.wallet.rules.accounts import CURRENCIES, RWF, SYSTEM_OWNERS, TOK, Name, is_system
from consumers.wallet.rules.limits import RIDE, SEND
from schemas.events.core import PersonsJoined
from schemas.events.wallet import (
    Capture,
    CashOut,
    Command,
    CreditPayment,
    ExpireHold,
    Hold,
    Linked,
    Redeem,
    Release,
    Reverse,
    Settle,
    Transfer,
)
from schemas.model import EventData


@dataclass(slots=True)
class Reach:
    """What all commands of a chunk may touch together."""

    commands: set[UUID] = field(default_factory=set)  # their own ids
    holds: set[UUID] = field(default_factory=set)
    undone: set[UUID] = field(default_factory=set)  # commands that others settle or reverse
    names: set[Name] = field(default_factory=set)
    opens: set[Name] = field(default_factory=set)  # opened where they do not exist
    senders: set[Name] = field(default_factory=set)  # whose limits are looked at
    riders: set[Name] = field(default_factory=set)  # and those of rides

    def persons(self) -> list[Name]:
        """The persons' accounts among them."""
        return [name for name in self.names if name[1] in CURRENCIES and not is_system(name[0])]

    def systems(self) -> list[Name]:
        """Our own accounts among them, sorted."""
        return sorted(name for name in self.names if name[1] in CURRENCIES and name[0] in SYSTEM_OWNERS)

    def add(self, data: EventData) -> None:
        """And what this event may touch."""
        if isinstance(data, Command):
            self.commands.add(data.id)
        if isinstance(data, Linked):
            for step in data.commands:
                self.add(step)
        elif (adding := _ADDING.get(type(data))) is not None:
            adding(self, data)

    def _add_transfer(self, data: Transfer) -> None:
        self._add_pair(data)
        if is_system(data.debit):
            self._open([(data.credit, data.currency)])
        elif data.kind == SEND:
            self.senders.add((data.debit, data.currency))

    def _add_pair(self, data: Transfer | Hold) -> None:
        self.names.add((data.debit, data.currency))
        self.names.add((data.credit, data.currency))
        if data.kind == RIDE and not is_system(data.debit):
            self.riders.add((data.debit, data.currency))

    def _add_hold(self, data: Capture | Release | ExpireHold) -> None:
        self.holds.add(data.hold)

    def _add_settle(self, data: Settle) -> None:
        self.undone.add(data.of)
        self.names.add((accounts.clearing(data.provider), RWF))

    def _add_reverse(self, data: Reverse) -> None:
        self.undone.add(data.of)

    def _add_joined(self, data: PersonsJoined) -> None:
        self._open((person, currency) for person in (data.kept, data.folded) for currency in CURRENCIES)
        both = {(data.kept, TOK), (data.folded, TOK)}  # what one sent counts for the other
        self.senders |= both
        self.riders |= both

    def _add_payment(self, data: CreditPayment) -> None:
        self.names |= {(accounts.clearing(data.provider), RWF), (accounts.SALES, RWF), (accounts.ISSUE, TOK)}
        self._open([(data.credit, data.into)])

    def _add_cash_out(self, data: CashOut) -> None:
        self.names |= {
            (data.debit, TOK),
            (accounts.ISSUE, TOK),
            (accounts.FEES, TOK),
            (accounts.SALES, RWF),
            (accounts.CASH_OUT, RWF),
        }

    def _add_redeem(self, data: Redeem) -> None:
        self.names |= {(data.debit, TOK), (accounts.ISSUE, TOK), (accounts.PROMOTIONS, RWF)}
        if data.reward in prices.REWARDS:
            self.names.add((prices.REWARDS[data.reward].owed_by, RWF))

    def _open(self, names: Iterable[Name]) -> None:
        """Money that comes from us is never refused for want of an account."""
        for name in names:
            self.names.add(name)
            if name[1] in CURRENCIES and not is_system(name[0]):
                self.opens.add(name)


_ADDING: dict[type, Callable[[Reach, Any], None]] = {
    Transfer: Reach._add_transfer,
    Hold: Reach._add_pair,
    Capture: Reach._add_hold,
    Release: Reach._add_hold,
    ExpireHold: Reach._add_hold,
    Settle: Reach._add_settle,
    Reverse: Reach._add_reverse,
    PersonsJoined: Reach._add_joined,
    CreditPayment: Reach._add_payment,
    CashOut: Reach._add_cash_out,
    Redeem: Reach._add_redeem,
}
