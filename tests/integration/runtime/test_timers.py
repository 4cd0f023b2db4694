"""Timers: they come once, when due; a cancelled or replaced one does not come, wherever it is by then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from consumers.domain import Context, Decision, Domain, Retry, Schedule, nothing
from consumers.runtime.service import Service
from infra.kafka.publisher import Output
from schemas import topics
from schemas.envelope import ATTEMPT, LATER_ID
from tests.integration.runtime.bench import Bench, Effects, Poke, Tick, poke

Serve = Callable[..., Awaitable[Service]]

HOUR = timedelta(hours=1)
RETRY = Retry("as asked", after=HOUR)


def ticking(
    fails: dict[int, list[Exception]] | None = None, late: list[timedelta] | None = None, **options: object
) -> Domain:
    """A domain whose pokes set and cancel timers: `set NAME`, `soon NAME`, `cancel NAME`.

    How late they are, as far as their handler is told, comes to `late`.
    """
    domain = Domain("probe", **options)  # type: ignore[arg-type]

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        what, _, name = poke.what.partition(" ")
        if what == "fail":
            raise RETRY
        if what == "cancel":
            return nothing().cancel(name)
        if what in ("set", "soon"):
            due = context.now + (HOUR if what == "set" else timedelta(0))
            return nothing().schedule(Schedule(name, due, Tick(number=1000 + poke.number), context.person))
        return nothing()

    @domain.handles(Tick)
    async def ticked(tick: Tick, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, tick.number)
        if late is not None:
            late.append(context.now - context.event.time)
        errors = (fails or {}).get(tick.number)
        if errors:
            raise errors.pop(0)
        return nothing()

    return domain


async def test_no_timer_is_told_a_time_before_its_own(bench: Bench, serve: Serve) -> None:
    """The database's clock says when it is due, the consumer's what its handler is told; it is behind."""
    late: list[timedelta] = []
    service = await serve(ticking(late=late), "dead_letters")
    service.consumers[0].clock = lambda: datetime.now(UTC) - HOUR
    await bench.publish([poke("a", 1, what="set one")])
    assert await bench.effects_become(2) == [1, 1001]
    assert late == [timedelta(0)]


async def copy_of_row(bench: Bench) -> Output:
    """The record that the publisher sends for the one timer that waits."""
    (row,) = await bench.waiting()
    from consumers.runtime.records import unpack_record

    value, headers = unpack_record(row["record"])
    more = [(ATTEMPT, str(row["delivery"]).encode()), (LATER_ID, str(row["id"]).encode())]
    return Output(row["topic"], row["key"], value, [*headers, *more])


async def test_a_timer_comes_when_it_is_due_and_not_before(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke("a", 1, what="set x"), poke("a", 2, what="soon y")])
    await serve(ticking(), "dead_letters")
    assert await bench.effects_become(3) == [1, 2, 1002]
    await bench.make_due()
    assert await bench.effects_become(4) == [1, 2, 1002, 1001]
    await bench.nothing_waits()


async def test_a_timer_of_the_same_name_replaces_the_one_before(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke("a", n, what="set x") for n in (1, 2)] + [poke("b", 3, what="set x")])
    await serve(ticking())
    await bench.effects_become(3)
    assert [row["name"] for row in await bench.waiting()] == ["x"]
    await serve("dead_letters")
    await bench.make_due()
    ticks = (await bench.effects_become(4))[3:]
    assert len(ticks) == 1
    await bench.nothing_waits()


async def test_a_cancelled_timer_does_not_come(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke("a", 1, what="set x"), poke("b", 2, what="set y")])
    await serve(ticking(), "dead_letters")
    await bench.effects_become(2)
    await bench.publish([poke("a", 3, what="cancel x"), poke("a", 4, what="cancel never set")])
    await bench.effects_become(4)
    await bench.make_due()
    assert (await bench.effects_become(5))[4:] == [1002]
    await bench.nothing_waits()


async def test_a_timer_may_set_itself_anew(bench: Bench, serve: Serve) -> None:
    domain = Domain("probe")

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context) -> Decision:
        return nothing().schedule(Schedule("beat", context.now, Tick(number=1), context.person))

    @domain.handles(Tick)
    async def ticked(tick: Tick, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, tick.number)
        if tick.number == 5:
            return nothing()
        return nothing().schedule(Schedule("beat", context.now, Tick(number=tick.number + 1), context.person))

    await bench.publish([poke("a", 0)])
    await serve(domain, "dead_letters")
    assert await bench.effects_become(5) == [1, 2, 3, 4, 5]
    await bench.nothing_waits()


@pytest.mark.parametrize("change", ["cancel x", "set x"])
async def test_a_copy_on_its_way_loses_to_what_came_before_it(
    bench: Bench, serve: Serve, change: str
) -> None:
    """The timer was sent already when it is cancelled or replaced, in the same chunk even."""
    service = await serve(ticking())
    await bench.publish([poke("a", 1, what="set x")])
    await bench.effects_become(1)
    copy = await copy_of_row(bench)
    await service.consumers[0].drain()  # both are to come in one chunk
    await bench.publish([poke("a", 2, what=change), copy, poke("a", 3)])
    await serve(ticking())
    await bench.effects_become(3)
    await bench.outcome_becomes("processed", 3)
    assert await bench.effects() == [1, 2, 3]
    rows = await bench.waiting()
    assert [row["delivery"] for row in rows] == ([1] if change == "set x" else [])


async def test_a_timer_that_fails_can_still_be_cancelled(bench: Bench, serve: Serve) -> None:
    await serve(ticking({1001: [RETRY]}), "dead_letters")
    await bench.publish([poke("a", 1, what="soon x")])
    await bench.outcome_becomes("deferred")
    await bench.publish([poke("a", 2, what="cancel x")])
    await bench.nothing_waits()
    assert await bench.effects() == [1, 2]


async def test_a_timer_that_fails_is_tried_again_with_its_name(bench: Bench, serve: Serve) -> None:
    await serve(ticking({1001: [RETRY]}), "dead_letters")
    await bench.publish([poke("a", 1, what="soon x")])
    await bench.outcome_becomes("deferred")
    assert [(row["kind"], row["name"]) for row in await bench.waiting()] == [("deferred", "x")]
    await bench.publish([poke("a", 2, what="set x")])
    await bench.effects_become(2)
    assert [(row["kind"], row["tries"]) for row in await bench.waiting()] == [("timer", 0)]
    await bench.make_due()
    assert await bench.effects_become(3) == [1, 2, 1002]
    await bench.nothing_waits()


async def test_a_timer_held_back_comes_after_what_holds_it_back(bench: Bench, serve: Serve) -> None:
    """In an ordered consumer: the timer was set before, but fell due after the others had come."""
    await serve(ticking(ordered=True), "dead_letters")
    await bench.publish([poke("a", 1, what="set x")])
    await bench.effects_become(1)
    await bench.publish([poke("a", 2, what="fail"), poke("a", 3)])
    await bench.outcome_becomes("parked")
    await bench.database.execute("UPDATE runtime.later SET due = now() WHERE kind = 'timer'")
    await bench.outcome_becomes("parked", 2)
    rows = {row["name"]: row["kind"] for row in await bench.waiting()}
    assert rows == {None: "parked", "x": "parked"}
    assert await bench.effects() == [1]
    # Let the one that failed go: its handler is told to fail by what it carries.
    await bench.database.execute("DELETE FROM runtime.later WHERE kind = 'deferred'")
    assert await bench.effects_become(3) == [1, 3, 1001]
    await bench.nothing_waits()


async def test_timers_in_their_own_topic_are_events_like_others(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke("a", 1, what="soon x")])
    await serve(ticking(), "dead_letters")
    await bench.effects_become(2)
    (_, timer) = await bench.records(topics.intents("probe"))
    assert dict(timer.headers)["ce_type"] == b"probe.tick.v1"
    assert timer.key == b"a"
