"""The scheduled verification: one member does it, all show it, and a metric tells what is wrong."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from prometheus_client import REGISTRY

from consumers.wallet.verifying import watching
from infra.telemetry.metrics import exposition
from schemas.events.wallet import Release
from tests.integration.wallet.desk import Desk, fresh, moves, pays

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


async def test_what_waits_for_a_person_is_counted(own_desk: Desk) -> None:
    def shown(what: str) -> tuple[float | None, float | None]:
        names = ("easymo_ledger_waiting", "easymo_ledger_oldest_waiting_seconds")
        waiting, oldest = (REGISTRY.get_sample_value(name, {"what": what}) for name in names)
        return waiting, oldest

    young, eric = fresh("young", "eric")
    await own_desk.opens(young, tokens=5_000, age=timedelta(hours=1))
    await own_desk.opens(eric)
    await watching.look(own_desk.pool, own_desk.dsn)
    assert shown("held") == shown("owed") == (0, 0)
    own_desk.now = datetime.now(UTC) - timedelta(hours=2)
    held, ended = (moves(young, eric, 1_500, kind="send") for _ in range(2))
    await own_desk.asks(held, ended, Release(id=uuid4(), hold=ended.id))
    await own_desk.operator.execute(
        """INSERT INTO pay_outs (id, person, reward, phone, tokens, amount_rwf, state, at)
        SELECT gen_random_uuid(), 'p', reward, '250788123456', 500, 500, 'processing', now()
        FROM unnest('{airtime_500,cash_5000,""}'::text[]) AS reward"""
    )
    await watching.look(own_desk.pool, own_desk.dsn)
    waiting, oldest = shown("held")
    assert waiting == 1
    assert oldest is not None
    assert oldest >= 2 * 3600
    assert shown("owed")[0] == 1  # payments see to the others


def test_alerts_name_metrics_that_there_are() -> None:
    named = set(re.findall(r"easymo_\w+", ALERTS.read_text()))
    text = exposition()[0].decode()
    assert named
    assert {name for name in named if f"# HELP {name} " not in text} == set()
