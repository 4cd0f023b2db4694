"""A chunk takes as many statements for one command of each kind as for many."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from uuid import uuid4

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
