"""An event that is claimed: never parked behind others, and never left claimed when it is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest

from consumers.runtime.claiming import ClaimTransaction, CrowdTransaction
from consumers.runtime.claims import Call
from consumers.runtime.recording import RecordTransaction
from consumers.runtime.records import Outcome, Result
from consumers.runtime.transact import Frame
from infra.kafka.publisher import Output
from infra.postgres.session import Session
from schemas import topics
from tests.integration.runtime.bench import Bench, Echo, event
from tests.integration.runtime.by_hand import NOW, frame_of, records_of
from tests.integration.runtime.world import Ask, World, asking

T = TypeVar("T")

LEASE_OVER = NOW + timedelta(minutes=2)


def ask(number: int, key: str = "k") -> Output:
    return event(topics.intents("probe"), key, Ask(number=number))


def as_timer(output: Output, row: int, delivery: int = 0) -> Output:
    """The copy that the publisher sends when the row is due."""
    own = [("easymo_later", str(row).encode()), ("easymo_attempt", str(delivery).encode())]
    return output._replace(headers=[*output.headers, *own])


def id_of(output: Output) -> UUID:
    return UUID(dict(output.headers)["ce_id"].decode())


class Member:
    """One process's transactions; it keeps what it has read."""

    def __init__(self, pool: asyncpg.Pool[Any], frame: Frame) -> None:
        self._pool = pool
        self._frame = frame

    async def claims(
        self, *outputs: Output, now: datetime = NOW, crowded: bool = False
    ) -> tuple[list[Call], list[Result]]:
        records = records_of(outputs, self._frame.domain)
        for record in records:
            record.crowded = crowded
        return await self._commit(ClaimTransaction, now, lambda t: t.claim(records))

    async def parks(self, *outputs: Output, now: datetime = NOW) -> list[Result]:
        """A crowd, from the lane of what may wait."""
        records = records_of(outputs, self._frame.domain)
        for record in records:
            record.crowded = True
        return await self._commit(CrowdTransaction, now, lambda t: t.run(records))

    async def records(self, call: Call) -> Result:
        call.result = Echo(number=call.record.data.number)  # type: ignore[union-attr]
        results: list[Result] = await self._commit(RecordTransaction, NOW, lambda t: t.record([call]))
        return results[0]

    async def _commit(self, kind: Any, now: datetime, work: Callable[[Any], Awaitable[T]]) -> T:
        async with self._pool.acquire() as connection, connection.transaction():
            return await work(kind(self._frame, Session(connection), now))


@pytest.fixture
def members(bench: Bench, pool: asyncpg.Pool[Any]) -> tuple[Member, Member]:
    """One that calls, and one that gets its partition."""
    frame = frame_of(bench, asking(World(), in_doubt="repeat"), World())
    return Member(pool, frame), Member(pool, frame)


def outcomes(results: Sequence[Result]) -> list[Outcome]:
    return [result.outcome for result in results]


async def test_a_claimed_event_in_a_crowd_comes_back_and_its_call_counts(
    bench: Bench, members: tuple[Member, Member]
) -> None:
    caller, other = members
    first, second = ask(1), ask(2)
    (call,), _ = await caller.claims(first)
    assert outcomes(await other.parks(first, second)) == [Outcome.CLAIMED, Outcome.PARKED]
    done = await caller.records(call)
    assert (done.outcome, done.repeated, len(done.outputs)) == (Outcome.PROCESSED, False, 1)
    assert [row["event_id"] for row in await bench.waiting()] == [id_of(second)]
    assert await bench.effects() == [1]
    assert await bench.database.fetchval("SELECT count(*) FROM runtime.claim") == 0


async def test_a_claimed_event_behind_another_comes_back_when_its_lease_is_over(
    bench: Bench, members: tuple[Member, Member]
) -> None:
    caller, other = members
    first, second = ask(1), ask(2)
    await caller.claims(first)  # and it dies
    _, held = await other.claims(second)
    assert outcomes(held) == [Outcome.PARKED]
    _, found = await other.claims(first)
    assert outcomes(found) == [Outcome.CLAIMED]  # not parked: nothing would free its key
    (row,) = [row for row in await bench.waiting() if row["event_id"] == id_of(first)]
    assert (row["kind"], row["due"] > NOW) == ("deferred", True)
    back = as_timer(first, row["id"], row["delivery"])
    (call,), _ = await other.claims(back, now=LEASE_OVER)
    assert (await other.records(call)).outcome is Outcome.PROCESSED
    assert await bench.effects() == [1]
    assert await bench.database.fetchval("SELECT count(*) FROM runtime.claim") == 0


async def test_a_claimed_event_in_a_crowd_after_its_lease_is_left_to_who_may_call(
    bench: Bench, members: tuple[Member, Member]
) -> None:
    caller, other = members
    await caller.claims(first := ask(1))
    assert outcomes(await other.parks(first, now=LEASE_OVER)) == [Outcome.CLAIMED]
    (row,) = await bench.waiting()
    assert (row["kind"], row["due"]) == ("deferred", LEASE_OVER)


async def _timer(bench: Bench, output: Output) -> int:
    """A timer's row, as it waits."""
    return int(
        await bench.database.fetchval(
            """INSERT INTO runtime.later (consumer, name, topic, key, record, event_id, due, kind,
                delivery, holds, reason)
            VALUES ('probe', 'look', $1, $2, '', $3, now(), 'timer', 0, false, 'timer') RETURNING id""",
            output.topic, output.key, id_of(output),
        )
    )  # fmt: skip


@pytest.mark.parametrize("crowd", [False, True])
@pytest.mark.parametrize("ends", ["is replaced", "is cancelled"])
async def test_a_timer_that_ends_during_its_call_leaves_no_claim(
    bench: Bench, members: tuple[Member, Member], ends: str, *, crowd: bool
) -> None:
    caller, other = members
    timer = ask(1)
    row = await _timer(bench, timer)
    (_,), _ = await caller.claims(as_timer(timer, row))  # and it dies
    change = "UPDATE runtime.later SET delivery = 1, event_id = gen_random_uuid()"
    await bench.database.execute(change if ends == "is replaced" else "DELETE FROM runtime.later")
    copy = as_timer(timer, row)
    results = await other.parks(copy) if crowd else (await other.claims(copy))[1]
    assert outcomes(results) == [Outcome.GONE]
    assert await bench.database.fetchval("SELECT count(*) FROM runtime.claim") == 0
    calls, _ = await other.claims(ask(2))  # its key is free
    assert len(calls) == 1


async def test_an_old_copy_leaves_the_claim_of_a_later_delivery_alone(
    bench: Bench, members: tuple[Member, Member]
) -> None:
    caller, other = members
    timer = ask(1)
    row = await _timer(bench, timer)
    await bench.database.execute("UPDATE runtime.later SET delivery = 1")  # an operator hurried it
    (call,), _ = await caller.claims(as_timer(timer, row, 1))
    _, old = await other.claims(as_timer(timer, row, 0))
    assert outcomes(old) == [Outcome.GONE]
    assert (await caller.records(call)).repeated is False
    assert await bench.effects() == [1]
    assert await bench.waiting() == []
