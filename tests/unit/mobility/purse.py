"""The wallet as mobility knows it: commands in, answers out, decided by the ledger's own rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from consumers.wallet.rules import deciding
from consumers.wallet.rules.accounts import SYSTEM_OWNERS, TOK, Account
from consumers.wallet.rules.book import Book
from schemas.events.wallet import Command, Posted, Refused


class Purse:
    """A ledger in memory."""

    def __init__(self, now: datetime, **tokens: int) -> None:
        self.book = Book()
        opened_at = now - timedelta(days=30)  # a young wallet pays less
        for number, owner in enumerate((*tokens, *sorted(SYSTEM_OWNERS))):
            self.book.take_in(Account(number, owner, TOK, opened_at, balance=tokens.get(owner, 0)))

    def carry_out(self, command: Command, now: datetime, key: str) -> Posted | Refused:
        """The wallet's answer."""
        return deciding.decide(self.book, command, now, origin="mobility", key=key).answer

    def expire(self, hold: UUID, now: datetime) -> Posted | Refused | None:
        """The hold's time is over."""
        outcome = deciding.expire(self.book, hold, now)
        return outcome.answer if outcome else None

    def top_up(self, owner: str, tokens: int) -> None:
        """Money came in."""
        self.account(owner).balance += tokens

    def account(self, owner: str) -> Account:
        """Somebody's account as it stands."""
        return self.book.accounts[self.book.ids[owner, TOK]]
