"""Forgets letters that were closed long ago, with their log; what is open stays, however old it gets."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from consumers.dead_letters.patience import patiently
from infra.telemetry.logs import logger

log = logger(__name__)

LOOK_SECONDS = 3600.0
LETTERS_AT_ONCE = 500  # a letter holds a whole record; its lock keeps nobody waiting, as nobody acts on it
PAUSE_SECONDS = 0.2  # between two portions: others want the database, too

FORGET = "SELECT forget($1, $2)"


async def forget_forever(pool: asyncpg.Pool[Any], kept_days: int) -> None:
    """Forget what was closed more than `kept_days` ago, every hour, for ever; an outage is waited out."""
    while True:
        gone = await forget_all(pool, datetime.now(UTC) - timedelta(days=kept_days))
        if gone:
            log.info("letters.forgotten", letters=gone, kept_days=kept_days)
        await asyncio.sleep(LOOK_SECONDS)


async def forget_all(pool: asyncpg.Pool[Any], before: datetime) -> int:
    """Forget all that were closed before, in portions; returns how many."""
    gone = 0
    while True:
        portion: int = await patiently(lambda: pool.fetchval(FORGET, before, LETTERS_AT_ONCE))
        gone += portion
        if portion < LETTERS_AT_ONCE:
            return gone
        await asyncio.sleep(PAUSE_SECONDS)
