"""The runtime's statements do not grow with the chunk: counted on the real database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from consumers.domain import Context, Decision, Domain, Emit, Retry, Schedule, stay
from consumers.replies import Say
from consumers.runtime.claiming import ClaimTransaction
from consumers.runtime.recording import RecordTransaction
from consumers.runtime.records import Result
from consumers.runtime.transact import ChunkTransaction, Frame
from infra.kafka.publisher import Output
from infra.postgres.session import Session
from schemas import topics
from tests.integration.runtime.bench import Bench, Echo, Effects, Poke, Tick, event, poke
from tests.integration.runtime.by_hand import NOW, frame_of, records_of
from tests.integration.runtime.world import Ask, World, asking

SIZES = (1, 10, 250)


def busy() -> Domain:
    """A domain whose every decision says everything that a decision can say."""
    domain = Domain("probe")

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        if poke.what == "retry":
            raise Retry("as asked")
        due = context.now + timedelta(hours=1)
        return (
            stay(Say("hi"), answer=poke.number)
            .emit(Emit(topics.events("probe"), "k", Echo(number=1)))
            .schedule(Schedule(f"timer of {poke.number}", due, Tick(number=1), "k"))
            .cancel(f"other timer of {poke.number}")
            .tell(f"friend of {poke.number}", Say("hi"))
        )

    return domain


async def run(pool: asyncpg.Pool[Any], frame: Frame, outputs: Sequence[Output]) -> tuple[list[Result], int]:
    """One chunk: its results, and how many statements it took."""
    async with pool.acquire() as connection, connection.transaction():
        session = Session(connection)
        records = records_of(outputs, frame.domain)
        return await ChunkTransaction(frame, session, NOW).run(records), session.statements


@pytest.mark.parametrize("what", ["", "retry"])
async def test_a_chunk(bench: Bench, pool: asyncpg.Pool[Any], what: str) -> None:
    frame = frame_of(bench, busy())
    counts = {}
    for size in SIZES:
        outputs = [poke(f"p{size}-{number}", number, what=what) for number in range(size)]
        results, counts[size] = await run(pool, frame, outputs)
        assert len(results) == size
    assert len(set(counts.values())) == 1, counts
    # Lock and insert and lock, processed, held back; the effects, five kinds of rows, the languages.
    assert counts[1] <= 12


async def test_a_chunk_of_repeats(bench: Bench, pool: asyncpg.Pool[Any]) -> None:
    frame = frame_of(bench, busy())
    counts = {}
    for size in SIZES:
        outputs = [poke(f"p{size}-{number}", number) for number in range(size)]
        await run(pool, frame, outputs)
        results, counts[size] = await run(pool, frame, outputs)
        assert all(result.repeated for result in results)
    assert set(counts.values()) == {2}, counts


async def test_a_chunk_that_comes_back_from_waiting(bench: Bench, pool: asyncpg.Pool[Any]) -> None:
    frame = frame_of(bench, busy())
    counts = {}
    for size in SIZES:
        outputs = [poke(f"p{size}-{number}", number, what="retry") for number in range(size)]
        await run(pool, frame, outputs)
        rows = await bench.database.fetch("SELECT id, event_id FROM runtime.later ORDER BY id")
        by_event = {str(row["event_id"]).encode(): row["id"] for row in rows}
        again = [
            output._replace(
                topic=topics.redelivery("probe"),
                headers=[
                    *output.headers,
                    ("easymo_later", str(by_event[dict(output.headers)["ce_id"]]).encode()),
                    ("easymo_attempt", b"1"),
                ],
            )
            for output in outputs
        ]
        results, counts[size] = await run(pool, frame, again)
        assert not any(result.repeated for result in results)
        await bench.database.execute("DELETE FROM runtime.later")
    assert len(set(counts.values())) == 1, counts


async def test_calls_claimed_and_recorded(bench: Bench, pool: asyncpg.Pool[Any]) -> None:
    world = World()
    frame = frame_of(bench, asking(world), world)
    counts = {}
    for size in SIZES:
        outputs = [
            event(topics.intents("probe"), f"p{size}-{number}", Ask(number=number)) for number in range(size)
        ]
        records = records_of(outputs, frame.domain)
        async with pool.acquire() as connection, connection.transaction():
            claiming = Session(connection)
            calls, results = await ClaimTransaction(frame, claiming, NOW).claim(records)
        assert (len(calls), results) == (size, [])
        for call in calls:
            assert isinstance(call.record.data, Ask)
            call.result = Echo(number=call.record.data.number)
        async with pool.acquire() as connection, connection.transaction():
            recording = Session(connection)
            assert len(await RecordTransaction(frame, recording, NOW).record(calls)) == size
        counts[size] = (claiming.statements, recording.statements)
    assert len(set(counts.values())) == 1, counts
    assert len(await bench.effects()) == sum(SIZES)
