"""The rules against the model: any order of commands, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import settings

from consumers.wallet.rules.accounts import Account
from consumers.wallet.rules.book import Book
from consumers.wallet.rules.chain import Entry, link, microseconds
from consumers.wallet.rules.deciding import decide, expire
from schemas.events.wallet import Command, ExpireHold
from tests.unit.wallet.ledger_machine import START, Answer, LedgerMachine
from tests.unit.wallet.ledger_model import OURS, PEOPLE


class RulesMachine(LedgerMachine):
    """The ledger is a book that is never written down."""

    def __init__(self) -> None:
        super().__init__()
        self.book = Book()
        self.entries: dict[int, list[Entry]] = {}
        for number, owner in enumerate(PEOPLE + OURS, 1):
            self.book.take_in(Account(number, owner, "TOK", START))
            self.entries[number] = []

    def answers(self, commands: Sequence[Command | ExpireHold]) -> list[Answer]:
        found: list[Answer] = []
        for command in commands:
            if isinstance(command, ExpireHold):
                outcome = expire(self.book, command.hold, self.now)
            else:
                outcome = decide(self.book, command, self.now, origin="tests", key="key")
            found.append(outcome.answer if outcome else None)
            for entry in outcome.attempt.entries if outcome and outcome.attempt else ():
                self.entries[entry.account].append(entry)
        return found

    def standings(self) -> dict[str, tuple[int, int]]:
        return {a.owner: (a.balance, a.held) for a in self.book.accounts.values()}

    def check(self) -> None:
        """Every account is the sum of its entries, and its chain holds."""
        for number, entries in self.entries.items():
            account = self.book.accounts[number]
            assert account.balance == sum(entry.amount for entry in entries)
            assert account.held == sum(entry.held for entry in entries)
            head = b""
            for entry in entries:
                head = link(head, (*entry[:9], microseconds(entry.at)))
            assert account.head == head


TestRules = RulesMachine.TestCase
TestRules.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
