"""What happened on one account: its lines with the balance after each, the other side, and what for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

FIND_ACCOUNTS = """
SELECT a.id, a.owner, a.currency, a.shard, a.balance, a.held, a.entries, a.opened_at, j.owner AS joined_into
FROM wallet.accounts AS a LEFT JOIN wallet.accounts AS j ON j.id = a.joined_into
WHERE a.owner = $1 OR a.id = $2 ORDER BY a.currency DESC, a.shard"""

FIND_LINES = """
SELECT e.account, e.number, e.at, e.status, e.amount, e.held, e.balance_after, e.held_after, e.command,
    e.part, coalesce(t.kind, h.kind, ended.kind) AS kind, other.owner AS other_side, c.origin, c.type,
    c.content
FROM unnest($1::bigint[]) AS wanted (account)
CROSS JOIN LATERAL (
    SELECT * FROM wallet.entries WHERE account = wanted.account AND ($3::timestamptz IS NULL OR at >= $3)
    ORDER BY number DESC LIMIT $2
) AS e
LEFT JOIN wallet.transfers AS t ON t.command = e.command AND t.part = e.part
LEFT JOIN wallet.accounts AS other ON other.id = CASE WHEN t.debit = e.account THEN t.credit ELSE t.debit END
LEFT JOIN wallet.commands AS c ON c.id = e.command
LEFT JOIN wallet.holds AS h ON h.id = e.command AND e.status = 'held'
LEFT JOIN wallet.holds AS ended ON ended.id = c.resolves
ORDER BY e.at DESC, e.account, e.number DESC LIMIT $2"""


class NoSuchAccount(Exception):
    """Nobody of that name has an account; the message says so."""


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as it stands."""

    id: int
    owner: str
    currency: str
    shard: int
    balance: int
    held: int
    entries: int
    opened_at: datetime
    joined_into: str | None  # the person who took it over


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, and what it belongs to."""

    account: int
    number: int
    at: datetime
    status: str
    amount: int
    held: int
    balance_after: int
    held_after: int
    command: UUID
    part: int
    kind: str | None
    other_side: str | None
    origin: str | None
    type: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Statement:
    """An owner's accounts, and their latest lines, the oldest first."""

    accounts: list[Standing]
    lines: list[Line]


async def statement(
    connection: asyncpg.Connection[Any], account: str, limit: int, since: datetime | None = None
) -> Statement:
    """Of a person, of one of our own accounts, or of one account by its number. Raises NoSuchAccount."""
    number = int(account) if account.isascii() and account.isdigit() and len(account) < 19 else None
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        accounts = [Standing(*row) for row in await connection.fetch(FIND_ACCOUNTS, account, number)]
        if not accounts:
            raise NoSuchAccount(
                f"There is no account of {account}. Name a person's id (`easymo trace` shows it), "
                "an account's number, or one of the ledger's own, such as system:fees."
            )
        rows = await connection.fetch(FIND_LINES, [each.id for each in accounts], limit, since)
    return Statement(accounts, [_line(row) for row in reversed(rows)])


def _line(row: Any) -> Line:
    fields = dict(row)
    content = orjson.loads(fields.pop("content") or "{}")
    note = "".join(letter for letter in content.get("note", "") if letter.isprintable())
    return Line(**fields, note=note)
