"""The partitions of `processed`, one a day: made ahead, at the start and every hour, and dropped when old."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
from tenacity import AsyncRetrying, retry_if_exception, stop_after_delay, wait_fixed

from consumers.runtime.chunks import utc_now
from consumers.runtime.reading import AHEAD_DAYS, OLDEST_DAYS, SPARE_DAYS
from infra.postgres.away import is_away
from infra.postgres.regularly import regularly

DAYS_SECONDS = 3600
DAYS_AHEAD = AHEAD_DAYS + SPARE_DAYS + 1  # in the hour after midnight, too
START_SECONDS = 20


async def make_days(pool: asyncpg.Pool[Any]) -> None:
    """Make the partitions of `processed` that may be written to, and drop those that nobody asks for."""
    today = utc_now().date()
    first, last = today - timedelta(days=OLDEST_DAYS + SPARE_DAYS), today + timedelta(days=DAYS_AHEAD)
    await pool.execute("SELECT runtime.make_days($1, $2)", first, last)
    # A day more than is asked for: the database's midnight, and another member's, are not ours.
    await pool.execute("SELECT runtime.drop_days($1)", first - timedelta(days=1))


async def make_first(pool: asyncpg.Pool[Any]) -> None:
    """As above, with patience: a member that stands still may hold the table for a while."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(is_away),
        wait=wait_fixed(0.5),
        stop=stop_after_delay(START_SECONDS),
        reraise=True,
    ):
        with attempt:
            await make_days(pool)


async def keep(pool: asyncpg.Pool[Any]) -> None:
    """Do so every hour, for ever; the first ones are made."""
    await asyncio.sleep(DAYS_SECONDS)
    # There are days in hand: what was missed is made up for in the next hour.
    await regularly(lambda: make_days(pool), DAYS_SECONDS, missed="days.not_made")
