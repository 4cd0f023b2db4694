"""`easymo ledger` as finance staff type it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from click.testing import CliRunner, Result

from infra.settings import Settings
from schemas.events.core import PersonsJoined
from schemas.events.wallet import Capture, Release
from scripts.cli import load
from tests.integration.wallet.desk import Desk, fresh, holds, moves, pays


async def _run(settings: Settings, *arguments: str, exit_code: int = 0) -> Result:
    runner = CliRunner(env=settings.explicit() | {"COLUMNS": "200"})
    result = await asyncio.to_thread(runner.invoke, load("ledger"), arguments)
    assert result.exit_code == exit_code, (result.output, result.exception)
    return result


async def _json(settings: Settings, *arguments: str, exit_code: int = 0) -> Any:
    return json.loads((await _run(settings, *arguments, "--json", exit_code=exit_code)).stdout)


async def test_a_sound_ledger_and_one_that_is_not(own_desk: Desk) -> None:
    (aline,) = fresh("aline")
    await own_desk.posts(pays(aline, 500))
    sound = await _json(own_desk.settings, "verify")
    assert sound["sound"] is True
    assert sound["entries"] == 4
    assert "The ledger is sound" in (await _run(own_desk.settings, "verify")).stdout
    await own_desk.operator.execute("UPDATE accounts SET balance = balance + 7 WHERE owner = $1", aline)
    unsound = await _json(own_desk.settings, "verify", exit_code=1)
    assert {problem["check"] for problem in unsound["problems"]} == {"accounts", "sums"}
    assert any(aline in problem["what"] for problem in unsound["problems"])
    await own_desk.operator.execute("ALTER TABLE commands DISABLE TRIGGER USER; DELETE FROM commands")
    unknown = [p for p in (await _json(own_desk.settings, "verify", exit_code=1))["problems"] if p["command"]]
    assert {problem["what"] for problem in unknown} == {"moved something, and is not known"}
    shown = (await _run(own_desk.settings, "verify", exit_code=1)).stdout
    assert "4 things are wrong" in shown
    assert "runbooks/ledger.md" in shown


async def test_a_statement_tells_what_happened(desk: Desk) -> None:
    aline, eric, new = fresh("aline", "eric", "new")
    await desk.opens(aline, eric)
    held, freed = holds(aline, eric, 200), holds(aline, eric, 30)
    await desk.asks(pays(aline, 500), moves(aline, eric, 300, note="[/] for\x00 lunch\x1b[2J"), held, freed)
    await desk.asks(Capture(id=uuid4(), hold=held.id, amount=150), Release(id=uuid4(), hold=freed.id))
    await desk.posts(PersonsJoined(kept=new, folded=aline, at=datetime.now(UTC)))
    found = await _json(desk.settings, "statement", aline)
    tokens, francs = found["accounts"]
    assert (tokens["currency"], tokens["balance"], tokens["joined_into"]) == ("TOK", 0, new)
    assert francs["currency"] == "RWF"
    assert [
        (line["status"], line["kind"], line["amount"], line["balance_after"]) for line in found["lines"]
    ] == [
        ("posted", "top_up", 1_000, 1_000),
        ("posted", "charge", -300, 700),
        ("held", "ride", 0, 700),
        ("held", "ride", 0, 700),
        ("captured", "capture", -150, 550),
        ("released", "ride", 0, 550),
        ("posted", "join", -550, 0),
    ]
    assert found["lines"][1]["note"] == "[/] for lunch[2J"
    assert found["lines"][1]["other_side"] == eric
    shown = (await _run(desk.settings, "statement", aline, "--limit", "6")).stdout
    assert "[/] for lunch" in shown
    assert "latest 6 lines" in shown
    by_number = await _json(desk.settings, "statement", str(tokens["id"]), "--limit", "1")
    assert [line["kind"] for line in by_number["lines"]] == ["join"]
    assert (await _json(desk.settings, "statement", "system:issue"))["accounts"][0]["owner"] == "system:issue"


async def test_an_unknown_account_is_named(desk: Desk) -> None:
    runner = CliRunner(env=desk.settings.explicit())
    result = await asyncio.to_thread(runner.invoke, load("ledger"), ["statement", "nobody"])
    assert "There is no account of nobody" in str(result.exception)
