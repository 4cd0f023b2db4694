"""The bugs that other ledgers had, under real concurrency: who comes second finds what the first one did."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from consumers.runtime.chunks import Transactions
from consumers.wallet.store import reading
from consumers.wallet.store.ledger import LedgerStore
from consumers.wallet.store.statements import ADD_SHARDS
from consumers.wallet.verifying.checking import Report
from infra.postgres.session import BulkError, Session
from schemas.events.core import PersonsJoined
from schemas.events.wallet import Capture, Command, Posted, Refused, Release, Reverse
from tests.integration.wallet.desk import Desk, envelope_of, fresh, gives, holds, moves, pays
from tests.waiting import eventually

MEMBERS = 5  # as many as the pool has connections, less one


async def _all_at_once(desk: Desk, *commands: Command) -> Counter[str]:
    """How often which result came, of commands that are each a transaction of its own."""
    answers = await asyncio.gather(*(desk.ask(command) for command in commands))
    return Counter(
        answer.reason if isinstance(answer, Refused) else "repeated" if answer.repeated else "posted"
        for answer in answers
    )


async def test_of_many_captures_one_succeeds(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=100)
    hold = holds(aline, eric, 60)
    await desk.posts(hold)
    found = await _all_at_once(desk, *(Capture(id=uuid4(), hold=hold.id) for _ in range(MEMBERS)))
    assert found == {"posted": 1, "pending_transfer_already_posted": MEMBERS - 1}
    assert await desk.balance(eric) == (160, 0)
    await desk.is_sound()


async def test_a_hold_is_captured_or_released(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=100)
    hold = holds(aline, eric, 60)
    await desk.posts(hold)
    found = await _all_at_once(desk, Capture(id=uuid4(), hold=hold.id), Release(id=uuid4(), hold=hold.id))
    assert found["posted"] == 1
    assert (await desk.balance(aline))[1] == 0
    await desk.is_sound()


async def test_nothing_is_refunded_twice(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=1_000)
    paid = moves(aline, eric, 300)
    await desk.posts(paid)
    found = await _all_at_once(desk, *(Reverse(id=uuid4(), of=paid.id) for _ in range(MEMBERS)))
    assert found == {"posted": 1, "transfer_already_reversed": MEMBERS - 1}
    assert await desk.balance(aline) == (1_000, 0)


async def test_a_command_that_several_members_see_takes_effect_once(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=1_000)
    hold = holds(aline, eric, 300)
    assert await _all_at_once(desk, *[hold] * MEMBERS) == {"posted": 1, "repeated": MEMBERS - 1}
    payment = pays(aline, 500)
    assert await _all_at_once(desk, *[payment] * MEMBERS) == {"posted": 1, "repeated": MEMBERS - 1}
    assert await desk.balance(aline) == (2_000, 300)
    await desk.is_sound()


async def test_the_last_tokens_are_spent_once(desk: Desk) -> None:
    aline, eric, carine = fresh("aline", "eric", "carine")
    await desk.opens(aline, eric, carine, tokens=100)
    spend: list[Command] = [moves(aline, eric, 70), moves(aline, carine, 70), holds(aline, eric, 70)]
    assert await _all_at_once(desk, *spend) == {"posted": 1, "exceeds_credits": 2}
    await desk.is_sound()


async def test_money_in_circles_ends_without_a_deadlock(desk: Desk) -> None:
    ring = fresh(*(f"p{number}" for number in range(12)))
    await desk.opens(*ring, tokens=100)
    rings = [[*ring[start:], *ring[:start]] for start in range(0, 12, 3)]
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = await desk.operator.fetchval(deadlocks)
    for _ in range(5):
        chunks = [[moves(a, b, 1) for a, b in zip(each, each[1:] + each[:1], strict=True)] for each in rings]
        answers = await asyncio.gather(*(desk.asks(*chunk) for chunk in chunks))
        assert all(isinstance(answer, Posted) for each in answers for answer in each)
    assert await desk.operator.fetchval(deadlocks) == before
    assert [await desk.balance(each) for each in ring] == [(100, 0)] * 12
    await desk.is_sound()


async def test_nobody_waits_for_an_account_of_ours(desk: Desk) -> None:
    """Two transactions give rewards at the same time: each takes a row of its own of `system:issue`."""
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=1)  # so that there is one row
    async with desk.pool.acquire() as connection, connection.transaction():
        store = LedgerStore(Session(connection))
        gift = gives(aline, 10)
        await store.load([(envelope_of(gift), gift, "")])  # and holds it until the end of the block
        async with asyncio.timeout(4):  # less than the time for which a lock is waited for
            assert await _all_at_once(desk, gives(eric, 10)) == {"posted": 1}
    rows = await desk.operator.fetchval("SELECT count(*) FROM accounts WHERE owner = 'system:issue'")
    assert rows >= 2
    await desk.is_sound()


async def test_joining_while_money_moves_loses_nothing(desk: Desk) -> None:
    old, new, eric = fresh("old", "new", "eric")
    await desk.opens(old, new, eric, tokens=100)
    joined = PersonsJoined(kept=new, folded=old, at=datetime.now(UTC))
    work = [desk.ask(moves(eric, old, 1)) for _ in range(10)] + [
        desk.ask(moves(old, eric, 1)) for _ in range(10)
    ]
    await asyncio.gather(desk.ask(joined), *work)
    assert (await desk.balance(old))[0] == 0
    assert (await desk.balance(new))[0] + (await desk.balance(eric))[0] == 300
    await desk.is_sound()


async def test_a_chunk_that_fails_leaves_nothing(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=100)
    before = await desk.rows()

    async def fails(session: Session) -> None:
        store = LedgerStore(session)
        command = moves(aline, eric, 10)
        await store.load([(envelope_of(command), command, "")])
        store.carry_out(command, datetime.now(UTC), origin="tests", key="key")
        await session.flush()
        await session.fetch("SELECT 1 / 0")

    try:
        await Transactions(desk.pool, "wallet").run(fails)
    except asyncpg.DivisionByZeroError:
        pass
    else:
        raise AssertionError("it went through")
    assert await desk.rows() == before
    assert await desk.balance(aline) == (100, 0)


async def test_a_command_that_fails_after_it_was_decided_does_not_linger_in_memory(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=100)
    first, second = moves(aline, eric, 10), moves(aline, eric, 10)
    async with desk.pool.acquire() as connection, connection.transaction():
        session = Session(connection)
        store = LedgerStore(session)
        await store.load([(envelope_of(first), first, ""), (envelope_of(second), second, "")])
        mark = session.mark()
        store.carry_out(first, datetime.now(UTC), origin="tests", key="key")
        session.undo(mark)  # as the runtime does
        with pytest.raises(BulkError):  # the chunk is halved, and read anew
            store.carry_out(second, datetime.now(UTC), origin="tests", key="key")
        with pytest.raises(LookupError):
            store.carry_out(moves(aline, eric, 1), datetime.now(UTC), origin="tests", key="key")


async def test_a_transaction_that_finds_all_rows_of_an_account_taken_looks_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric)
    await desk.asks(gives(aline, 1))  # from now on the system's account has a row
    monkeypatch.setattr(reading, "ADD_SHARDS", ADD_SHARDS.replace("(0, 63)", "(1, 0)"))
    async with desk.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        taken = "SELECT FROM accounts WHERE owner = 'system:issue' ORDER BY shard FOR UPDATE"
        await connection.execute(taken)
        waiting = asyncio.create_task(desk.ask(gives(eric, 10)))
        await asyncio.wait([waiting], timeout=0.2)
        assert not waiting.done()
        await transaction.rollback()
        assert isinstance(await waiting, Posted)


async def test_verification_sees_one_moment_while_money_moves(desk: Desk) -> None:
    people = fresh(*(f"p{number}" for number in range(6)))
    await desk.opens(*people, tokens=1_000)
    verified = asyncio.Event()

    async def spend(debit: str, credit: str) -> None:
        while not verified.is_set():
            hold = holds(debit, credit, 2)
            await desk.asks(hold, moves(debit, credit, 1), Capture(id=uuid4(), hold=hold.id, amount=1))

    spending = [asyncio.create_task(spend(a, b)) for a, b in zip(people[::2], people[1::2], strict=True)]
    reports: list[Report] = []

    async def moved_meanwhile() -> bool:
        reports.append(await desk.verify())
        return reports[-1].entries > reports[0].entries and len(reports) >= 5

    await eventually(moved_meanwhile)
    verified.set()
    await asyncio.gather(*spending)
    assert [report.problems for report in reports] == [[]] * len(reports)
