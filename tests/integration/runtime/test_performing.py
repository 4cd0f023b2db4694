"""Calls to the world: claimed, made once, recorded; and what follows when nobody knows how one ended."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from consumers.decision import Fatal, InDoubt, Reject, Retry
from consumers.runtime.policy import RetryPolicy
from consumers.runtime.service import Service
from infra.kafka.publisher import Output
from schemas import topics
from tests.integration.runtime.bench import Bench, event
from tests.integration.runtime.world import Ask, Beg, World, asking, raises, until_open
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]

AT_ONCE = timedelta(0)
TWICE = RetryPolicy((AT_ONCE, AT_ONCE))
NOW = Retry("as asked", after=AT_ONCE)
DOUBT = InDoubt("read time-out", after=AT_ONCE)


def ask(key: str, number: int, **changes: object) -> Output:
    return event(topics.intents("probe"), key, Ask(number=number), **changes)  # type: ignore[arg-type]


async def is_cancelled(_: World, __: int) -> None:
    """As by a task that several calls share."""
    raise asyncio.CancelledError


async def test_a_call_is_made_once_and_its_end_recorded(bench: Bench, serve: Serve) -> None:
    world = World()
    records = [ask(f"p{number % 5}", number) for number in range(60)]
    await bench.publish([*records, *records])
    await serve(asking(world))
    await bench.effects_become(60)
    assert sorted(world.calls) == list(range(60))
    assert world.most_of_a_key == 1
    assert world.most > 1
    for person in range(5):
        assert await bench.effects(f"p{person}") == list(range(person, 60, 5))
    await bench.nothing_waits()
    assert await bench.outcomes() == {"processed": 60}
    await bench.events_become(topics.events("probe"), 60)


async def test_calls_of_a_key_never_meet_whatever_topic_they_come_from(bench: Bench, serve: Serve) -> None:
    world = World(script={number: [raises(NOW)] for number in range(0, 120, 3)})
    await serve(asking(world), "dead_letters")
    for start in range(0, 120, 20):
        await bench.publish([ask(f"p{number % 4}", number) for number in range(start, start + 20)])
    assert sorted(await bench.effects_become(120)) == list(range(120))
    assert world.most_of_a_key == 1
    assert Counter(Counter(world.calls).values()) == {1: 80, 2: 40}
    await bench.nothing_waits()


async def test_an_ordered_consumer_calls_in_order_though_some_fail(bench: Bench, serve: Serve) -> None:
    world = World(script={number: [raises(NOW)] * (number % 3) for number in range(40)})
    await bench.publish([ask(f"p{number % 2}", number) for number in range(40)])
    await serve(asking(world, ordered=True), "dead_letters")
    await bench.effects_become(40)
    for person in range(2):
        assert await bench.effects(f"p{person}") == list(range(person, 40, 2))
    await bench.nothing_waits()


@pytest.mark.parametrize("error", [Reject("never"), ZeroDivisionError("bug")])
async def test_a_call_that_always_fails_is_set_aside(bench: Bench, serve: Serve, error: Exception) -> None:
    world = World(script={1: [raises(error)] * 9})
    await bench.publish([ask("a", 1), ask("b", 2)])
    await serve(asking(world), "dead_letters", policy=TWICE)
    await bench.outcome_becomes("dead")
    assert world.calls.count(1) == (1 if isinstance(error, Reject) else 3)
    assert await bench.effects() == [2]
    await bench.nothing_waits()


async def test_a_call_that_went_out_after_all_is_not_made_again(bench: Bench, serve: Serve) -> None:
    still = Retry("no status yet", after=AT_ONCE, counts=False)
    world = World(script={1: [raises(DOUBT)]}, answers={1: [still, still, True]})
    await bench.publish([ask("a", 1), ask("a", 2)])
    await serve(asking(world, in_doubt="ask"), "dead_letters")
    assert await bench.effects_become(2) == [1, 2]  # the next of the key waited
    assert world.calls == [1, 2]
    assert world.doubts == [1, 1, 1]
    await bench.nothing_waits()


async def test_a_call_that_did_not_go_out_is_made_again(bench: Bench, serve: Serve) -> None:
    world = World(script={1: [raises(DOUBT)]}, answers={1: [False]})
    await bench.publish([ask("a", 1), ask("a", 2)])
    await serve(asking(world, in_doubt="ask"), "dead_letters")
    assert await bench.effects_become(2) == [1, 2]
    assert world.calls == [1, 1, 2]
    await bench.nothing_waits()


async def test_a_call_in_doubt_is_repeated_where_that_does_no_harm(bench: Bench, serve: Serve) -> None:
    world = World(script={1: [raises(DOUBT)]})
    await bench.publish([ask("a", 1)])
    await serve(asking(world), "dead_letters")
    assert await bench.effects_become(1) == [1]
    assert world.calls == [1, 1]
    await bench.nothing_waits()


async def test_a_call_that_something_within_it_cancels_is_in_doubt(bench: Bench, serve: Serve) -> None:
    world = World(script={1: [is_cancelled]})
    await bench.publish([ask("a", 1), ask("a", 2)])
    await serve(asking(world), "dead_letters")
    await bench.effects_become(2)
    assert Counter(world.calls) == {1: 2, 2: 1}
    await bench.nothing_waits()


async def test_a_call_in_doubt_is_left_to_a_person(bench: Bench, serve: Serve) -> None:
    world = World(script={1: [raises(DOUBT)]})
    await bench.publish([ask("a", 1), ask("a", 2)])
    await serve(asking(world, in_doubt="person"), "dead_letters")
    await bench.outcome_becomes("dead")
    assert await bench.effects_become(1) == [2]
    assert world.calls == [1, 2]
    await bench.nothing_waits()
    (letter,) = await bench.records(topics.DEAD_LETTERS)
    assert dict(letter.headers)["kafka_dlt-exception-message"].startswith(b"in doubt")


async def test_a_call_is_not_repeated_for_ever(bench: Bench, serve: Serve) -> None:
    world = World(script={1: [raises(DOUBT)] * 99})
    await bench.publish([ask("a", 1)])
    await serve(asking(world), "dead_letters", policy=TWICE)
    await bench.outcome_becomes("dead")
    assert world.calls == [1, 1, 1]
    await bench.nothing_waits()


async def test_a_call_that_takes_too_long_is_tried_again(bench: Bench, serve: Serve) -> None:
    world = World(script={1: [until_open]})
    await bench.publish([ask("a", 1), ask("b", 2)])
    await serve(asking(world, seconds=0.3), "dead_letters", policy=TWICE)
    assert sorted(await bench.effects_become(2)) == [1, 2]
    assert sorted(world.calls) == [1, 1, 2]
    await bench.nothing_waits()


@pytest.mark.parametrize(("in_doubt", "calls", "outcome"), [("repeat", 3, "dead"), ("person", 1, "dead")])
async def test_an_end_that_cannot_be_recorded(
    bench: Bench, serve: Serve, in_doubt: str, calls: int, outcome: str
) -> None:
    world = World(at_record={1: [raises(ZeroDivisionError("bug"))] * 99})
    await bench.publish([ask("a", 1), ask("b", 2), ask("c", 3)])
    await serve(asking(world, in_doubt=in_doubt), "dead_letters", policy=TWICE)
    await bench.outcome_becomes(outcome)
    assert sorted(await bench.effects_become(2)) == [2, 3]
    assert world.calls.count(1) == calls
    await bench.nothing_waits()


async def test_an_end_that_could_not_be_recorded_at_first(bench: Bench, serve: Serve) -> None:
    world = World(at_record={1: [raises(ZeroDivisionError("bug"))]}, answers={1: [True]})
    await bench.publish([ask("a", 1)])
    await serve(asking(world, in_doubt="ask"), "dead_letters", policy=TWICE)
    assert await bench.effects_become(1) == [1]
    assert world.calls == [1]
    await bench.nothing_waits()


async def test_a_call_so_harmless_that_nothing_is_remembered(bench: Bench, serve: Serve) -> None:
    world = World(script={7: [raises(NOW)] * 2})
    records = [event(topics.intents("probe"), f"p{number % 3}", Beg(number=number)) for number in range(30)]
    await bench.publish([*records, *random.sample(records, 30)])  # each one twice, the one that fails too
    await serve(asking(world), "dead_letters")

    async def all_made() -> bool:
        return Counter(world.calls)[7] >= 3 and len(set(world.calls)) == 30 and len(world.calls) >= 61

    await eventually(all_made)
    await bench.nothing_waits()
    assert (await bench.outcomes()).get("dead") is None


async def test_what_ends_a_process_is_not_an_events_failure(bench: Bench, serve: Serve) -> None:
    world = World(script={1: [raises(Fatal("the token is refused"))]})
    await bench.publish([ask("a", 1)])
    service = await serve(asking(world))

    async def failed() -> bool:
        return service.consumers[0].fatal is not None

    await eventually(failed)
    assert await bench.outcomes() == {}
    assert not service.health()[0]
