"""What waits for a person, and for how long: shown, so that somebody hears of it."""

from __future__ import annotations

import asyncio

import asyncpg

from consumers.payments import finding
from consumers.payments.domain import payments
from infra.postgres.away import is_away
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)

LOOK_SECONDS = 60.0


@payments.runs
async def watch(pool: asyncpg.Pool) -> None:
    """Look once a minute, for ever."""
    while True:
        try:
            await look(pool)
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("payments.not_looked_at", reason=type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)


async def look(pool: asyncpg.Pool) -> None:
    """Show it as it is now."""
    for row in await finding.oldest(pool):
        metrics.PAYMENTS_WAITING.labels(row["what"]).set(row["waiting"])
        metrics.PAYMENTS_OLDEST_WAITING.labels(row["what"]).set(row["oldest"])
