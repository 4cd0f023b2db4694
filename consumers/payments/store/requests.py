"""Payments that were asked for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from consumers.domain import Store
from consumers.payments.rules.matching import CANDIDATES_LIMIT, LATE_WITHIN, TAIL_DIGITS, Request
from consumers.payments.rules.readings import Payer
from infra.postgres.session import BulkWrite
from schemas.events.payments import RequestPayment

LONGEST = LATE_WITHIN + LATE_WITHIN  # a request and its lateness

_COLUMNS = """id, person, purpose, reference, amount_rwf, method, phone, name, state, created_at, expires_at,
    version"""

FIND = f"SELECT {_COLUMNS}, called FROM request WHERE id = $1"  # noqa: S608 - constants only
FIND_ALIKE = f"""
SELECT {_COLUMNS} FROM request
WHERE amount_rwf = $1 AND tail = $2 AND created_at > $3 AND method <> 'stripe'
ORDER BY created_at DESC LIMIT {CANDIDATES_LIMIT}"""  # noqa: S608 - constants only

ADD = BulkWrite(
    """INSERT INTO request (id, person, purpose, reference, amount_rwf, method, phone, name, created_at,
        expires_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[],
        $8::text[], $9::timestamptz[], $10::timestamptz[])
    ON CONFLICT (id) DO NOTHING""",
    key=1,
)
MOVE = BulkWrite(
    """UPDATE request AS r SET state = u.state, reason = u.reason, version = r.version + 1
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS u (id, expected, state, reason)
    WHERE r.id = u.id AND r.version = u.expected""",
    key=1,
    all_or_conflict=True,
)
CALL = BulkWrite(
    "UPDATE request AS r SET called = true FROM unnest($1::uuid[]) AS u (id) WHERE r.id = u.id", key=1
)


class RequestStore(Store):
    """Reads and writes requests."""

    async def find(self, request: UUID) -> Request | None:
        """One of them."""
        row = await self.session.fetch_row(FIND, request)
        return None if row is None else _request(row)

    async def was_called(self, request: UUID) -> bool:
        """Whether the provider may have been asked for it."""
        row = await self.session.fetch_row(FIND, request)
        return row is not None and row["called"]

    async def alike(self, amount_rwf: int, payer: Payer, at: datetime) -> list[Request]:
        """Those of the same amount and last digits that a payment of that time may pay: CANDIDATES_LIMIT at
        most, the newest first."""
        if len(payer.tail) < TAIL_DIGITS:
            return []
        tail = payer.tail[-TAIL_DIGITS:]
        return [_request(row) for row in await self.session.fetch(FIND_ALIKE, amount_rwf, tail, at - LONGEST)]

    def add(self, wish: RequestPayment, at: datetime) -> Request:
        """Write a new one down."""
        request = Request(
            wish.id, wish.person, wish.purpose, wish.reference, wish.amount_rwf, wish.method, wish.phone,
            wish.name, "open", at, wish.expires_at,
        )  # fmt: skip
        self.session.write(
            ADD, request.id, request.person, request.purpose, request.reference, request.amount_rwf,
            request.method, request.phone, request.name, at, request.expires_at,
        )  # fmt: skip
        return request

    def move(self, request: Request, state: str, reason: str = "") -> None:
        """It has become paid, failed or lapsed; whoever comes second looks again."""
        self.session.write(MOVE, request.id, request.version, state, reason)

    def call(self, request: UUID) -> None:
        """The provider is about to be asked."""
        self.session.write(CALL, request)


def _request(row: asyncpg.Record) -> Request:
    return Request(**{name: row[name] for name in Request.__dataclass_fields__})
