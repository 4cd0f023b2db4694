"""`easymo schemas` as people call it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from schemas.publishing import DIALECT, Registry, State
from scripts.schemas import app

RUNNER = CliRunner()


def test_the_list_names_every_event_and_its_state() -> None:
    listed = json.loads(RUNNER.invoke(app, ["list", "--json"]).stdout)
    assert {"whatsapp.message_received/v1"} <= {row["schema"] for row in listed}
    assert {row["state"] for row in listed} <= {"new", "published"}


@pytest.mark.parametrize("columns", [80, 120])
def test_the_list_fits_the_terminal_and_names_are_whole(columns: int) -> None:
    lines = RUNNER.invoke(app, ["list"], env={"COLUMNS": str(columns)}).stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert set(Registry().models) <= {line.partition(" ")[0] for line in lines}
    assert lines[-1].startswith(f"All {len(Registry().models)} are published.")


def test_what_is_not_published_is_marked_in_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    state = Registry._state
    changed = "core.opted_out/v1"
    monkeypatch.setattr(
        Registry, "_state", lambda self, name: State.CHANGED if name == changed else state(self, name)
    )
    listed = RUNNER.invoke(app, ["list"], env={"COLUMNS": "80"}).stdout
    assert "CHANGED Nothing may be sent" in listed
    assert f"1 of {len(Registry().models)} are not published" in listed


def test_a_schema_is_shown_by_its_subject_or_its_version() -> None:
    shown = [RUNNER.invoke(app, ["show", name]).stdout for name in ("core.opted_out", "core.opted_out/v1")]
    assert shown[0] == shown[1]
    assert json.loads(shown[0])["$schema"] == DIALECT


def test_an_unknown_schema_says_where_to_look() -> None:
    result = RUNNER.invoke(app, ["show", "no.such_event"])
    assert result.exit_code == 2
    assert "easymo schemas list" in result.output
