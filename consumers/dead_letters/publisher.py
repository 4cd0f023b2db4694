"""The publisher of what waits in `runtime.later`: any number of replicas may run it.

A row is sent when it is due, and leaves only in the transaction that handles it; a copy too many is
recognised there (the row is gone, or counts another delivery). So a crash between sending and saying so
does no harm, and a row whose copy got lost is sent again after an hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from consumers.dead_letters.release import Release
from consumers.dead_letters.sending import BY_INDEX, send
from infra.kafka.publisher import Publisher
from infra.postgres.away import is_away
from infra.postgres.pool import transaction
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)

LOOK_SECONDS = 0.1  # how often to look when nothing was due for a while
LOOK_AGAIN_SECONDS = 0.005  # and at first: what was sent frees what is parked behind it
AWAY_SECONDS = 1.0
SHOW_SECONDS = 15.0  # counting a million rows takes the database half a second
DUE_ROWS = 1_000

BY_SCAN = "SET LOCAL enable_seqscan = on"

FIND_DUE = f"""
SELECT id, kind, topic, key, record, delivery FROM runtime.later
WHERE kind <> 'parked' AND sent_at IS NULL AND due <= now()
ORDER BY due, id LIMIT {DUE_ROWS} FOR UPDATE SKIP LOCKED"""  # noqa: S608 - a constant

FIND_LOST = f"""
SELECT id, kind, topic, key, record, delivery FROM runtime.later
WHERE sent_at IS NOT NULL AND sent_at < now() - interval '1 hour'
ORDER BY sent_at, id LIMIT {DUE_ROWS} FOR UPDATE SKIP LOCKED"""  # noqa: S608 - a constant

COUNT_WAITING = "SELECT consumer, kind, count(*) AS rows FROM runtime.later GROUP BY consumer, kind"

FIND_OVERDUE = """
SELECT extract(epoch FROM now() - min(due)) FROM runtime.later
WHERE sent_at IS NULL AND kind <> 'parked'"""

Round = Callable[[], Awaitable[float | None]]


async def publish_forever(pool: asyncpg.Pool[Any], publisher: Publisher) -> None:
    """Publish what is due and release what is parked, for ever; waits while the database or Kafka is away.

    Two loops: thousands of parked events must not keep a timer waiting.
    """
    release = Release(pool, publisher)

    async def due() -> float | None:
        return 0.0 if await publish_due(pool, publisher) else None

    async def show() -> float:
        await _show(pool)
        return SHOW_SECONDS

    loops = [asyncio.ensure_future(_repeat(turn)) for turn in (due, release.turn, show)]
    try:
        await asyncio.gather(*loops)
    finally:
        for loop in loops:
            loop.cancel()


async def _repeat(turn: Round) -> None:
    """Take turns for ever. A turn says how long to wait for the next; None: it found nothing to do."""
    idle = 0
    while True:
        try:
            wait = await turn()
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("later.database_away", reason=type(error).__name__)
            wait = AWAY_SECONDS
        idle = idle + 1 if wait is None else 0
        await asyncio.sleep(min(LOOK_SECONDS, LOOK_AGAIN_SECONDS * 2 ** min(idle, 10)) if idle else wait or 0)


async def publish_due(pool: asyncpg.Pool[Any], publisher: Publisher) -> int:
    """Publish one round of what is due, or was sent and got lost; returns how many rows.

    Raises what asyncpg raises.
    """
    sent = 0
    for find in (FIND_DUE, FIND_LOST):
        async with transaction(pool) as connection:
            await connection.execute(BY_INDEX)
            sent += await send(connection, publisher, await connection.fetch(find))
    return sent


async def _show(pool: asyncpg.Pool[Any]) -> None:
    async with transaction(pool) as connection:
        await connection.execute(BY_SCAN)
        counted = await connection.fetch(COUNT_WAITING)
        overdue = await connection.fetchval(FIND_OVERDUE)
    metrics.LATER_WAITING.clear()
    for row in counted:
        metrics.LATER_WAITING.labels(row["consumer"], row["kind"]).set(row["rows"])
    metrics.LATER_OVERDUE_SECONDS.set(max(0.0, float(overdue or 0)))
