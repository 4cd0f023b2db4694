"""One event at fault fails alone: in a bulk statement, in a read, after a conflict, in what is read ahead."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from consumers.domain import Context, Decision, Domain, Reject, Store, nothing
from consumers.runtime import transact
from consumers.runtime.service import Service
from infra.postgres import pool
from infra.postgres.session import BulkWrite, Conflict, Session
from schemas.envelope import Envelope
from schemas.model import EventData
from tests.integration.runtime.bench import Bench, Effects, Poke, poke
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]

MAKE_COUNTER = BulkWrite(
    """INSERT INTO counter (name, value, version) SELECT name, 0, 0 FROM unnest($1::text[]) AS name
    ON CONFLICT DO NOTHING""",
    key=1,
)
SET_COUNTER = BulkWrite(
    """UPDATE counter AS c SET value = u.value, version = u.version + 1
    FROM unnest($1::text[], $2::integer[], $3::integer[]) AS u (name, version, value)
    WHERE c.name = u.name AND c.version = u.version""",
    key=1,
    all_or_conflict=True,
)


class Counters(Store):
    """A row that many persons share: written with the version that was read."""

    async def next(self, name: str) -> int:
        self.session.write(MAKE_COUNTER, name)
        row = await self.session.fetch_row("SELECT value, version FROM counter WHERE name = $1", name)
        assert row is not None
        self.session.write(SET_COUNTER, name, row["version"], row["value"] + 1)
        return int(row["value"])

    async def broken_read(self) -> None:
        await self.session.fetch("SELECT 1 / 0")


class Ahead(Store):
    """A store that reads ahead, and stumbles over one number."""

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        if any(data.number == 13 for _, data, _ in events):
            raise KeyError("13")
        self.numbers = {data.number for _, data, _ in events}


class Quarrel(Store):
    """A store in which 3 and 4 are in each other's way, and 13 in its own."""

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        self.numbers = {data.number for _, data, _ in events}

    def look(self, number: int) -> None:
        if number == 13 or (number in (3, 4) and {3, 4} <= self.numbers):
            raise Conflict("on every run")


def faulty(**options: Any) -> Domain:
    """A domain whose handler does what the poke says, after having written."""
    domain = Domain("probe", **options)

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects, counters: Counters) -> Decision:
        effects.add(context.person, poke.number)
        if poke.what == "read and raise":
            await counters.next("shared")
            raise ZeroDivisionError("after its writes were flushed")
        if poke.what == "read":
            await counters.next("shared")
        if poke.what == "broken read":
            await counters.broken_read()
        if poke.what == "os error":
            raise FileNotFoundError("a file of the handler's own")
        if poke.what == "time out":
            raise TimeoutError("of the handler's own")
        if poke.what == "poison":
            return nothing().tell("bob\x00", None)  # type: ignore[arg-type]
        return nothing()

    return domain


class Locks(Store):
    """Locks by number, until the transaction ends."""

    async def take(self, number: int) -> None:
        await self.session.fetch("SELECT pg_advisory_xact_lock($1)", number)


async def test_a_deadlock_is_the_fault_of_neither(bench: Bench, serve: Serve) -> None:
    """Two chunks wait for each other. PostgreSQL ends one of them, which runs again: it is no failed try."""
    domain = Domain("probe", chunk=1, workers=2)
    both = asyncio.Barrier(2)
    met = set()

    @domain.handles(Poke)
    async def poked(poke: Poke, effects: Effects, locks: Locks) -> Decision:
        await locks.take(poke.number)
        if poke.number not in met:
            met.add(poke.number)
            await both.wait()
        await locks.take(3 - poke.number)
        effects.add("somebody", poke.number)
        return nothing()

    await bench.publish([poke("a", 1), poke("b", 2)])
    await serve(domain)
    assert sorted(await bench.effects_become(2)) == [1, 2]
    assert await bench.outcomes() == {"processed": 2}
    assert await bench.waiting() == []


async def test_several_rows_that_the_database_refuses(bench: Bench, serve: Serve) -> None:
    bad = {3, 4, 77, 119}
    await bench.publish([poke(f"p{n % 9}", -1 if n in bad else n) for n in range(120)])
    await serve(faulty(workers=2))
    await bench.outcome_becomes("deferred", len(bad))
    await bench.effects_become(120 - len(bad))
    for person in range(9):
        expected = [n for n in range(person, 120, 9) if n not in bad]
        assert await bench.effects(f"p{person}") == expected


@pytest.mark.parametrize("what", ["read and raise", "broken read", "os error", "time out", "poison"])
async def test_handlers_that_fail_in_every_way(bench: Bench, serve: Serve, what: str) -> None:
    bad = {3, 4, 20, 39}
    await bench.publish([poke(f"p{n % 9}", n, what=what if n in bad else "read") for n in range(40)])
    service = await serve(faulty(workers=2, chunk=20))
    await bench.outcome_becomes("deferred", len(bad))
    await bench.outcome_becomes("processed", 40 - len(bad))
    assert sorted(await bench.effects()) == [n for n in range(40) if n not in bad]
    rows = await bench.database.fetch("SELECT value, version FROM counter")
    assert [tuple(row) for row in rows] == [(36, 36)]
    assert service.consumers[0].fatal is None
    assert service.consumers[0].transactions.away_since is None


async def test_a_chunk_of_nothing_but_faults_ends(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke(f"p{n}", n, what="broken read") for n in range(60)])
    service = await serve(faulty(workers=1))
    await bench.outcome_becomes("deferred", 60)
    assert await bench.effects() == []
    assert service.consumers[0].transactions.away_since is None


