"""`easymo schemas serve` as a process: it listens, says where, and ends when it is told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.registry.folder import Folder, FolderUnusable
from infra.settings import MissingSetting
from scripts.schemas import app
from tests.integration.registry.serving import ask, schema

ROOT = Path(__file__).parents[3]


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scripts.cli", "schemas", "serve", "--port", "0", "--writable"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(  # noqa: S603 - the project itself
        [*command, str(tmp_path / "folder")], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address, line
        assert "0 schemas" in line
        assert ask(address[0], "POST", "/subjects/a/versions", schema({})).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()
    with Folder(tmp_path / "folder") as folder:
        assert [change["subject"] for _, change in folder.changes()] == ["a"]


def test_what_stands_in_the_way_is_told(tmp_path: Path) -> None:
    runner = CliRunner()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = runner.invoke(app, ["serve", "--port", str(taken.getsockname()[1])])
    assert isinstance(result.exception, MissingSetting)
    assert "port 0 is any" in str(result.exception)
    with Folder(tmp_path):
        result = runner.invoke(app, ["serve", "--port", "0", "--writable", str(tmp_path)])
    assert isinstance(result.exception, FolderUnusable)


@pytest.mark.parametrize("command", ["serve", "push"])
def test_help_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "120"}).stdout
    assert f"easymo schemas {command}" in shown
    assert "Examples" in shown
