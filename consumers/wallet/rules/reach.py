"""What a command may touch: known before it is decided, so that all of a chunk is locked and read at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from consumers.wallet.rules import accounts, prices
from consumers.wallet.rules.accounts import CURRENCIES, RWF, SYSTEM_OWNERS, TOK, Name, is_system
from consumers.wallet.rules.limits import SEND
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
        elif isinstance(data, Transfer | Hold):
            self._add_pair(data)
        elif isinstance(data, Capture | Release | ExpireHold):
            self.holds.add(data.hold)
        elif isinstance(data, Settle | Reverse):
            self.undone.add(data.of)
            if isinstance(data, Settle):
                self.names.add((accounts.clearing(data.provider), RWF))
        elif isinstance(data, PersonsJoined):
            self._open((person, currency) for person in (data.kept, data.folded) for currency in CURRENCIES)
        else:
            self._add_business(data)

    def _add_pair(self, data: Transfer | Hold) -> None:
        debit, credit = (data.debit, data.currency), (data.credit, data.currency)
        self.names |= {debit, credit}
        if isinstance(data, Transfer):
            if is_system(data.debit):
                self._open([credit])
            elif data.kind == SEND:
                self.senders.add(debit)

    def _add_business(self, data: EventData) -> None:
        if isinstance(data, CreditPayment):
            self.names |= {
                (accounts.clearing(data.provider), RWF),
                (accounts.SALES, RWF),
                (accounts.ISSUE, TOK),
            }
            self._open([(data.credit, data.into)])
        elif isinstance(data, CashOut):
            self.names |= {
                (data.debit, TOK),
                (accounts.ISSUE, TOK),
                (accounts.FEES, TOK),
                (accounts.SALES, RWF),
                (accounts.CASH_OUT, RWF),
            }
        elif isinstance(data, Redeem):
            self.names |= {(data.debit, TOK), (accounts.ISSUE, TOK), (accounts.PROMOTIONS, RWF)}
            if data.reward in prices.REWARDS:
                self.names.add((prices.REWARDS[data.reward].owed_by, RWF))

    def _open(self, names: Iterable[Name]) -> None:
        """Money that comes from us is never refused for want of an account."""
        for name in names:
            self.names.add(name)
            if name[1] in CURRENCIES and not is_system(name[0]):
                self.opens.add(name)
