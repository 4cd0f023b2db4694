"""The ledger of one transaction: read ahead for the chunk, decided in memory, written in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from consumers.domain import Store
from consumers.wallet.rules import deciding
from consumers.wallet.rules.attempt import Attempt
from consumers.wallet.rules.book import Book
from consumers.wallet.rules.deciding import Outcome
from consumers.wallet.rules.reach import Reach
from consumers.wallet.store.reading import read_book
from consumers.wallet.store.statements import (
    ADD_COMMAND,
    ADD_ENTRY,
    ADD_HOLD,
    ADD_TRANSFER,
    JOIN_ACCOUNT,
    OPEN_SEEN,
    SAVE_ACCOUNT,
)
from infra.postgres.session import BulkError, Session
from schemas.envelope import Envelope
from schemas.events.core import PersonsJoined
from schemas.events.wallet import Command


class LedgerStore(Store):
    """All of the ledger's tables."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._book = Book()
        self._reach = Reach()
        self._mark = 0

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """Lock and read whatever the chunk's commands, timers and joins may touch."""
        reach = self._reach
        for _, data, _ in events:
            reach.add(data)
        if reach.commands or reach.holds or reach.names:
            self._book = await read_book(self.session, reach, datetime.now(UTC))

    def carry_out(self, command: Command, now: datetime, *, origin: str, key: str) -> Outcome:
        """Decide about a command of this chunk, and buffer what follows.

        Raises LookupError for one that was not read ahead: it would be refused for want of accounts.
        """
        if command.id not in self._reach.commands:
            raise LookupError("the command was not read ahead")
        self._check_nothing_was_undone()
        return self._write(deciding.decide(self._book, command, now, origin=origin, key=key))

    def expire(self, hold: UUID, now: datetime) -> Outcome | None:
        """End a hold whose time is over, unless it ended before. Raises LookupError as above."""
        if hold not in self._reach.holds:
            raise LookupError("the hold was not read ahead")
        self._check_nothing_was_undone()
        outcome = deciding.expire(self._book, hold, now)
        return None if outcome is None else self._write(outcome)

    def join(self, identity: UUID, joined: PersonsJoined, now: datetime) -> Outcome | None:
        """Give all that belongs to one person to another."""
        self._check_nothing_was_undone()
        outcome = deciding.join(
            self._book,
            identity,
            folded=joined.folded,
            kept=joined.kept,
            content=joined.write().decode(),
            now=now,
        )
        return None if outcome is None else self._write(outcome)

    def open(self, person: str, at: datetime) -> None:
        """Open the account of somebody who wrote to us, if they have none."""
        self.session.write(OPEN_SEEN, person, at)

    def _write(self, outcome: Outcome) -> Outcome:
        attempt = outcome.attempt
        if attempt is not None:
            self._write_rows(attempt)
        return outcome

    def _write_rows(self, attempt: Attempt) -> None:
        session = self.session
        session.write_many(ADD_COMMAND, attempt.commands.values())
        session.write_many(ADD_TRANSFER, [movement[:7] for movement in attempt.movements])
        session.write_many(ADD_ENTRY, attempt.entries)
        session.write_many(ADD_HOLD, attempt.holds.values())
        changed = attempt.changed_by(attempt.entries)
        session.write_many(SAVE_ACCOUNT, [(a.id, a.balance, a.held, a.entries, a.head) for a in changed])
        for number in attempt.joined:
            account = attempt.accounts[number]
            session.write(JOIN_ACCOUNT, account.id, account.joined_into, account.opened_at)
        self._mark = session.mark()

    def _check_nothing_was_undone(self) -> None:
        """The book in memory has no undoing. Nothing that fails comes after it was changed; should it, the
        chunk is halved until whatever fails stands alone."""
        if self.session.mark() < self._mark:
            raise BulkError("a command failed after it had been decided")
