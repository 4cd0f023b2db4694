"""Payments out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from consumers.domain import Store
from infra.postgres.session import BulkWrite
from schemas.events.payments import PayOut

_COLUMNS = "id, person, of, amount_rwf, phone, state, called, asked_at, called_at, version"

FIND = f"SELECT {_COLUMNS} FROM pay_out WHERE id = $1"  # noqa: S608 - constants only
FIND_OWED = f"""
SELECT {_COLUMNS} FROM pay_out WHERE id = $1
UNION SELECT {_COLUMNS} FROM pay_out WHERE of = $2"""  # noqa: S608 - constants only

FIND_PAID = f"SELECT {_COLUMNS} FROM pay_out WHERE transaction <> '' AND transaction = $1 LIMIT 1"  # noqa: S608

ADD = BulkWrite(
    """INSERT INTO pay_out (id, person, of, amount_rwf, phone, asked_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::int[], $5::text[], $6::timestamptz[])""",
    key=1,
    duplicate_is_conflict=True,
)
CALL = BulkWrite(
    """UPDATE pay_out AS p SET called = true, called_at = u.at, version = p.version + 1
    FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS u (id, expected, at)
    WHERE p.id = u.id AND p.version = u.expected AND p.state = 'asked'""",
    key=1,
    all_or_conflict=True,
)
MOVE = BulkWrite(
    """UPDATE pay_out AS p SET state = u.state, reason = u.reason, transaction = u.transaction,
        version = p.version + 1
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[])
        AS u (id, expected, state, reason, transaction)
    WHERE p.id = u.id AND p.version = u.expected""",
    key=1,
    all_or_conflict=True,
)


@dataclass(frozen=True, slots=True)
class PayOutRow:
    """One payment out."""

    id: UUID
    person: str
    of: UUID
    amount_rwf: int
    phone: str
    state: str
    called: bool
    asked_at: datetime
    called_at: datetime | None
    version: int


class PayOutStore(Store):
    """Reads and writes payments out."""

    async def find(self, pay_out: UUID) -> PayOutRow | None:
        """One of them."""
        return _row(await self.session.fetch_row(FIND, pay_out))

    async def find_owed(self, pay_out: UUID, of: UUID) -> PayOutRow | None:
        """The one of this id, or the one for the same command of the wallet."""
        return _row(await self.session.fetch_row(FIND_OWED, pay_out, of))

    async def find_paid(self, transaction: str) -> PayOutRow | None:
        """The one that was paid by MTN's payment of this number."""
        return _row(await self.session.fetch_row(FIND_PAID, transaction))

    def add(self, wish: PayOut, at: datetime) -> None:
        """Write a new one down."""
        self.session.write(ADD, wish.id, wish.person, wish.of, wish.amount_rwf, wish.phone, at)

    def call(self, row: PayOutRow, at: datetime) -> None:
        """The provider is about to be told, unless it is over meanwhile; then look again."""
        self.session.write(CALL, row.id, row.version, at)

    def move(self, row: PayOutRow, state: str, *, reason: str = "", transaction: str = "") -> None:
        """It is paid, or failed; whoever comes second looks again."""
        self.session.write(MOVE, row.id, row.version, state, reason, transaction)


def _row(row: asyncpg.Record | None) -> PayOutRow | None:
    return None if row is None else PayOutRow(**dict(row))
