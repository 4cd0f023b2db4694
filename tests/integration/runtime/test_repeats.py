"""What comes twice has one effect: duplicates, restarts, and a crash between commit and publish."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from consumers.domain import Context, Decision, Domain, Emit, Retry, Schedule, nothing
from consumers.runtime.records import Outcome, Result
from consumers.runtime.service import Service
from consumers.runtime.transact import ChunkTransaction, Frame
from infra.kafka.connection import consumer_options
from infra.kafka.publisher import Output, Publisher
from infra.postgres.session import Session
from schemas import topics
from tests.integration.runtime.bench import Bench, Echo, Effects, Poke, poke
from tests.integration.runtime.by_hand import NOW, frame_of, records_of
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]


def echoing(**options: object) -> Domain:
    domain = Domain("probe", **options)  # type: ignore[arg-type]

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        if poke.what == "retry":
            raise Retry("as asked")
        return nothing().emit(Emit(topics.events("probe"), context.person, Echo(number=poke.number)))

    return domain


async def forget_offsets(bench: Bench) -> None:
    """As if nothing had been committed: the next member is given everything again."""
    prefix = bench.settings.kafka_topic_prefix
    name = prefix + topics.intents("probe")
    consumer = AIOKafkaConsumer(**consumer_options(bench.settings), group_id=f"{prefix}easymo.probe")
    partitions = [TopicPartition(name, number) for number in range(4)]
    consumer.assign(partitions)
    await consumer.start()
    try:
        await consumer.commit({partition: OffsetAndMetadata(0, "") for partition in partitions})
    finally:
        await consumer.stop()


async def test_duplicates_in_a_chunk_and_between_chunks(bench: Bench, serve: Serve) -> None:
    records = [poke(f"p{number % 3}", number) for number in range(60)]
    often = [*records, *records, *reversed(records)]
    await bench.publish(often)
    await serve(echoing(chunk=7), "dead_letters")
    await bench.effects_become(60)
    await bench.outcome_becomes("processed", 60)
    await bench.publish(random.sample(often, len(often)))
    last = poke("p0", 99)
    await bench.publish([last])
    await bench.effects_become(61)
    await bench.nothing_waits()
    for person in range(3):
        numbers = [n for n in await bench.effects(f"p{person}") if n != 99]
        assert numbers == list(range(person, 60, 3))


async def test_what_was_handled_is_recognised_by_the_next_member(bench: Bench, serve: Serve) -> None:
    records = [poke(f"p{n % 3}", n, what="retry" if n == 13 else "") for n in range(40)]
    await bench.publish(records)
    first = Service(bench.settings, [echoing()])
    async with first.running():
        await bench.outcome_becomes("processed", 39)
        await bench.outcome_becomes("deferred")
    published = await bench.event_ids(topics.events("probe"))
    await forget_offsets(bench)
    service = await serve(echoing())

    async def read_again() -> bool:
        return service.consumers[0].offsets.finished >= 40

    await eventually(read_again)
    assert sorted(await bench.effects()) == [n for n in range(40) if n != 13]
    assert await bench.event_ids(topics.events("probe")) == published
    assert len(await bench.waiting()) == 1
    assert {dict(r.headers)["easymo_dead_id"] for r in await bench.records(topics.DEAD_LETTERS)} == {
        dict(r.headers)["easymo_dead_id"] for r in (await bench.records(topics.DEAD_LETTERS))[:1]
    }


async def test_a_crash_between_commit_and_publish(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed is published by whoever finds the event again, under the same ids."""
    await bench.publish([poke(f"p{n % 3}", n) for n in range(40)])
    attempted: list[Output] = []
    stuck = asyncio.Event()

    async def crash(self: Publisher, outputs: Sequence[Output]) -> None:
        attempted.extend(outputs)
        stuck.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch, suppress(TimeoutError):
        patch.setattr("consumers.runtime.consumer.Consumer.drain.__defaults__", (0.0,))
        patch.setattr(Publisher, "publish", crash)
        service = Service(bench.settings, [echoing(workers=1, chunk=10)])
        async with service.running():
            await stuck.wait()
            service.consumers[0].fatal = RuntimeError("as killed")  # a graceful stop would wait for it
    committed = await bench.effects()
    assert len(committed) == len(attempted) == 10
    await serve(echoing())
    assert sorted(await bench.effects_become(40)) == list(range(40))
    await bench.outcome_becomes("processed", 40)

    async def all_published() -> bool:
        return len(await bench.event_ids(topics.events("probe"))) == 40

    await eventually(all_published)
    ids = await bench.event_ids(topics.events("probe"))
    assert {dict(output.headers)["ce_id"] for output in attempted} < ids


async def test_what_follows_from_an_idempotent_event_is_the_same_on_another_day(
    bench: Bench, pool: asyncpg.Pool[Any]
) -> None:
    """Under another time, whoever reads it would not know it again."""
    domain = Domain("probe")

    @domain.handles(Poke, idempotent=True)
    async def poked(poke: Poke, context: Context) -> Decision:
        if poke.what == "timer":
            return nothing().schedule(Schedule("look", context.now + timedelta(days=2), poke, "a"))
        if poke.what == "told":
            return nothing().emit(Emit(topics.events("probe"), "a", Echo(number=poke.number)))
        return nothing()

    frame = frame_of(bench, domain)
    events = [poke("a", number, what=what) for number, what in enumerate(("told", "timer", ""))]
    first, again = [await _handle(pool, frame, events, now) for now in (NOW, NOW + timedelta(days=1))]
    assert [result.outputs for result in again] == [result.outputs for result in first]
    assert [result.repeated for result in again] == [True, True, False]
    assert [len(result.outputs) for result in first] == [1, 0, 0]
    ((due,),) = await bench.database.fetch("SELECT due FROM runtime.later")
    assert due == NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("days", "outcome"), [(-9, Outcome.PROCESSED), (2, Outcome.DEAD)], ids=["too old", "too early"]
)
async def test_what_was_said_before_midnight_is_said_after_it(
    bench: Bench, pool: asyncpg.Pool[Any], days: int, outcome: Outcome
) -> None:
    """Its day is no longer, or not yet, one of those that are handled; its outputs are owed all the same."""
    events = [poke("a", 1, time=NOW + timedelta(days=days))]
    frame = frame_of(bench, echoing())
    (first,) = await _handle(pool, frame, events, NOW)
    (again,) = await _handle(pool, frame, events, NOW + timedelta(days=1))
    assert (first.outcome, first.repeated, len(first.outputs)) == (outcome, False, 1)
    assert (again.outcome, again.repeated, again.outputs) == (outcome, True, first.outputs)


async def _handle(
    pool: asyncpg.Pool[Any], frame: Frame, events: Sequence[Output], now: datetime
) -> list[Result]:
    async with pool.acquire() as connection, connection.transaction():
        return await ChunkTransaction(frame, Session(connection), now).run(
            records_of(events, frame.domain, now)
        )


async def test_an_idempotent_event_that_fails_twice_is_not_in_its_own_way(bench: Bench, serve: Serve) -> None:
    domain = Domain("probe")

    @domain.handles(Poke, idempotent=True)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        if poke.what == "retry":
            raise Retry("as asked")
        return nothing()

    failing = poke("a", 1, what="retry", id=uuid4())
    await bench.publish([failing, poke("a", 2), failing, failing, poke("a", 3)])
    await serve(domain)
    await bench.effects_become(2)
    assert await bench.effects() == [2, 3]
    assert await bench.outcomes() == {"deferred": 1}
    assert len(await bench.waiting()) == 1
