"""Commands to the ledger in a chaos run: gifts, transfers, holds and how they end, often twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from consumers.wallet.rules.accounts import ISSUE
from infra.kafka.publisher import Output
from schemas import topics
from schemas.events.wallet import Capture, Command, Hold, Release, Transfer
from schemas.model import EventData
from scripts.benchmarks.records import event

SOURCE = "/consumers/chaos"  # of what a run publishes itself
PEOPLE = 500
GIFT = 1_000_000
TWICE = 0.4


def published(topic: str, key: str, data: EventData) -> Output:
    """An event as a domain would publish it, of this run."""
    return event(topic, key, data, source=SOURCE, origin="chaos")


class Transfers:
    """What people ask of the ledger."""

    def __init__(self, dice: random.Random, commands: dict[UUID, str], counts: Counter[str]) -> None:
        """`commands`: where each is written down, its id and type; `counts`: how many were repeated."""
        self._dice = dice
        self._commands = commands
        self._counts = counts
        self._holds: list[tuple[UUID, str]] = []
        self.people: list[str] = []  # who has a wallet; somebody else looks for them
        self.funded: list[str] = []

    def next(self) -> list[Output]:
        """One command, with its repeats; nothing before two people have money."""
        command, key = self._command()
        return [] if command is None else self.sent(command, key)

    def sent(self, command: Command, key: str) -> list[Output]:
        """A command, perhaps twice: the same record, or the same id under another event."""
        self._commands[command.id] = command.event_type
        found = [published(topics.WALLET_COMMANDS, key, command)]
        if self._dice.random() < TWICE:
            again = found[0] if self._dice.random() < 0.5 else published(topics.WALLET_COMMANDS, key, command)
            found.append(again)
            self._counts["commands repeated"] += 1
        return found

    def _command(self) -> tuple[Command | None, str]:
        dice = self._dice
        more = len(self.funded) < min(len(self.people), PEOPLE)
        if more and (len(self.funded) < 2 or dice.random() < 0.5):
            person = self.people[len(self.funded)]
            self.funded.append(person)
            gift = Transfer(id=uuid4(), debit=ISSUE, credit=person, amount=GIFT, kind="reward")
            return gift, person
        if len(self.funded) < 2:
            return None, ""
        debit, credit = dice.sample(self.funded, 2)
        what = dice.random()
        if what < 0.3 and self._holds:
            hold, key = dice.choice(self._holds)  # perhaps one that has ended: that is refused
            return dice.choice((Capture, Release))(id=uuid4(), hold=hold), key
        if what < 0.5:
            return self._hold(debit, credit), debit
        kind = dice.choice(("charge", "charge", "charge", "send"))  # what is sent is limited, and looked at
        amount = dice.choice((1, 10, 500, 2 * GIFT))  # the last one is too much
        return Transfer(id=uuid4(), debit=debit, credit=credit, amount=amount, kind=kind), debit

    def _hold(self, debit: str, credit: str) -> Hold:
        identity, amount = uuid4(), self._dice.randint(1, 5_000)
        until = datetime.now(UTC) + timedelta(seconds=self._dice.choice((5, 3600)))
        self._holds = [*self._holds[-200:], (identity, debit)]
        kind = self._dice.choice(("order", "order", "ride"))  # of rides a day has its limit
        return Hold(id=identity, debit=debit, credit=credit, amount=amount, kind=kind, expires_at=until)
