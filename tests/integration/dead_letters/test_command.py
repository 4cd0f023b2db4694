"""`easymo dead-letters` as an operator types it."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import asyncpg
import click
import pytest
from click.testing import CliRunner, Result

from consumers.dead_letters import collector
from consumers.runtime.records import pack_record
from infra.settings import Settings
from scripts.cli import load
from scripts.letters import batches
from tests.integration.dead_letters.desk import Desk, a_letter

PHONE = "250788123456"
TYPE = "jobs.lapse_job.v1"
GOOD = b'{"job": "7", "open_until": "2026-05-31T08:30:00Z"}'
VALUE = b'{"job": "7", "from": "%s"}' % PHONE.encode()
HEADERS = [("ce_id", b"\xff\x00"), ("ce_id", b""), ("who", PHONE.encode())]


class Terminal:
    """Types commands."""

    def __init__(self, settings: Settings) -> None:
        self._environment = settings.explicit() | {"EASYMO_TRACE_URL": "http://traces/{trace_id}"}

    async def run(self, *arguments: str, exit_code: int = 0, **options: Any) -> Result:
        """The result of `easymo dead-letters ARGUMENTS`."""
        command = load("dead-letters")
        runner = CliRunner(env=self._environment)
        result = await asyncio.to_thread(runner.invoke, command, arguments, **options)
        assert result.exit_code == exit_code, (result.output, result.exception)
        return result

    async def json(self, *arguments: str, exit_code: int = 0) -> Any:
        """The same, as a program reads it."""
        return json.loads((await self.run(*arguments, "--json", exit_code=exit_code)).stdout)


@pytest.fixture
def terminal(settings: Settings) -> Terminal:
    return Terminal(settings)


def dead(**changes: Any) -> Any:
    values = {"consumer": "jobs", "ce_type": TYPE, "contact": PHONE, "key": PHONE.encode()}
    return a_letter(dead=True, **{**values, "record": pack_record(VALUE, HEADERS), **changes})


async def test_what_is_listed_and_shown(desk: Desk, terminal: Terminal) -> None:
    assert "No open letters" in (await terminal.run("list")).stdout
    first = dead(trace_id="ab" * 16, reason=f"Reject: not {PHONE}", stack=f"Traceback\n  {PHONE}")
    await collector.collect(desk.pool, [first, a_letter(), dead(consumer="sender", ce_type="x.y.v2")])
    for filters, count in (
        ([], 3), (["--consumer", "jobs"], 1), (["--reason", "REJECT"], 1), (["--type", "x.y"], 1),
        (["--type", "x"], 0), (["--contact", PHONE], 2), (["--status", "waiting"], 1), (["--from", "1h"], 3),
        (["--until", "1h"], 0), (["--consumer", "jobs", "--status", "waiting"], 0),
    ):  # fmt: skip
        assert (await terminal.json("list", *filters))["total"] == count, filters
    assert len((await terminal.json("list", "--limit", "1"))["letters"]) == 1
    for arguments in (["list"], ["list", "--json"], ["show", "1"], ["show", "1", "--json"]):
        shown = (await terminal.run(*arguments)).stdout
        assert PHONE not in shown
        assert "****" in shown.replace("…", "****")
    shown = (await terminal.run("show", str(first.event_id), "--unmasked")).stdout
    for part in (PHONE, "Traceback", "http://traces/" + "ab" * 16, "ce_id: base64:/wA=", "attempt"):
        assert part in shown
    whole = await terminal.json("show", "1", "--unmasked")
    assert whole["payload"] == json.loads(VALUE)
    for nobody in ("99", "not-an-id", "00000000-0000-0000-0000-000000000000"):
        result = await terminal.run("show", nobody, exit_code=1)
        assert "list" in str(result.exception) or "neither" in str(result.exception)


async def test_a_dry_run_does_nothing_and_a_redrive_is_done_once(
    desk: Desk, terminal: Terminal, owner: asyncpg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH", 2)
    strange = dead(is_event=False)
    foreign = dead(consumer="nowhere")
    await collector.collect(desk.pool, [*(dead() for _ in range(5)), strange, foreign])
    before = await desk.letters()
    counted = await terminal.json("redrive", "--contact", PHONE, "--dry-run")
    assert [row["letters"] for row in counted["chosen"]] == [1, 5, 1]
    assert "Nothing was done" in (await terminal.run("redrive", "--all", "--dry-run")).stdout
    assert await desk.letters() == before
    assert await owner.fetchval("SELECT count(*) FROM runtime.later") == 0
    done = await terminal.json("redrive", "--contact", PHONE, "--rate", "1000", "--as", "olive", exit_code=1)
    assert done["done"] == 5
    assert set(done["named"]) == {"6", "7"}
    assert await owner.fetchval("SELECT count(*) FROM runtime.later WHERE consumer = 'jobs'") == 5
    assert (await desk.log(1))[-1] == ("olive", "redrive", "waiting")
    again = await terminal.run("redrive", *"12345", exit_code=1)
    assert "on its way already" in again.stderr
    assert await owner.fetchval("SELECT count(*) FROM runtime.later") == 5
    assert "No letter fits" in (await terminal.run("redrive", "99", exit_code=1)).stdout
    assert "--all" in (await terminal.run("redrive", exit_code=2)).stderr  # all, and nobody said so


async def test_a_discard_wants_a_reason(desk: Desk, terminal: Terminal) -> None:
    await collector.collect(desk.pool, [dead(), dead()])
    assert "--why" in (await terminal.run("discard", "1", exit_code=2)).stderr
    await terminal.run("discard", "1", "--why", "a test", "--as", "olive")
    assert await desk.statuses() == ["discarded", "dead"]
    whole = await terminal.json("show", "1")
    assert {"who": "olive", "act": "discard", "outcome": "discarded", "note": "a test"}.items() <= whole[
        "log"
    ][-1].items()


async def test_a_payload_is_edited_in_a_file_or_an_editor(
    desk: Desk, terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await collector.collect(desk.pool, [dead()])
    file = tmp_path / "corrected.json"
    file.write_bytes(b'{"job": 7')
    result = await terminal.run("edit", "1", "--file", str(file), exit_code=1)
    assert "does not fit" in str(result.exception)
    assert "easymo schemas show jobs.lapse_job/v1" in str(result.exception)
    file.write_bytes(GOOD)
    assert "redrive 1" in (await terminal.run("edit", "1", "--file", str(file), "--as", "olive")).stdout
    seen: list[str] = []

    def editor(text: str, **_: object) -> str:
        seen.append(text)
        return text.replace('"7"', '"8"') if len(seen) == 1 else text

    monkeypatch.setattr(click, "edit", editor)
    await terminal.run("edit", "1")
    assert "Nothing was changed" in (await terminal.run("edit", "1")).stdout
    await terminal.run("edit", "1", "--file", "-", input=GOOD)
    assert json.loads(seen[0])["job"] == "7"
    whole = await terminal.json("show", "1", "--unmasked")
    assert (whole["payload"], whole["corrected"]) == (json.loads(VALUE), json.loads(GOOD))
    versions = await desk.pool.fetch("SELECT record FROM log WHERE act = 'edit' ORDER BY id")
    assert len({row["record"] for row in versions}) == 2
    assert len(versions) == 3


async def test_an_export_is_byte_exact_and_written_down(
    desk: Desk, terminal: Terminal, tmp_path: Path
) -> None:
    letters = [dead(), dead(key=None, record=pack_record(None, [])), dead(consumer="sender")]
    await collector.collect(desk.pool, letters)
    (line,) = (await terminal.run("export", "1", "--as", "olive")).stdout.splitlines()
    found = json.loads(line)
    assert b64decode(found["value"]) == VALUE
    assert [(name, b64decode(value)) for name, value in found["headers"]] == HEADERS
    assert (b64decode(found["key"]), found["corrected"]) == (PHONE.encode(), None)
    assert (await desk.log(1))[-1] == ("olive", "export", "dead")
    file = tmp_path / "letters.jsonl"
    assert "2 letters" in (await terminal.run("export", "--consumer", "jobs", "--out", str(file))).stdout
    second = json.loads(file.read_text().splitlines()[1])
    assert (second["key"], second["value"], second["headers"]) == (None, None, [])
