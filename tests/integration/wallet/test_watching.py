"""The scheduled verification: one member does it, all show it, and a metric tells what is wrong."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from prometheus_client import REGISTRY

from consumers.wallet.verifying import watching
from infra.telemetry.metrics import exposition
from tests.integration.wallet.desk import Desk, fresh, pays

ALERTS = Path(__file__).parents[3] / "infra/deploy/alerts/ledger.yml"
MAKE_OLD = """ALTER TABLE verifications DISABLE TRIGGER USER;
UPDATE verifications SET at = at - interval '61 minutes'"""


def _problems(check: str) -> float | None:
    return REGISTRY.get_sample_value("easymo_ledger_problems", {"check": check})


async def test_it_is_verified_once_an_hour_by_one_of_many(own_desk: Desk) -> None:
    (aline,) = fresh("aline")
    await own_desk.posts(pays(aline, 500))
    await asyncio.gather(*(watching.look(own_desk.pool, own_desk.dsn) for _ in range(4)))
    (first,) = await own_desk.operator.fetch("SELECT entries, problems, root FROM verifications")
    assert (first["entries"], first["problems"]) == (4, 0)
    assert _problems("accounts") == 0
    assert REGISTRY.get_sample_value("easymo_ledger_entries") == 4
    await own_desk.operator.execute("UPDATE accounts SET balance = balance + 7 WHERE owner = $1", aline)
    await own_desk.operator.execute(MAKE_OLD)
    await asyncio.gather(*(watching.look(own_desk.pool, own_desk.dsn) for _ in range(4)))
    rows = await own_desk.operator.fetch("SELECT problems FROM verifications ORDER BY id")
    assert [row["problems"] for row in rows] == [0, 2]
    assert _problems("accounts") == 1
    assert _problems("chain") == 0


def test_alerts_name_metrics_that_there_are() -> None:
    named = set(re.findall(r"easymo_\w+", ALERTS.read_text()))
    text = exposition()[0].decode()
    assert named
    assert {name for name in named if f"# HELP {name} " not in text} == set()
