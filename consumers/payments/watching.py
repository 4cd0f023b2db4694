"""What waits for a person, and for how long: shown, so that somebody hears of it."""

from __future__ import annotations

import asyncpg

from consumers.payments import finding
from consumers.payments.domain import payments
from infra.postgres.regularly import regularly
from infra.telemetry import metrics

LOOK_SECONDS = 60.0


@payments.runs
async def watch(pool: asyncpg.Pool) -> None:
    """Look once a minute, for ever."""
    await regularly(lambda: look(pool), LOOK_SECONDS, missed="payments.not_looked_at")


async def look(pool: asyncpg.Pool) -> None:
    """Show it as it is now."""
    for row in await finding.oldest(pool):
        metrics.PAYMENTS_WAITING.labels(row["what"]).set(row["waiting"])
        metrics.PAYMENTS_OLDEST_WAITING.labels(row["what"]).set(row["oldest"])
