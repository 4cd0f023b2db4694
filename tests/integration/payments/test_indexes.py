"""Every query of payments has an index to go by, as the pool's setting without sequential scans supposes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from consumers.payments import finding
from consumers.payments.store import pay_outs, payments, requests
from consumers.wallet import finding as by_hand
from consumers.wallet.store import decisions
from tests.integration.payments.till import Till

NOW, ID = datetime(2026, 11, 21, tzinfo=UTC), UUID(int=1)
QUERIES: list[tuple[str, tuple[Any, ...]]] = [
    (requests.FIND, (ID,)),
    (requests.FIND_ALIKE, (500, "013", NOW)),
    (payments.FIND, ("momo", ["1"])),
    (payments.FIND_RIVAL, ("momo", 500, "momo", NOW, NOW, "p", "013")),
    (payments.FIND_UNMATCHED, (500, NOW, "013")),
    (payments.FIND_CREDIT, (ID,)),
    (pay_outs.FIND, (ID,)),
    (pay_outs.FIND_OWED, (ID, ID)),
    (finding.FIND_WAITING, (50,)),
    (finding.COUNT_WAITING, ()),
    (finding.FIND_ONE, ("momo", "1")),
    (finding.FIND_TOLD, ("momo", "1")),
    (finding.FIND_DECIDED, ("momo", "1")),
    (finding.FIND_CANDIDATES, (500, NOW, NOW, [ID])),
    (finding.FIND_NAMED, ([ID],)),
    (finding.FIND_OLDEST, ()),
    (finding.FIND_OUTCOME, (ID,)),
    (finding.FIND_OPEN_PAY_OUTS, (50,)),
    (finding.COUNT_OPEN_PAY_OUTS, ()),
    (finding.FIND_PAY_OUT, (ID,)),
    (finding.FIND_BOOKED, ("momo", ["1"])),
    (finding.FIND_WINDOW, ("momo", NOW, NOW)),
]
WALLET_QUERIES: list[tuple[str, tuple[Any, ...]]] = [
    (by_hand.FIND_HELD, (NOW, 50)),
    (by_hand.COUNT_HELD, (NOW,)),
    (by_hand.FIND_ONE_HELD, (ID,)),
    (by_hand.FIND_SENDS, (7, NOW)),
    (by_hand.FIND_OWED, (["", "cash_5000"], 50)),
    (by_hand.COUNT_OWED, (["", "cash_5000"],)),
    (by_hand.FIND_ONE_OWED, (ID,)),
    (by_hand.FIND_WAITING, (NOW, ["", "cash_5000"])),
    (by_hand.FIND_DECIDED, (ID,)),
    (by_hand.FIND_OUTCOME, (ID,)),
    (decisions.FIND_WAITING, (ID,)),
]


@pytest.mark.parametrize(("query", "arguments"), QUERIES, ids=lambda value: str(value).split("\n")[0][:40])
async def test_it_goes_by_an_index(till: Till, query: str, arguments: tuple[Any, ...]) -> None:
    assert await sequential_scans(till, "payments", query, arguments) == []


@pytest.mark.parametrize(("query", "arguments"), WALLET_QUERIES, ids=range(len(WALLET_QUERIES)))
async def test_what_people_decide_about_in_the_ledger_does_too(
    till: Till, query: str, arguments: tuple[Any, ...]
) -> None:
    assert await sequential_scans(till, "wallet", query, arguments) == []


async def sequential_scans(till: Till, schema: str, query: str, arguments: tuple[Any, ...]) -> list[str]:
    async with till.database.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute(f"SET LOCAL search_path = {schema}")
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN {query}", *arguments)]
    return [line for line in plan if "Seq Scan" in line]
