"""The database commits and dies before it says so: what was committed is known, told, and not done again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from consumers.decision import InDoubt, Retry
from consumers.domain import Context, Decision, Domain, Emit, nothing
from consumers.runtime import chunks
from consumers.runtime.service import Service
from infra.postgres.pool import transaction
from infra.postgres.session import Connection
from schemas import topics
from tests.integration.runtime.bench import Bench, Echo, Effects, Poke, event, poke
from tests.integration.runtime.world import Ask, World, asking, raises

Serve = Callable[..., Awaitable[Service]]

EVENTS = 40


@pytest.fixture(autouse=True)
def lost_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every two transactions of the runtime, the first commits, and its member never hears of it."""
    turns = count()

    @asynccontextmanager
    async def forgetful(pool: Any) -> AsyncIterator[Connection]:
        async with transaction(pool) as connection:
            yield connection
        if next(turns) % 2 == 0:
            raise ConnectionResetError("the answer to the commit was lost")

    monkeypatch.setattr(chunks, "transaction", forgetful)


def asks(count: int = EVENTS) -> list[Any]:
    return [event(topics.intents("probe"), f"p{number}", Ask(number=number)) for number in range(count)]


async def test_what_a_handler_decided_takes_effect_and_is_told_once(bench: Bench, serve: Serve) -> None:
    domain = Domain("probe", conversational=False)

    @domain.handles(Poke)
    async def handle(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        return nothing().emit(Emit(topics.events("probe"), context.person, Echo(number=poke.number)))

    await bench.publish(poke(f"p{number % 4}", number) for number in range(EVENTS))
    await serve(domain)
    assert sorted(await bench.effects_become(EVENTS)) == list(range(EVENTS))
    await bench.events_become(topics.events("probe"), EVENTS)
    assert await bench.outcomes() == {"processed": EVENTS}


async def test_a_call_is_neither_doubted_nor_made_again_and_its_end_is_told(
    bench: Bench, serve: Serve
) -> None:
    world = World()
    await bench.publish(asks())
    await serve(asking(world, in_doubt="person"))
    await bench.events_become(topics.events("probe"), EVENTS)
    assert sorted(await bench.effects()) == list(range(EVENTS))
    assert sorted(world.calls) == list(range(EVENTS))
    assert await bench.outcomes() == {"processed": EVENTS}
    await bench.nothing_waits()


async def test_a_call_that_is_tried_again_is_told_of_and_made_no_oftener(bench: Bench, serve: Serve) -> None:
    later = raises(Retry("busy", after=timedelta(0)))
    world = World(script={number: [later] for number in range(EVENTS)})
    await bench.publish(asks())
    await serve(asking(world), "dead_letters")
    await bench.events_become(topics.events("probe"), EVENTS)
    assert sorted(world.calls) == sorted([*range(EVENTS), *range(EVENTS)])
    await bench.nothing_waits()
    await bench.events_become(topics.DEAD_LETTERS, EVENTS)


async def test_a_doubt_is_looked_into_once(bench: Bench, serve: Serve) -> None:
    doubt = raises(InDoubt("read time-out", after=timedelta(0)))
    world = World(
        script={number: [doubt] for number in range(EVENTS)},
        answers={number: [True, True] for number in range(EVENTS)},
    )
    await bench.publish(asks())
    await serve(asking(world, in_doubt="ask"), "dead_letters")
    assert sorted(await bench.effects_become(EVENTS)) == list(range(EVENTS))
    assert sorted(world.calls) == list(range(EVENTS))
    await bench.nothing_waits()