async def test_two_workers_that_write_the_same_row_both_succeed(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke(f"p{n}", n, what="read") for n in range(60)])
    await serve(faulty(workers=4, chunk=5))
    await bench.outcome_becomes("processed", 60)
    assert sorted(await bench.effects()) == list(range(60))
    rows = await bench.database.fetch("SELECT value, version FROM counter")
    assert [tuple(row) for row in rows] == [(60, 60)]


async def test_a_conflict_on_every_run_ends_by_halving(bench: Bench, serve: Serve) -> None:
    domain = Domain("probe", workers=1)

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects, quarrel: Quarrel) -> Decision:
        effects.add(context.person, poke.number)
        quarrel.look(poke.number)
        return nothing()

    await bench.publish([poke(f"p{n % 5}", n) for n in range(30)])
    service = await serve(domain)
    await bench.outcome_becomes("processed", 29)
    await bench.outcome_becomes("deferred")
    assert sorted(await bench.effects()) == [n for n in range(30) if n != 13]
    ((reason,),) = await bench.database.fetch("SELECT reason FROM runtime.later")
    assert reason.startswith("Busy:")
    assert service.consumers[0].fatal is None
    assert service.consumers[0].transactions.away_since is None  # it is not the database's fault


async def test_what_was_decided_before_a_conflict_is_decided_anew(bench: Bench, serve: Serve) -> None:
    """A rejection may rest on what another event of the chunk did, which the conflict has undone."""
    domain = Domain("probe", workers=1)
    runs: list[int] = []

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects, counters: Counters) -> Decision:
        if poke.number == 1:
            runs.append(1)
            await counters.next("shared")
            if len(runs) == 1:  # somebody else writes the row before this transaction does
                await bench.database.execute(
                    "INSERT INTO counter VALUES ('other', 0, 0); DELETE FROM counter WHERE name = 'none'"
                )
                counters.session.write(SET_COUNTER, "other", 7, 1)
        elif len(runs) == 1:
            raise Reject("because of what the first one did")
        effects.add(context.person, poke.number)
        return nothing()

    await bench.publish([poke("a", 1), poke("a", 2)])
    await serve(domain)
    assert await bench.effects_become(2) == [1, 2]
    assert await bench.outcomes() == {"processed": 2}


async def test_what_cannot_be_read_ahead_for_one_is_for_the_others(bench: Bench, serve: Serve) -> None:
    domain = Domain("probe")

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects, ahead: Ahead) -> Decision:
        assert poke.number in ahead.numbers
        effects.add(context.person, poke.number)
        return nothing()

    await bench.publish([poke(f"p{n % 5}", n) for n in range(30)])
    await serve(domain)
    await bench.outcome_becomes("deferred")
    await bench.outcome_becomes("processed", 29)
    assert sorted(await bench.effects()) == [n for n in range(30) if n != 13]


async def test_whose_event_it_is_cannot_be_told_for_one(bench: Bench, serve: Serve) -> None:
    domain = faulty()

    async def identify(session: Session, events: Sequence[tuple[Envelope, EventData]]) -> list[str]:
        if any(isinstance(data, Poke) and data.number == 13 for _, data in events):
            raise KeyError("13")
        return [f"person of {envelope.subject}" for envelope, _ in events]

    domain.identify = identify
    await bench.publish([poke(f"p{n % 5}", n) for n in range(30)])
    await serve(domain)
    await bench.outcome_becomes("deferred")
    await bench.outcome_becomes("processed", 29)
    assert await bench.effects("person of p3") == [3, 8, 18, 23, 28]


async def test_a_handler_that_takes_too_long_fails_alone(bench: Bench, serve: Serve) -> None:
    domain = Domain("probe")

    @domain.handles(Poke, seconds=0.2)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        if poke.what == "hang":
            await asyncio.Event().wait()
        if poke.what == "hang in a read":
            await effects.session.fetch("SELECT pg_sleep(5)")
        return nothing()

    await bench.publish(
        [poke("a", 1), poke("b", 2, what="hang"), poke("c", 3, what="hang in a read"), poke("a", 4)]
    )
    await serve(domain)
    await bench.outcome_becomes("deferred", 2)
    await bench.outcome_becomes("processed", 2)
    assert await bench.effects("a") == [1, 4]


async def test_a_chunk_that_takes_too_long_is_done_in_parts(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transact, "CHUNK_SECONDS", 0.05)
    domain = Domain("probe", workers=1)

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        await effects.session.fetch("SELECT pg_sleep(0.02)")  # a slow query
        effects.add(context.person, poke.number)
        return nothing()

    await bench.publish([poke("a", number) for number in range(16)])
    await serve(domain)
    assert await bench.effects_become(16) == list(range(16))
    assert await bench.outcomes() == {"processed": 16}


async def test_the_database_is_slow_to_give_a_lock_and_nobody_is_at_fault(
    bench: Bench, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "LOCK_SECONDS", 1)
    await bench.publish([poke("a", 1)])
    service = await serve(faulty())
    await bench.effects_become(1)
    async with bench.database.acquire() as holder, holder.transaction():
        await holder.execute("SELECT FROM runtime.conversation FOR UPDATE")
        await bench.publish([poke("a", 2)])

        async def away() -> bool:
            return service.consumers[0].transactions.away_since is not None

        await eventually(away)
    assert await bench.effects_become(2) == [1, 2]
    assert await bench.outcomes() == {"processed": 2}
