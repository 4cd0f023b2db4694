"""What a ledger has to be, told once more and as simply as can be: sums in dictionaries, and no chain.

The state machines compare it with the rules, and with the database, after every step.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

PEOPLE = ("aline", "eric", "carine", "diane")
OURS = ("system:issue", "system:rides")


@dataclass
class Model:
    """Tokens only."""

    balances: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    open_holds: dict[UUID, tuple[str, str, int]] = field(default_factory=dict)
    ended: set[UUID] = field(default_factory=set)

    def held(self, person: str) -> int:
        """What is reserved of somebody's tokens."""
        return sum(amount for debit, _, amount in self.open_holds.values() if debit == person)

    def can_pay(self, person: str, amount: int) -> bool:
        """Whether somebody has so much; we ourselves always have."""
        return person.startswith("system:") or self.balances[person] - self.held(person) >= amount

    def move(self, debit: str, credit: str, amount: int) -> bool:
        """Whether it moved."""
        if amount <= 0 or debit == credit or not self.can_pay(debit, amount):
            return False
        self.balances[debit] -= amount
        self.balances[credit] += amount
        return True

    def hold(self, hold: UUID, debit: str, credit: str, amount: int) -> bool:
        """Whether it is held."""
        if amount <= 0 or debit == credit or not self.can_pay(debit, amount):
            return False
        self.open_holds[hold] = (debit, credit, amount)
        return True

    def capture(self, hold: UUID, amount: int) -> bool:
        """Whether it was taken."""
        if hold not in self.open_holds or not 0 < amount <= self.open_holds[hold][2]:
            return False
        debit, credit, _ = self.end(hold)
        self.balances[debit] -= amount
        self.balances[credit] += amount
        return True

    def release(self, hold: UUID) -> bool:
        """Whether it was free again."""
        if hold not in self.open_holds:
            return False
        self.end(hold)
        return True

    def end(self, hold: UUID) -> tuple[str, str, int]:
        """No hold ends twice."""
        assert hold not in self.ended
        self.ended.add(hold)
        return self.open_holds.pop(hold)

    def copy(self) -> Model:
        """For linked commands: as it was before them."""
        return Model(defaultdict(int, self.balances), dict(self.open_holds), set(self.ended))
