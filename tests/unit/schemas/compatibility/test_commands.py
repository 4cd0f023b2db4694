"""`easymo schemas check` and `easymo schemas oracle` as people call them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from schemas.compatibility import Breaks, Difference, differences
from schemas.events.core import OptedOut
from schemas.publishing import Registry
from scripts.contracts import judging
from scripts.contracts.check import checked_subjects
from scripts.schemas import app

RUNNER = CliRunner()
SHOP = {
    "shop.sold/v1": json.dumps({"type": "object", "properties": {"rwf": {"type": "integer"}}}),
    "shop.sold/v2": json.dumps({"type": "object", "properties": {"rwf": {"type": "string"}}}),
}


def test_every_published_version_is_compatible() -> None:
    result = RUNNER.invoke(app, ["check"])
    assert result.exit_code == 0
    assert "each version is compatible" in result.stdout
    rows = json.loads(RUNNER.invoke(app, ["check", "--json"]).stdout)
    assert {row["subject"] for row in rows} == {name.partition("/")[0] for name in Registry().published()}
    assert all(row["violations"] == row["near_misses"] == [] and row["versions"] for row in rows)


def test_near_misses_that_are_accepted_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OptedOut, "read", lambda _: None)
    result = RUNNER.invoke(app, ["check"])
    assert result.exit_code == 1
    assert "core.opted_out/v1: nothing at /person is accepted by the model OptedOut." in result.stdout
    assert "near misses of every field" not in result.stdout


def test_what_breaks_a_mode_is_told_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "published", lambda _: SHOP)
    result = RUNNER.invoke(app, ["check"])
    assert result.exit_code == 1
    assert "shop.sold v2 against v1 (FULL_TRANSITIVE) #/properties/rwf/type TYPE_CHANGED" in result.stdout
    assert "rwf: the type is another one (string, was integer)" in result.stdout
    assert "1 of " in result.stdout
    result = RUNNER.invoke(app, ["check", "--json"])
    assert result.exit_code == 1
    (broken,) = [row for row in json.loads(result.stdout) if row["violations"]]
    assert broken["violations"][0]["breaks"] == ["new_reader", "old_reader"]


def test_each_version_is_held_against_all_before_it() -> None:
    third = {"shop.sold/v3": json.dumps({"type": "object", "properties": {"rwf": {"type": "boolean"}}})}
    (found,) = checked_subjects(SHOP | third)
    assert found.versions == [1, 2, 3]
    assert [(row["version"], row["against"]) for row in found.violations] == [(2, 1), (3, 1), (3, 2)]


def asked(*arguments: str) -> Any:
    return RUNNER.invoke(app, ["oracle", *arguments, "--values", "20", "--seeds", "0"])


def test_the_oracle_counts_what_values_show() -> None:
    result = asked("core.opted_out", "--twists", "4", "--json")
    assert result.exit_code == 0
    tally = json.loads(result.stdout)
    assert tally["pairs"] == 4
    assert tally["compatible_sides"] + tally["broken_sides"] == 8
    assert tally["contradictions"] == 0
    assert tally["values"] > 50
    assert "No contradiction." in asked("core.opted_out").stdout


def test_the_oracle_takes_a_table(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps([{"because": "x", "old": {"type": "string"}, "new": {"type": "integer"}}]))
    tally = json.loads(asked("--table", str(path), "--json").stdout)
    assert (tally["pairs"], tally["broken_sides"], tally["confirmed"]) == (1, 2, 2)


def test_the_oracle_says_which_subject_it_does_not_know() -> None:
    result = asked("core.opted_sideways")
    assert result.exit_code == 2
    assert "core.opted_sideways is not published" in result.output


def test_without_the_development_tools_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scripts.contracts.oracle.find_spec", lambda _: None)
    result = RUNNER.invoke(app, ["oracle", "core.opted_out"])
    assert result.exit_code == 2
    assert "development tools" in result.output
    assert asked("core.opted_out", "--twists", "1").exit_code == 0


def test_a_contradiction_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def one_sided(*schemas: Any) -> list[Difference]:
        return [each for each in differences(*schemas) if each.breaks != {Breaks.OLD_READER}]

    monkeypatch.setattr(judging, "differences", one_sided)
    path = tmp_path / "table.json"
    path.write_text(json.dumps([{"because": "wider", "old": {"type": "null"}, "new": {"enum": [None, 1]}}]))
    result = asked("--table", str(path))
    assert result.exit_code == 1
    assert "table: wider, old_reader refuses 1" in result.stdout
