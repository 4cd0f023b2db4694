"""The publisher of what waits in `runtime.later`: any number of replicas may run it.

A row is sent when it is due, and leaves only in the transaction that handles it; a copy too many is
recognised there (the row is gone, or counts another delivery). So a crash between sending and saying so
does no harm, and a row whose copy got lost is sent again after an hour.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import ormsgpack

from infra.kafka.publisher import Output, Publisher
from infra.postgres.away import is_away
from infra.postgres.pool import transaction
from infra.telemetry import metrics
from infra.telemetry.logs import logger
from schemas.envelope import ATTEMPT, LATER_ID, SENT_DAY

log = logger(__name__)

LOOK_SECONDS = 0.1  # how often to look when nothing was due for a while
LOOK_AGAIN_SECONDS = 0.005  # and at first: what was sent frees what is parked behind it
AWAY_SECONDS = 1.0
DUE_ROWS = 1_000
PARKED_ROWS_A_KEY = 25  # half of what a key may have in flight
PARKED_KEYS = 200
PARKED_LOCK = 7_045_103  # one replica at a time releases parked events: the order of a key is at stake
SHOW_EVERY = 50

FIND_DUE = """
SELECT id, kind, topic, key, record, delivery, due FROM runtime.later
WHERE kind <> 'parked' AND sent_at IS NULL AND due <= now()
ORDER BY due, id LIMIT $1 FOR UPDATE SKIP LOCKED"""

FIND_LOST = """
SELECT id, kind, topic, key, record, delivery, due FROM runtime.later
WHERE sent_at IS NOT NULL AND sent_at < now() - interval '1 hour'
ORDER BY sent_at, id LIMIT $1 FOR UPDATE SKIP LOCKED"""

# A key's parked events go in their order, and only while nothing of the key is deferred ahead of them, on
# its way, or being performed.
FIND_PARKED = """
WITH crowded AS (
    SELECT DISTINCT consumer, key FROM runtime.later WHERE kind = 'parked' AND sent_at IS NULL
), free AS (
    SELECT k.consumer, k.key FROM crowded AS k
    WHERE NOT EXISTS (
          SELECT FROM runtime.later AS h
          WHERE h.consumer = k.consumer AND h.key = k.key AND h.holds
            AND (h.kind = 'deferred' OR h.sent_at IS NOT NULL))
      AND NOT EXISTS (SELECT FROM runtime.claim AS c WHERE c.consumer = k.consumer AND c.key = k.key)
    LIMIT $1)
SELECT r.* FROM free CROSS JOIN LATERAL (
    SELECT id, kind, topic, key, record, delivery, due FROM runtime.later AS p
    WHERE p.consumer = free.consumer AND p.key = free.key AND p.kind = 'parked' AND p.sent_at IS NULL
    ORDER BY id LIMIT $2) AS r
ORDER BY id"""

# A copy may have been handled by now, and its row wait for another delivery, which has not been sent.
MARK_SENT = """
UPDATE runtime.later AS l SET sent_at = now() FROM unnest($1::bigint[], $2::integer[]) AS u (id, delivery)
WHERE l.id = u.id AND l.delivery = u.delivery"""

COUNT_WAITING = "SELECT consumer, kind, count(*) AS rows FROM runtime.later GROUP BY consumer, kind"


FIND_OVERDUE = """
SELECT extract(epoch FROM now() - min(due)) FROM runtime.later
WHERE sent_at IS NULL AND kind <> 'parked'"""


async def publish_forever(pool: asyncpg.Pool[Any], publisher: Publisher) -> None:
    """Publish what is due, for ever; waits while the database or Kafka is away."""
    rounds = idle_rounds = 0
    while True:
        try:
            sent = await publish_due(pool, publisher)
            if rounds % SHOW_EVERY == 0:
                await _show(pool)
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("later.database_away", reason=type(error).__name__)
            await asyncio.sleep(AWAY_SECONDS)
            continue
        rounds += 1
        idle_rounds = 0 if sent else idle_rounds + 1
        if idle_rounds:
            await asyncio.sleep(min(LOOK_SECONDS, LOOK_AGAIN_SECONDS * 2 ** min(idle_rounds - 1, 10)))


async def publish_due(pool: asyncpg.Pool[Any], publisher: Publisher) -> int:
    """Publish one round of what is due; returns how many rows. Raises what asyncpg raises."""
    sent = 0
    for find in (FIND_DUE, FIND_LOST):
        async with transaction(pool) as connection:
            sent += await _send(connection, publisher, await connection.fetch(find, DUE_ROWS))
    async with transaction(pool) as connection:
        if await connection.fetchval("SELECT pg_try_advisory_xact_lock($1::bigint)", PARKED_LOCK):
            sent += await _send(
                connection, publisher, await connection.fetch(FIND_PARKED, PARKED_KEYS, PARKED_ROWS_A_KEY)
            )
    return sent


async def _send(connection: Any, publisher: Publisher, rows: list[asyncpg.Record]) -> int:
    """Publish rows and mark them as sent, under their locks, so that no replica sends them too."""
    if not rows:
        return 0
    today = datetime.now(UTC).date().isoformat().encode()
    await publisher.publish([_output(row, today) for row in rows])
    await connection.execute(MARK_SENT, [row["id"] for row in rows], [row["delivery"] for row in rows])
    for row in rows:
        metrics.LATER_SENT.labels(row["kind"]).inc()
    return len(rows)


def _output(row: asyncpg.Record, today: bytes) -> Output:
    value, headers = ormsgpack.unpackb(row["record"])
    own = (ATTEMPT, LATER_ID, SENT_DAY)
    kept = [(name, content) for name, content in headers if name not in own]
    kept += [(ATTEMPT, str(row["delivery"]).encode()), (LATER_ID, str(row["id"]).encode())]
    if row["kind"] != "timer":  # a timer's day is the day on which it is due
        kept.append((SENT_DAY, today))
    return Output(row["topic"], row["key"], value, kept)


async def _show(pool: asyncpg.Pool[Any]) -> None:
    metrics.LATER_WAITING.clear()
    for row in await pool.fetch(COUNT_WAITING):
        metrics.LATER_WAITING.labels(row["consumer"], row["kind"]).set(row["rows"])
    overdue = await pool.fetchval(FIND_OVERDUE)
    metrics.LATER_OVERDUE_SECONDS.set(max(0.0, float(overdue or 0)))
