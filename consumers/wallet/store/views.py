"""What a person sees of the ledger, read without locks: words only. Whether it can be done, commands say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from consumers.domain import Store
from consumers.wallet.rules.accounts import TOK
from consumers.wallet.rules.book import Known
from consumers.wallet.rules.limits import REMEMBERED, Sent
from consumers.wallet.store.statements import FIND_COMMANDS, FIND_SENT

NEWEST = 2**62  # a number that no entry has yet

FIND_STANDING = """
SELECT id, balance, held FROM accounts WHERE owner = $1 AND currency = $2 AND shard = 0"""

FIND_LINES = """
SELECT e.number, e.at, e.amount, t.kind,
    (SELECT owner FROM accounts WHERE id = CASE WHEN t.debit = e.account THEN t.credit ELSE t.debit END)
FROM accounts AS a
JOIN entries AS e ON e.account = a.id
JOIN transfers AS t ON t.command = e.command AND t.part = e.part
WHERE a.owner = $1 AND a.currency = 'TOK' AND a.shard = 0 AND e.number < $2 AND e.amount <> 0
ORDER BY e.number DESC LIMIT $3"""

FIND_RECIPIENTS = """
SELECT c.owner FROM transfers AS t JOIN accounts AS c ON c.id = t.credit
WHERE t.kind = 'send' AND t.debit = (SELECT id FROM accounts
    WHERE owner = $1 AND currency = 'TOK' AND shard = 0) AND t.at > $2
GROUP BY c.owner ORDER BY max(t.at) DESC LIMIT $3"""
RECENT = timedelta(days=90)

FIND_TAKINGS = """
SELECT count(*), coalesce(sum(e.amount), 0)::bigint
FROM accounts AS a JOIN entries AS e ON e.account = a.id
WHERE a.owner = $1 AND a.currency = 'TOK' AND a.shard = 0 AND e.at >= $2 AND e.amount > 0"""


@dataclass(slots=True, frozen=True)
class Standing:
    """A person's tokens; without an account, none."""

    account: int | None = None
    balance: int = 0
    held: int = 0

    @property
    def available(self) -> int:
        """What can be spent."""
        return self.balance - self.held


@dataclass(slots=True, frozen=True)
class Line:
    """One movement of a person's tokens; `amount` is negative where they went."""

    number: int
    at: datetime
    amount: int
    kind: str
    other: str


class AccountViews(Store):
    """Reads the ledger for one person at a time."""

    async def standing(self, owner: str) -> Standing:
        """The balance as it is now."""
        row = await self.session.fetch_row(FIND_STANDING, owner, TOK)
        return Standing() if row is None else Standing(*row)

    async def lines(self, owner: str, limit: int, before: int = NEWEST) -> list[Line]:
        """The latest movements before the entry of a number."""
        return [Line(*row) for row in await self.session.fetch(FIND_LINES, owner, before, limit)]

    async def sent(self, account: int | None, now: datetime) -> list[Sent]:
        """What an account sent lately, as the limits look at it."""
        if account is None:
            return []
        rows = await self.session.fetch(FIND_SENT, [account], now - REMEMBERED)
        return [Sent(row["recipient"], row["amount"], row["at"]) for row in rows]

    async def recipients(self, owner: str, now: datetime, limit: int) -> list[str]:
        """To whom somebody sent lately, the last first."""
        rows = await self.session.fetch(FIND_RECIPIENTS, owner, now - RECENT, limit)
        return [row["owner"] for row in rows]

    async def takings(self, owner: str, since: datetime) -> tuple[int, int]:
        """How often and how much came in."""
        row = await self.session.fetch_row(FIND_TAKINGS, owner, since)
        return (int(row[0]), int(row[1])) if row else (0, 0)

    async def decided(self, command: UUID) -> Known | None:
        """A command that was carried out or refused."""
        row = await self.session.fetch_row(FIND_COMMANDS, [command])
        return None if row is None else Known(*row)
