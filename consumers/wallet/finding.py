"""Looking up, for people of ours, what waits for them: what is held for review, and what we hand over."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from consumers.wallet.rules.by_hand import ASKED
from consumers.wallet.rules.prices import PAID_BY_PAYMENTS
from consumers.wallet.rules.reading import phone
from infra.postgres.session import Connection

SENDS_LIMIT = 20
NOT_OURS = sorted(PAID_BY_PAYMENTS)

# Names of both sides; a business is an account of its own. One line a transfer, however it was asked for.
_HELD = """
SELECT h.id, h.key, h.kind, h.amount, h.at, h.expires_at, a.owner AS sender, s.name AS sender_name,
    s.phone AS sender_phone, a.opened_at AS sender_since, a.balance AS sender_balance, a.held AS sender_held,
    h.credit AS recipient, coalesce(v.name, r.name) AS recipient_name, r.phone AS recipient_phone, h.debit,
    (SELECT answer::json -> 'review' FROM commands WHERE id = h.id)::text AS looked_at_for,
    (SELECT type FROM commands WHERE resolves = h.id) AS ended_by
FROM holds AS h JOIN accounts AS a ON a.id = h.debit
LEFT JOIN people AS s ON s.person = a.owner
LEFT JOIN vendors AS v ON v.owner = h.credit
LEFT JOIN people AS r ON r.person = coalesce(v.person, h.credit)"""
# The same of what is to leave the wallet: the recipient is a number.
_LEAVING = """
SELECT o.id, o.person AS key, coalesce(nullif(o.reward, ''), 'cash_out') AS kind, o.tokens AS amount, o.at,
    o.look_until AS expires_at, a.owner AS sender, s.name AS sender_name, s.phone AS sender_phone,
    a.opened_at AS sender_since, a.balance AS sender_balance, a.held AS sender_held,
    o.person AS recipient, NULL AS recipient_name, o.phone AS recipient_phone, a.id AS debit,
    json_build_array(o.looked_at_for)::text AS looked_at_for, nullif(o.state, 'pending') AS ended_by
FROM pay_outs AS o JOIN accounts AS a ON a.owner = o.person AND a.currency = 'TOK' AND a.shard = 0
LEFT JOIN people AS s ON s.person = o.person"""
_OPEN = "kind = 'send' AND expires_at > $1 AND NOT EXISTS (SELECT FROM commands WHERE resolves = h.id)"
_LEAVING_OPEN = "state = 'pending' AND look_until IS NOT NULL"
FIND_HELD = f"""
({_HELD} WHERE {_OPEN} ORDER BY h.expires_at LIMIT $2)
UNION ALL ({_LEAVING} WHERE {_LEAVING_OPEN} ORDER BY o.look_until LIMIT $2)
ORDER BY expires_at LIMIT $2"""
FIND_ONE_HELD = f"""
{_HELD} WHERE h.id = $1 AND h.kind = 'send'
UNION ALL {_LEAVING} WHERE o.id = $1 AND o.look_until IS NOT NULL"""
COUNT_HELD = f"""
SELECT (SELECT count(*) FROM holds AS h WHERE {_OPEN}) +
    (SELECT count(*) FROM pay_outs WHERE {_LEAVING_OPEN})"""  # noqa: S608 - constants only
FIND_SENDS = f"""
SELECT at, amount, recipient, held FROM (
    SELECT t.at, t.amount, (SELECT owner FROM accounts WHERE id = t.credit) AS recipient, false AS held
    FROM transfers AS t WHERE t.kind = 'send' AND t.debit = $1 AND t.at < $2
    UNION ALL
    SELECT at, amount, credit, true FROM holds WHERE kind = 'send' AND debit = $1 AND at < $2
) AS sent ORDER BY at DESC LIMIT {SENDS_LIMIT}"""  # noqa: S608 - constants only

_OWED = """
SELECT o.id, o.person AS key, o.person, o.reward, o.phone, o.tokens, o.amount_rwf, o.state, o.at, p.name
FROM pay_outs AS o LEFT JOIN people AS p ON p.person = o.person"""
FIND_OWED = f"{_OWED} WHERE o.state = 'processing' AND o.reward <> ALL($1::text[]) ORDER BY o.at LIMIT $2"
COUNT_OWED = "SELECT count(*) FROM pay_outs WHERE state = 'processing' AND reward <> ALL($1::text[])"
FIND_ONE_OWED = f"{_OWED} WHERE o.id = $1"

FIND_WAITING = f"""
SELECT 'held' AS what, count(*) AS waiting, coalesce(extract(epoch FROM now() - min(at)), 0)::float8 AS oldest
FROM (SELECT at FROM holds AS h WHERE {_OPEN}
    UNION ALL SELECT at FROM pay_outs WHERE {_LEAVING_OPEN}) AS held
