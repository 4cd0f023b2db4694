"""`easymo schemas asyncapi` and `easymo schemas openapi` as people call them."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from typer.testing import CliRunner

from ingress.openapi import document
from scripts.documents.writing import NotWritten
from scripts.mistakes import explain
from scripts.schemas import app

RUNNER = CliRunner()


def test_both_documents_are_printed_as_json() -> None:
    for name, key in (("asyncapi", "asyncapi"), ("openapi", "openapi")):
        printed = json.loads(RUNNER.invoke(app, [name]).stdout)
        assert printed[key].startswith("3.")


def test_yaml_says_the_same(tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    result = RUNNER.invoke(app, ["openapi", "--yaml", "--output", str(file)])
    assert result.exit_code == 0
    assert result.stdout == ""
    assert yaml.safe_load(file.read_text()) == document()
    assert "description: |" in file.read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--json", "--yaml"], "not both"),
        (["--output", "/nowhere/at/all.json"], "a folder that is there"),
    ],
)
def test_what_cannot_be_written_is_one_line(arguments: list[str], said: str) -> None:
    error = RUNNER.invoke(app, ["openapi", *arguments]).exception
    assert isinstance(error, NotWritten)
    assert said in (explain(error) or "")


def test_without_pyyaml_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_yaml(name: str, *rest: Any, **more: Any) -> Any:
        if name == "yaml":
            raise ImportError
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without_yaml)
    error = RUNNER.invoke(app, ["openapi", "--yaml"]).exception
    assert isinstance(error, NotWritten)
    assert "pip install pyyaml" in str(error)
