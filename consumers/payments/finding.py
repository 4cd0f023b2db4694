"""Looking up payments for people: those that wait, what they may pay, what a statement is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from consumers.payments.rules.readings import Ignored
from consumers.payments.rules.reconciling import Booked
from consumers.payments.rules.reports import read_content, read_report
from consumers.payments.store.payments import PAY_OUT
from infra.postgres.session import Connection

CANDIDATES_LIMIT = 20
NEAR = timedelta(hours=48)
AT_ONCE = 5_000

FIND_WAITING = """
SELECT scheme, transaction, provider, reason, amount_rwf, payer_name, payer_tail, paid_at, told_at
FROM payment WHERE state = 'review' ORDER BY told_at LIMIT $1"""
COUNT_WAITING = "SELECT count(*) FROM payment WHERE state = 'review'"
FIND_ONE = """
SELECT scheme, transaction, provider, state, reason, amount_rwf, payer_name, payer_tail, paid_at, request,
    person, credited_at, told_at
FROM payment WHERE (scheme, transaction) IN (
    SELECT scheme, transaction FROM payment_name WHERE scheme = $1 AND name = $2)"""
FIND_TOLD = """
SELECT kind, provider, amount_rwf, received_at, body FROM notification
WHERE scheme = $1 AND transaction IN (SELECT name FROM payment_name WHERE scheme = $1 AND transaction = $2)
ORDER BY received_at LIMIT 50"""
FIND_DECIDED = """
SELECT act, outcome, operator, why, request, person, amount_rwf, decided_at FROM decision
WHERE scheme = $1 AND transaction = $2 ORDER BY decided_at LIMIT 50"""
_REQUEST = """
SELECT id, person, purpose, reference, amount_rwf, method, phone, name, state, created_at, expires_at
FROM request"""
FIND_NAMED = f"{_REQUEST} WHERE id = ANY($1::uuid[])"
FIND_CANDIDATES = f"""{_REQUEST}
WHERE amount_rwf = $1 AND created_at BETWEEN $2 AND $3 AND state <> 'paid' AND id <> ALL($4::uuid[])
ORDER BY created_at DESC LIMIT {CANDIDATES_LIMIT}"""
FIND_OPEN_PAY_OUTS = """
SELECT id, person, of, amount_rwf, phone, called, asked_at FROM pay_out
WHERE state = 'asked' ORDER BY asked_at LIMIT $1"""
COUNT_OPEN_PAY_OUTS = "SELECT count(*) FROM pay_out WHERE state = 'asked'"
FIND_PAY_OUT = """
SELECT id, person, of, amount_rwf, phone, state, reason, transaction, called, asked_at FROM pay_out
WHERE id = $1"""
FIND_OLDEST = """
SELECT 'review' AS what, count(*) AS waiting,
    coalesce(extract(epoch FROM now() - min(since)), 0)::float8 AS oldest
FROM payment WHERE state = 'review'
UNION ALL
SELECT 'pay_out', count(*), coalesce(extract(epoch FROM now() - min(asked_at)), 0)::float8
FROM pay_out WHERE state = 'asked'"""
FIND_OUTCOME = "SELECT outcome FROM decision WHERE event_id = $1"

FIND_BOOKED = """
SELECT n.name AS transaction, p.amount_rwf, p.state, false AS out, p.transaction AS own
FROM payment_name AS n JOIN payment AS p ON p.scheme = n.scheme AND p.transaction = n.transaction
WHERE n.scheme = $1 AND n.name = ANY($2::text[])
UNION ALL
SELECT transaction, amount_rwf, state, true, transaction FROM pay_out
WHERE $1 = 'momo' AND transaction <> '' AND transaction = ANY($2::text[])"""
FIND_WINDOW = """
SELECT transaction, amount_rwf, state, false AS out, ARRAY(
    SELECT name FROM payment_name AS n WHERE n.scheme = payment.scheme AND n.transaction = payment.transaction
) AS also FROM payment
WHERE scheme = $1 AND coalesce(paid_at, told_at) BETWEEN $2 AND $3
    AND told_at BETWEEN $2 - interval '1 day' AND $3 + interval '7 days'
UNION ALL
SELECT transaction, amount_rwf, state, true, ARRAY[]::text[] FROM pay_out
WHERE $1 = 'momo' AND transaction <> '' AND asked_at BETWEEN $2 AND $3"""


class NoSuchPayment(Exception):
    """Nobody has told us of a payment of this name, or owes one out of this id."""


async def waiting(connection: Connection, limit: int) -> tuple[list[asyncpg.Record], int]:
    """The oldest payments that wait for a person, and how many there are."""
    return await connection.fetch(FIND_WAITING, limit), int(await connection.fetchval(COUNT_WAITING))


async def one(connection: Connection, name: str) -> dict[str, Any]:
    """All about one payment: scheme and any of its names, such as momo:23503452. Raises NoSuchPayment.

    Candidates are the requests that its provider named, whatever their amount, and those of its amount.
    """
    scheme, _, transaction = name.partition(":")
    row = await connection.fetchrow(FIND_ONE, scheme, transaction)
    if row is None:
        raise NoSuchPayment(
            f"No payment is called {name!r}. `easymo payments review list` names those that wait, such as "
            "momo:23503452."
        )
    transaction = row["transaction"]
    at = row["paid_at"] or row["told_at"]
    told = [dict(each) for each in await connection.fetch(FIND_TOLD, scheme, transaction)]
    named = _named(told)
    candidates = [
        *await connection.fetch(FIND_NAMED, named),
        *await connection.fetch(FIND_CANDIDATES, row["amount_rwf"], at - NEAR, at + NEAR, named),
    ]
    return {
        **dict(row),
        "told": told,
        "decided": [dict(each) for each in await connection.fetch(FIND_DECIDED, scheme, transaction)],
        "candidates": [dict(each) for each in candidates],
    }


def _named(told: Sequence[Mapping[str, Any]]) -> list[UUID]:
    """The requests that notifications name."""
    readings = [read_report(each["provider"], read_content(each["body"])) for each in told]
    named = [None if isinstance(reading, Ignored) else reading.request for reading in readings]
    return [request for request in dict.fromkeys(named) if request is not None]


async def open_pay_outs(connection: Connection, limit: int) -> tuple[list[asyncpg.Record], int]:
    """The oldest payments out that are not final, and how many there are."""
    rows = await connection.fetch(FIND_OPEN_PAY_OUTS, limit)
    return rows, int(await connection.fetchval(COUNT_OPEN_PAY_OUTS))


async def one_pay_out(connection: Connection, identity: UUID) -> dict[str, Any]:
    """All about one of them. Raises NoSuchPayment."""
    row = await connection.fetchrow(FIND_PAY_OUT, identity)
    if row is None:
        raise NoSuchPayment(
            f"No payment out is called {identity}. `easymo payments pay-outs list` names those that are open."
        )
    decided = await connection.fetch(FIND_DECIDED, PAY_OUT, str(identity))
    return {**dict(row), "decided": [dict(each) for each in decided]}


async def oldest(pool: asyncpg.Pool[Any]) -> list[asyncpg.Record]:
    """How much waits, for a person and at MTN, and since how many seconds the oldest."""
    return list(await pool.fetch(FIND_OLDEST))


async def outcome_of(connection: Connection, decision: UUID) -> str | None:
    """What came of a decision, once it was handled."""
    found: str | None = await connection.fetchval(FIND_OUTCOME, decision)
    return found


async def booked(connection: Connection, scheme: str, transactions: Sequence[str]) -> list[Booked]:
    """Ours of these transactions."""
    return [Booked(**dict(row)) for row in await connection.fetch(FIND_BOOKED, scheme, list(transactions))]


async def in_window(connection: Connection, scheme: str, since: datetime, until: datetime) -> list[Booked]:
    """Ours of a time."""
    return [Booked(**dict(row)) for row in await connection.fetch(FIND_WINDOW, scheme, since, until)]
