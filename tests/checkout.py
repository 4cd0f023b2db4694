"""Copies of this checkout, in which commands may write, and commands that run there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.unit.test_tidy import ROOT, tracked

SECONDS = 100


def checkout(folder: Path) -> Path:
    """Copy what git would take into a folder, and return it."""
    for path in tracked():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return folder


def run(folder: Path, *arguments: str) -> str:
    """The output of a Python command there, which must succeed; its packages are those of the copy."""
    command = [sys.executable, *arguments]
    done = subprocess.run(  # noqa: S603 - ours
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout
