"""The consumer of what was set aside. For now it runs the publisher of what waits; operators come next."""

from __future__ import annotations

import asyncpg

from consumers.dead_letters.publisher import publish_forever
from consumers.domain import Domain
from infra.kafka.publisher import Publisher

dead_letters = Domain("dead_letters", conversational=False, workers=1)


@dead_letters.runs
async def publish_what_is_due(pool: asyncpg.Pool, publisher: Publisher) -> None:
    """Timers, deferred and parked events, when they are due."""
    await publish_forever(pool, publisher)
