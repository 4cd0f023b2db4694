"""Events have their effect once, in order, and what they bring about is published."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from consumers.domain import Context, Decision, Domain, Emit, Reject, Retry, Schedule, nothing
from consumers.runtime.service import Service
from infra.kafka import lenient
from schemas import topics
from tests.integration.runtime.bench import Bench, Echo, Effects, Poke, Tick, poke
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]


def probe(**options: object) -> Domain:
    """A domain that writes down each poke, and echoes it."""
    domain = Domain("probe", **options)  # type: ignore[arg-type]

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        if poke.what == "reject":
            raise Reject("as asked")
        if poke.what == "retry":
            raise Retry("as asked")
        if poke.what == "bug":
            raise ZeroDivisionError("as asked")
        if poke.what == "timer":
            return nothing().schedule(
                Schedule(f"tick-{poke.number}", context.now, Tick(number=poke.number + 1000), context.person)
            )
        return nothing().emit(Emit(topics.events("probe"), context.person, Echo(number=poke.number)))

    @domain.handles(Tick)
    async def ticked(tick: Tick, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, tick.number)
        return nothing()

    return domain


async def test_every_event_takes_effect_once_and_in_order(bench: Bench, serve: Serve) -> None:
    records = [poke(f"person-{n % 7}", n) for n in range(500)]
    await bench.publish([*records, *records])  # Meta repeats
    await serve(probe(), "dead_letters")  # which brings back what was parked
    await bench.effects_become(500)
    await bench.outcome_becomes("processed", 500)
    for person in range(7):
        assert await bench.effects(f"person-{person}") == list(range(person, 500, 7))
    await bench.events_become(topics.events("probe"), 500)


async def test_a_failing_event_fails_alone(bench: Bench, serve: Serve) -> None:
    await bench.publish(
        [poke("a", 1), poke("b", 2, what="reject"), poke("a", 3), poke("c", 4, what="bug"), poke("c", 5)]
    )
    await serve(probe())
    await bench.outcome_becomes("deferred")
    assert sorted(await bench.effects_become(3)) == [1, 3, 5]
    assert await bench.outcomes() == {"processed": 3, "dead": 1, "deferred": 1}
    letters = await bench.records(topics.DEAD_LETTERS)
    assert {dict(r.headers)["kafka_dlt-exception-fqcn"] for r in letters} == {
        b"consumers.decision.Reject",
        b"builtins.ZeroDivisionError",
    }


async def test_a_row_that_the_database_refuses_fails_alone(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke(f"p{n}", -1 if n == 13 else n) for n in range(40)])
    await serve(probe())
    await bench.outcome_becomes("deferred")
    assert sorted(await bench.effects_become(39)) == [n for n in range(40) if n != 13]


async def test_a_timer_comes_back(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke("a", 1, what="timer")])
    await serve(probe(), "dead_letters")
    assert await bench.effects_become(2) == [1, 1001]
    assert await bench.waiting() == []


async def test_an_ordered_consumer_parks_what_follows(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke("a", 1, what="retry"), poke("a", 2), poke("b", 3), poke("a", 4)])
    await serve(probe(ordered=True))
    await bench.outcome_becomes("parked", 2)
    assert await bench.effects() == [3]
    assert [row["kind"] for row in await bench.waiting()] == ["deferred", "parked", "parked"]


async def test_events_of_other_times_are_set_aside(bench: Bench, serve: Serve) -> None:
    now = datetime.now(UTC)
    await bench.publish(
        [
            poke("a", 1, time=now - timedelta(days=30)),
            poke("a", 2, time=now + timedelta(days=3)),
            poke("a", 3),
        ]
    )
    await serve(probe())
    await bench.outcome_becomes("dead", 2)
    assert await bench.effects_become(1) == [3]
    reasons = {
        dict(r.headers)["kafka_dlt-exception-message"] for r in await bench.records(topics.DEAD_LETTERS)
    }
    assert reasons == {b"too_old", b"bad_time"}


async def test_behind_a_batch_that_cannot_be_read_nothing_is_lost(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka drops what it had in hand of other partitions: none of that is to be committed past."""
    read = lenient._PartitionRecords._unpack_records

    def rots(self: Any) -> Iterator[Any]:
        for record in read(self):
            if record.topic.endswith("intents.probe") and record.partition == 0 and record.offset >= 5:
                raise lenient.Unreadable("a rotten batch")
            yield record

    await bench.publish([poke(f"p{n % 20}", n) for n in range(400)])
    with monkeypatch.context() as patch:
        patch.setattr(lenient._PartitionRecords, "_unpack_records", rots)
        async with Service(bench.settings, [probe()]).running() as service:
            (consumer,) = service.consumers

            async def failed() -> bool:
                return isinstance(consumer.fatal, lenient.Unreadable)

            await eventually(failed)
            assert not service.health()[0]
    await serve(probe(), "dead_letters")
    assert sorted(await bench.effects_become(400)) == list(range(400))
