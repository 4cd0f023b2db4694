"""Every query of payments has an index to go by, as the pool's setting without sequential scans supposes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from consumers.payments import finding
from consumers.payments.store import pay_outs, payments, requests
from tests.integration.payments.till import Till

NOW, ID = datetime(2026, 11, 21, tzinfo=UTC), UUID(int=1)
QUERIES: list[tuple[str, tuple[Any, ...]]] = [
    (requests.FIND, (ID,)),
    (requests.FIND_ALIKE, (500, "013", NOW)),
    (payments.FIND, ("momo", "1")),
    (payments.FIND_CREDIT, (ID,)),
    (pay_outs.FIND, (ID,)),
    (pay_outs.FIND_OWED, (ID, ID)),
    (finding.FIND_WAITING, (50,)),
    (finding.COUNT_WAITING, ()),
    (finding.FIND_ONE, ("momo", "1")),
    (finding.FIND_TOLD, ("momo", "1")),
    (finding.FIND_DECIDED, ("momo", "1")),
    (finding.FIND_CANDIDATES, (500, NOW, NOW)),
    (finding.FIND_OUTCOME, (ID,)),
    (finding.FIND_BOOKED, ("momo", ["1"])),
    (finding.FIND_WINDOW, ("momo", NOW, NOW)),
]


@pytest.mark.parametrize(("query", "arguments"), QUERIES, ids=lambda value: str(value).split("\n")[0][:40])
async def test_it_goes_by_an_index(till: Till, query: str, arguments: tuple[Any, ...]) -> None:
    async with till.database.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = [row[0] for row in await connection.fetch(f"EXPLAIN {query}", *arguments)]
    assert not [line for line in plan if "Seq Scan" in line], plan
