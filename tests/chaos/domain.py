"""The domain of the chaos tests: whatever happens to its members, each event has one effect, in its order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg

from consumers.domain import (
    Context,
    Decision,
    Domain,
    Doubt,
    Emit,
    InDoubt,
    Retry,
    Schedule,
    Store,
    nothing,
)
from infra.settings import Settings
from schemas import topics
from tests.integration.runtime.bench import Echo, Effects, Poke, Tick
from tests.integration.runtime.world import Ask

CALL_SECONDS = 2.0
TIMER_NUMBERS = 100_000  # of the effect of a poke's timer
ADD_CALL = "INSERT INTO probe.call (event_id, number) VALUES ($1, $2)"


@dataclass(frozen=True, slots=True)
class Outside:
    """A service outside, with a memory of its own."""

    pool: asyncpg.Pool[Any]


class Calls(Store):
    """What the service outside tells when it is asked."""

    async def were_made(self, context: Context) -> bool:
        rows = await self.session.fetch("SELECT FROM call WHERE event_id = $1", context.event.id)
        return bool(rows)


@asynccontextmanager
async def resources(settings: Settings) -> AsyncIterator[dict[type, Any]]:
    """The service outside, for as long as the consumer runs."""
    # What it was not wholly asked for when its client stood still, it does not do later.
    limit = {"transaction_timeout": "1s"}
    dsn = settings.need("postgres_dsn")
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4, server_settings=limit) as pool:
        yield {Outside: Outside(pool)}


def chaotic() -> Domain:
    """Pokes, of which one in ten fails at first and one in twenty sets a timer; and calls."""
    domain = Domain("probe", workers=3, chunk=20, ordered=True)
    domain.resources = resources

    def effect(context: Context, effects: Effects, number: int) -> Decision:
        effects.add(context.person, number)
        return nothing().emit(Emit(topics.events("probe"), context.person, Echo(number=number)))

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        if context.event.attempt == 0 and poke.number % 10 == 3:
            raise Retry("the first time", after=timedelta(seconds=0.05))
        decision = effect(context, effects, poke.number)
        if poke.number % 20 == 7:
            key = f"timers of {context.person}"
            timer = Tick(number=TIMER_NUMBERS + poke.number)
            return decision.schedule(Schedule(f"{context.person} {poke.number}", context.now, timer, key))
        return decision

    @domain.handles(Tick)
    async def ticked(tick: Tick, context: Context, effects: Effects) -> Decision:
        return effect(context, effects, tick.number)

    @domain.performs(Ask, in_doubt="ask", seconds=CALL_SECONDS)
    async def call(ask: Ask, context: Context, outside: Outside) -> Echo:
        try:
            await outside.pool.execute(ADD_CALL, context.event.id, ask.number)
        except Exception as error:  # the service is away, too; whether it took the call, it will tell
            raise InDoubt(type(error).__name__, after=timedelta(seconds=0.2)) from error
        return Echo(number=ask.number)

    @domain.records(Ask)
    async def record(echo: Echo, context: Context, effects: Effects) -> Decision:
        return effect(context, effects, echo.number)

    @domain.asks(Ask)
    async def find_out(
        ask: Ask, doubt: Doubt, context: Context, effects: Effects, calls: Calls
    ) -> Decision | None:
        return effect(context, effects, ask.number) if await calls.were_made(context) else None

    return domain
