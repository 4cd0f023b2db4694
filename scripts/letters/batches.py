"""An act on however many letters: a batch a transaction, at a rate, from the oldest to the latest."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import asyncpg

from consumers.dead_letters import finding
from consumers.dead_letters.acts import Done
from consumers.dead_letters.finding import Choice
from infra.postgres.pool import transaction
from infra.postgres.session import Connection

BATCH = 1_000
BATCHES_A_SECOND = 5  # at a rate: so that it is even, and a batch not larger than need be
DEADLOCKS_LIMIT = 5
NAMED_LIMIT = 100  # refusals that are told one by one; the others are counted

Act = Callable[[Connection, Sequence[int]], Awaitable[Done]]


@dataclass(slots=True)
class Outcome:
    """What became of all of it."""

    done: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    named: dict[int, str] = field(default_factory=dict)

    def add(self, done: Done) -> None:
        """And of one batch more."""
        self.done += len(done.done)
        self.refused.update(done.refused.values())
        for letter, why in done.refused.items():
            if len(self.named) < NAMED_LIMIT:
                self.named[letter] = why


async def in_batches(
    pool: asyncpg.Pool[Any],
    choice: Choice,
    act: Act,
    *,
    last: int,
    rate: float | None = None,
    told: Callable[[int], None] = lambda _: None,
) -> Outcome:
    """Do `act` to each letter of the choice up to the number `last`, once; `rate` letters a second at most.

    `told` hears how many were looked at. Interrupted, it has done whole batches, and may be started again.
    """
    outcome = Outcome()
    size = BATCH if rate is None else max(1, min(BATCH, int(rate / BATCHES_A_SECOND)))
    began, after, seen = monotonic(), 0, 0
    while ids := await _next(pool, choice, after, last, size):
        outcome.add(await _once(pool, act, ids))
        after, seen = ids[-1], seen + len(ids)
        told(seen)
        if rate is not None:
            await asyncio.sleep(max(0.0, began + seen / rate - monotonic()))
    return outcome


async def _next(pool: asyncpg.Pool[Any], choice: Choice, after: int, last: int, size: int) -> list[int]:
    async with pool.acquire() as connection:
        return await finding.some_ids(connection, choice, after, last, size)


async def _once(pool: asyncpg.Pool[Any], act: Act, ids: Sequence[int]) -> Done:
    """In one transaction, and again when it met another one the wrong way round."""
    for _ in range(DEADLOCKS_LIMIT):
        try:
            async with transaction(pool) as connection:
                return await act(connection, ids)
        except asyncpg.DeadlockDetectedError:
            continue
    raise TimeoutError(f"{DEADLOCKS_LIMIT} deadlocks in a row; try again in a moment")
