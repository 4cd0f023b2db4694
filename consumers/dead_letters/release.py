"""The release of parked events: a key's, in their order, once nothing of the key is ahead of them."""

from __future__ import annotations

from typing import Any

import asyncpg

from consumers.dead_letters.sending import BY_INDEX, send
from infra.kafka.publisher import Publisher
from infra.postgres.pool import transaction

ROWS_A_KEY = 12  # so small that others hardly notice; a key that comes back goes on at hundreds a second
KEYS_LOOKED_AT = 500  # in a round: after an outage a hundred thousand may be held back
KEYS_RELEASED = 200
LOOK_ON_SECONDS = 0.02
LOCK = 7_045_103  # one replica at a time releases parked events: the order of a key is at stake

# Keys that have parked events, from one on (there is no DISTINCT that skips through an index), and which of
# them are free: the first of all that hold the key back is itself parked, neither deferred nor on its way,
# and no call is under way.
FIND_KEYS = f"""
WITH RECURSIVE crowded AS (
    (SELECT consumer, key, 1 AS place FROM runtime.later
     WHERE kind = 'parked' AND sent_at IS NULL AND (consumer, key) > ($1, $2)
     ORDER BY consumer, key LIMIT 1)
    UNION ALL
    SELECT next.consumer, next.key, place + 1 FROM crowded CROSS JOIN LATERAL (
        SELECT consumer, key FROM runtime.later AS l
        WHERE kind = 'parked' AND sent_at IS NULL AND (l.consumer, l.key) > (crowded.consumer, crowded.key)
        ORDER BY l.consumer, l.key LIMIT 1) AS next
    WHERE place < {KEYS_LOOKED_AT})
SELECT consumer, key,
    (SELECT kind = 'parked' AND sent_at IS NULL FROM runtime.later AS h
     WHERE h.consumer = k.consumer AND h.key = k.key AND h.holds ORDER BY h.id LIMIT 1)
    AND NOT EXISTS (SELECT FROM runtime.claim AS c WHERE c.consumer = k.consumer AND c.key = k.key) AS free
FROM crowded AS k"""  # noqa: S608 - a constant

FIND_PARKED = f"""
SELECT r.* FROM unnest($1::text[], $2::bytea[]) AS free (consumer, key) CROSS JOIN LATERAL (
    SELECT id, kind, topic, key, record, delivery FROM runtime.later AS p
    WHERE p.consumer = free.consumer AND p.key = free.key AND p.kind = 'parked' AND p.sent_at IS NULL
    ORDER BY id LIMIT {ROWS_A_KEY}) AS r
ORDER BY id"""  # noqa: S608 - a constant

BEGINNING = ("", b"")


class Release:
    """Goes through the keys that have parked events, some in each turn, round and round."""

    def __init__(self, pool: asyncpg.Pool[Any], publisher: Publisher) -> None:
        self._pool = pool
        self._publisher = publisher
        self._last = BEGINNING  # the last key that was looked at

    async def turn(self) -> float | None:
        """Release what is free among the next keys. Returns how long to wait until the next turn, in seconds;
        None when all keys were looked at and nothing was found. Raises what asyncpg raises."""
        begins = self._last == BEGINNING
        sent = await self.release()
        if sent:
            return 0.0
        ended = self._last == BEGINNING
        return None if begins and ended else LOOK_ON_SECONDS

    async def release(self) -> int:
        """Release what is free among the next keys; returns how many events. Raises what asyncpg raises."""
        async with transaction(self._pool) as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1::bigint)", LOCK):
                return 0
            await connection.execute(BY_INDEX)
            looked_at = await connection.fetch(FIND_KEYS, *self._last)
            free = [row for row in looked_at if row["free"]][:KEYS_RELEASED]
            self._last = BEGINNING
            if len(free) == KEYS_RELEASED:
                self._last = (free[-1]["consumer"], free[-1]["key"])
            elif len(looked_at) == KEYS_LOOKED_AT:
                self._last = (looked_at[-1]["consumer"], looked_at[-1]["key"])
            if not free:
                return 0
            keys = [row["consumer"] for row in free], [row["key"] for row in free]
            return await send(connection, self._publisher, await connection.fetch(FIND_PARKED, *keys))
