"""A chunk takes as many statements for one command of each kind as for many."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from consumers.wallet.store import statements
from schemas.events.core import PersonsJoined
from schemas.events.wallet import Capture, CashOut, Command, ExpireHold, Redeem, Reverse
from tests.integration.wallet.desk import Desk, fresh, holds, moves, pays

# Commands, holds, transfers; accounts, opening, those opened, those taken over; our own; resolutions; sent.
READS = 10
WRITES = 5


async def _chunk(desk: Desk, size: int) -> int:
    """The statements of a chunk in which everything happens, `size` times each."""
    work: list[Command | ExpireHold | PersonsJoined] = []
    for _ in range(size):
        aline, eric, new, gone = fresh("aline", "eric", "new", "gone")
        await desk.opens(aline, eric, gone, tokens=20_000)
        held, expired, moved = holds(aline, eric, 10), holds(aline, eric, 10), moves(aline, eric, 10)
        await desk.asks(held, expired, moved)
        await desk.posts(PersonsJoined(kept=eric, folded=gone, at=datetime.now(UTC)))
        work += [
            moves(aline, gone, 10, kind="send"),
            holds(eric, aline, 10),
            Capture(id=uuid4(), hold=held.id),
            ExpireHold(hold=expired.id),
            pays(new, 500),
            Redeem(id=uuid4(), debit=aline, reward="cash_5000"),
            CashOut(id=uuid4(), debit=aline, amount=1_000),
            Reverse(id=uuid4(), of=moved.id),
            moved,
        ]
    answers = await desk.asks(*work)
    assert all(answer.event_type == "wallet.posted.v1" for answer in answers), answers
    return desk.statements


async def test_statements_do_not_grow_with_the_chunk(desk: Desk) -> None:
    await _chunk(desk, 1)  # the first one makes the rows of our own accounts
    few = await _chunk(desk, 1)
    many = await _chunk(desk, 25)
    assert many == few
    assert few <= READS + WRITES


async def test_plain_transfers_take_six(desk: Desk) -> None:
    people = fresh(*(f"p{number}" for number in range(20)))
    await desk.opens(*people, tokens=100)
    await desk.asks(*(moves(a, b, 1) for a, b in itertools.pairwise(people)))
    assert desk.statements == 6  # commands, accounts; commands, transfers, entries, accounts


# Before it has statistics, the planner would rather read all of them than look up each, were it given the
# choice; or all of those that were taken over.
MAKE_ACCOUNTS = """
INSERT INTO accounts (owner, currency, joined_into)
SELECT 'person-' || n, 'TOK', CASE WHEN n > 5000 THEN 5000 END FROM generate_series(1, 20000) AS n"""
ASKED = 200


async def test_no_statement_reads_all_accounts(own_desk: Desk) -> None:
    await own_desk.operator.execute(MAKE_ACCOUNTS)
    owners, ids = [f"person-{n * 7}" for n in range(ASKED)], list(range(1, ASKED * 7, 7))
    now, uuids = datetime.now(UTC), [uuid4() for _ in range(ASKED)]
    numbers = [0] * ASKED
    read: dict[str, tuple[Any, ...]] = {
        statements.LOCK_ACCOUNTS: (owners, ["TOK"] * ASKED, ids),
        statements.FIND_TRANSFERS: (uuids,),
        statements.FIND_SENT: (ids, now),
        statements.FIND_RIDDEN: (ids, now),
        statements.SAVE_ACCOUNT.sql: (
            ids,
            numbers,
            numbers,
            numbers,
            [b""] * ASKED,
        ),
    }
    for sql, arguments in read.items():
        async with own_desk.pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch("EXPLAIN (ANALYZE, FORMAT JSON) " + sql, *arguments)
        most = max(_rows_of(json.loads(rows[0][0])[0]["Plan"]))
        assert most <= 3 * ASKED, sql


def _rows_of(plan: dict[str, Any]) -> list[int]:
    """How many rows each step of a plan came upon."""
    own = int(plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0))
    return [own] + [rows for each in plan.get("Plans", ()) for rows in _rows_of(each)]
