"""Calls that outlive their member's hold on a partition: one effect each, whoever made the call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from consumers.runtime import claiming
from consumers.runtime.consumer import Consumer
from consumers.runtime.service import Service
from infra.kafka.publisher import Output
from schemas import topics
from tests.integration.runtime.bench import Bench, event
from tests.integration.runtime.world import Ask, World, asking, stubborn
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]

CALLS = 8  # over four partitions: two members share them
HELD = "SELECT FROM runtime.processed WHERE outcome = 'claimed'"


@pytest.fixture(autouse=True)
def impatient_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebalance that does not wait for calls under way."""
    monkeypatch.setattr(Consumer.drain, "__defaults__", (0.1,))


def asks() -> list[Output]:
    return [event(topics.intents("probe"), f"p{number}", Ask(number=number)) for number in range(CALLS)]


def stuck_world() -> World:
    return World(script={number: [stubborn] for number in range(CALLS)})


async def until_all_are_called(world: World) -> None:
    async def called() -> bool:
        return len(world.calls) == CALLS

    await eventually(called)


def open_gates(world: World) -> None:
    for number in range(CALLS):
        world.gates[number].set()


async def test_who_takes_over_waits_for_the_call_under_way(bench: Bench, serve: Serve) -> None:
    world = stuck_world()
    await bench.publish(asks())
    await serve(asking(world))
    await until_all_are_called(world)
    await serve(asking(world))  # gets half of the partitions, and finds calls claimed there
    await bench.outcome_becomes("claimed")
    open_gates(world)
    assert sorted(await bench.effects_become(CALLS)) == list(range(CALLS))
    await bench.nothing_waits()  # what the second member set aside, the first one settled
    await bench.outcome_becomes("processed", CALLS)
    assert sorted(world.calls) == list(range(CALLS))
    assert await bench.outcomes() == {"processed": CALLS}


async def test_a_result_that_comes_after_its_lease_is_dropped(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "LEASE_MARGIN", timedelta(0))
    world = stuck_world()
    await bench.publish(asks())
    await serve(asking(world, seconds=1), "dead_letters")
    await until_all_are_called(world)
    await serve(asking(world, seconds=1))
    taken_over = await bench.effects_become(1)  # the lease is over, and the call was made again
    assert all(world.calls.count(number) == 2 for number in taken_over)
    open_gates(world)
    await bench.effects_become(CALLS)
    await bench.nothing_waits()
    assert Counter(await bench.effects()) == dict.fromkeys(range(CALLS), 1)
    await bench.events_become(topics.events("probe"), CALLS)
