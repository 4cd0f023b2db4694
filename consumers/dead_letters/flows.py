"""What waits, and what was set aside: published when it is due, kept for people to act on."""

from __future__ import annotations

import asyncpg

from consumers.dead_letters.collector import collect_forever, follow_forever
from consumers.dead_letters.forgetting import forget_forever
from consumers.dead_letters.publisher import publish_forever
from consumers.domain import Domain
from infra.kafka.publisher import Publisher
from infra.settings import Settings

dead_letters = Domain("dead_letters", conversational=False, workers=1)


@dead_letters.runs
async def publish_what_is_due(pool: asyncpg.Pool, publisher: Publisher) -> None:
    """Timers, deferred and parked events, when they are due."""
    await publish_forever(pool, publisher)


@dead_letters.runs
async def collect_letters(pool: asyncpg.Pool, settings: Settings) -> None:
    """Whatever was set aside, into the table that operators act on."""
    await collect_forever(pool, settings)


@dead_letters.runs
async def follow_letters(pool: asyncpg.Pool) -> None:
    """What became of it since."""
    await follow_forever(pool)


@dead_letters.runs
async def forget_letters(pool: asyncpg.Pool, settings: Settings) -> None:
    """Those that were closed long ago."""
    await forget_forever(pool, settings.dead_letters_kept_days)
