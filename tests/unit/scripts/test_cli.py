"""The `easymo` command: finds commands, imports one of them, explains mistakes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.embedded.failure import EmbeddedFailure
from infra.settings import MissingSetting
from scripts import cli
from scripts.mistakes import explain

ROOT = Path(__file__).parents[3]
HEAVY = {"aiokafka", "asyncpg", "aiohttp", "faststream", "pydantic", "starlette", "granian", "uvloop"}


def easymo(*arguments: str, code: str | None = None, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run it as a process of its own; `code` runs in place of it."""
    start = ["-c", code] if code is not None else ["-m", "scripts.cli"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "EASYMO_STATE_DIR": str(folder)}
    return subprocess.run(  # noqa: S603 - the project itself
        [sys.executable, *start, *arguments],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_help_lists_every_command_with_its_first_line() -> None:
    shown = easymo("--help")
    assert shown.returncode == 0
    assert "Start everything on this machine" in shown.stdout
    for name in ("up", "env", "topics"):
        assert f" {name} " in shown.stdout
    assert "mistakes" not in shown.stdout  # a module that exports no command
    assert "\x1b[" not in shown.stdout  # colours belong to terminals


def test_help_imports_no_command() -> None:
    code = """
import json, sys
from scripts.cli import main
try:
    main(["--help"])
except SystemExit:
    print("MODULES" + json.dumps(sorted(sys.modules)))
"""
    loaded = set(json.loads(easymo(code=code).stdout.partition("MODULES")[2]))
    assert not loaded & HEAVY
    assert "scripts.up" not in loaded


@pytest.mark.parametrize("name", sorted(cli._documented()))
def test_each_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "Usage: easymo" in shown
    assert "Example" in shown


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["no-such-thing"])
    assert ended.value.code == 2
    assert "No such command" in capsys.readouterr().err


def test_what_a_person_can_mend_is_one_line_and_code_2(tmp_path: Path) -> None:
    shown = easymo("env", folder=tmp_path)
    assert shown.returncode == 2
    assert shown.stdout == ""
    assert shown.stderr.startswith(f"Error: No stack runs in {tmp_path}")
    assert "easymo up" in shown.stderr
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (("topics", "diff"), "Error: EASYMO_KAFKA_BOOTSTRAP_SERVERS is not set"),
        (("consume", "no-such-domain"), "Error: there is no domain no-such-domain"),
    ],
)
def test_other_mistakes_read_the_same(command: tuple[str, ...], part: str, tmp_path: Path) -> None:
    shown = easymo(*command, folder=tmp_path)
    assert shown.returncode == 2
    assert shown.stderr.startswith(part)


def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EASYMO_INGRESS_PORT", "many")
    with pytest.raises(SystemExit) as ended:
        cli.main(["env"])
    assert ended.value.code == 2


def test_mistakes_inside_a_group_are_explained() -> None:
    assert explain(ExceptionGroup("", [MissingSetting("EASYMO_X is not set")])) == "EASYMO_X is not set"
    assert explain(EmbeddedFailure("no")) == "no"
    assert "easymo up" in (explain(ConnectionRefusedError("127.0.0.1:9092")) or "")


def test_defects_keep_their_traceback() -> None:
    assert explain(KeyError("x")) is None
    assert explain(ExceptionGroup("", [MissingSetting("a"), KeyError("x")])) is None
