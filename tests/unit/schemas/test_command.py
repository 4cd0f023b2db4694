"""`easymo schemas` as people call it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from schemas.publishing import DIALECT
from scripts.schemas import app

RUNNER = CliRunner()


def test_the_list_names_every_event_and_its_state() -> None:
    listed = json.loads(RUNNER.invoke(app, ["list", "--json"]).stdout)
    assert {"whatsapp.message_received/v1"} <= {row["schema"] for row in listed}
    assert {row["state"] for row in listed} <= {"new", "published"}
    assert "whatsapp.message_received/v1" in RUNNER.invoke(app, ["list"], env={"COLUMNS": "200"}).stdout


def test_a_schema_is_shown_by_its_subject_or_its_version() -> None:
    shown = [RUNNER.invoke(app, ["show", name]).stdout for name in ("core.opted_out", "core.opted_out/v1")]
    assert shown[0] == shown[1]
    assert json.loads(shown[0])["$schema"] == DIALECT


def test_an_unknown_schema_says_where_to_look() -> None:
    result = RUNNER.invoke(app, ["show", "no.such_event"])
    assert result.exit_code == 2
    assert "easymo schemas list" in result.output