UNION ALL
SELECT 'owed', count(*), coalesce(extract(epoch FROM now() - min(at)), 0)::float8
FROM pay_outs WHERE state = 'processing' AND reward <> ALL($2::text[])"""  # noqa: S608 - constants only

FIND_DECIDED = """
SELECT d.act, d.outcome, d.operator, d.why, d.decided_at, c.reason AS refused, c.id IS NOT NULL AS answered
FROM decisions AS d LEFT JOIN commands AS c ON c.id = d.command
WHERE d.of = $1 ORDER BY d.decided_at LIMIT 50"""
FIND_OUTCOME = """
SELECT d.outcome, c.reason, c.id IS NOT NULL AS answered
FROM decisions AS d LEFT JOIN commands AS c ON c.id = d.command WHERE d.event_id = $1"""


# By id, also one that was joined to another, or by number; a number leads to whoever was seen with it last,
# as for those who send to it.
FIND_PERSON = """
WITH RECURSIVE led AS (
    SELECT owner, joined_into FROM accounts WHERE owner = $1 AND currency = 'TOK' AND shard = 0
    UNION SELECT a.owner, a.joined_into FROM led JOIN accounts AS a ON a.id = led.joined_into
)
SELECT person, name, phone FROM people
WHERE person = $1 OR person IN (SELECT owner FROM led WHERE joined_into IS NULL) OR phone = $2
ORDER BY phone IS NOT DISTINCT FROM $2, seen_at DESC LIMIT 1"""


class NobodyKnown(Exception):
    """No person has this id or number; the message says so."""


class NothingWaits(Exception):
    """Nothing of this id was ever held for review, or is handed over by us; the message says so."""


async def held(connection: Connection, now: datetime, limit: int) -> tuple[list[dict[str, Any]], int]:
    """What is held until somebody has looked, what lapses first on top, and how much of it there is."""
    rows = await connection.fetch(FIND_HELD, now, limit)
    return [_held(row) for row in rows], int(await connection.fetchval(COUNT_HELD, now))


async def one_held(connection: Connection, identity: UUID) -> dict[str, Any]:
    """All about one of them, with what its sender sent before. Raises NothingWaits."""
    row = await connection.fetchrow(FIND_ONE_HELD, identity)
    if row is None:
        raise NothingWaits(
            f"Nothing called {identity} was held for review. `easymo ledger held list` names those that wait."
        )
    sent = await connection.fetch(FIND_SENDS, row["debit"], row["at"])
    return {
        **_held(row),
        "sent_before": [dict(each) for each in sent],
        "decided": await _decided(connection, identity),
    }


async def owed(connection: Connection, limit: int) -> tuple[list[dict[str, Any]], int]:
    """What we owe and hand over ourselves, the oldest first, and how much of it there is."""
    rows = await connection.fetch(FIND_OWED, NOT_OURS, limit)
    return [dict(row) for row in rows], int(await connection.fetchval(COUNT_OWED, NOT_OURS))


async def one_owed(connection: Connection, identity: UUID) -> dict[str, Any]:
    """All about one of them. Raises NothingWaits."""
    row = await connection.fetchrow(FIND_ONE_OWED, identity)
    if row is None:
        raise NothingWaits(
            f"No redemption is called {identity}. `easymo ledger owed list` names those that wait."
        )
    return {**dict(row), "decided": await _decided(connection, identity)}


async def person(connection: Connection, named: str) -> dict[str, Any]:
    """Who has this id, or this telephone number however it is written. Raises NobodyKnown."""
    row = await connection.fetchrow(FIND_PERSON, named, phone(named))
    if row is None:
        raise NobodyKnown(
            "Nobody who ever wrote to us has this id or number. Persons are named by `easymo payments review "
            "show`, or by a number such as 0788 123 456."
        )
    return dict(row)


async def waiting(pool: asyncpg.Pool[Any]) -> list[asyncpg.Record]:
    """How much waits for a person, of each of the two, and since how many seconds the oldest."""
    return list(await pool.fetch(FIND_WAITING, datetime.now(UTC), NOT_OURS))


async def outcome_of(connection: Connection, decision: UUID) -> str | None:
    """What came of a decision, once the ledger has answered: `done`, or why not."""
    row = await connection.fetchrow(FIND_OUTCOME, decision)
    if row is None or (row["outcome"] == ASKED and not row["answered"]):
        return None
    return _outcome(row["outcome"], row["reason"])


def _outcome(outcome: str, reason: str | None) -> str:
    return (reason or "done") if outcome == ASKED else outcome


async def _decided(connection: Connection, of: UUID) -> list[dict[str, Any]]:
    found = []
    for row in await connection.fetch(FIND_DECIDED, of):
        outcome = _outcome(row["outcome"], row["refused"]) if row["answered"] else row["outcome"]
        found.append(
            {**{name: row[name] for name in ("act", "operator", "why", "decided_at")}, "outcome": outcome}
        )
    return found


def _held(row: asyncpg.Record) -> dict[str, Any]:
    fields = dict(row)
    del fields["debit"]
    return {**fields, "looked_at_for": orjson.loads(fields["looked_at_for"] or "[]")}
