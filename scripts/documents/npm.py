"""What the documents need from npm: the packages, locked, and the AsyncAPI parser's word."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import infra

SOURCE = Path(infra.__file__).parent / "documents"
LOCKED = ("package.json", "package-lock.json", ".npmrc")
CHECKER = SOURCE / "check-asyncapi.mjs"
STAMP = ".installed"
NODE_AT_LEAST = 20
INSTALL_SECONDS = 600
CHECK_SECONDS = 120
SHOWN_CHARACTERS = 2_000


class NodeMissing(Exception):
    """There is no Node.js that could be used; the message says what to do."""


class Failed(Exception):
    """Something that runs on Node.js failed; the message is what it said."""


def find_node() -> str:
    """The path of node. Raises NodeMissing."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise NodeMissing(
            f"Node.js is not installed. Install version {NODE_AT_LEAST} or newer with npm, or build without "
            "diagrams and without the pages of AsyncAPI and OpenAPI: "
            ".venv/bin/python -m scripts.documents --without-node"
        )
    version = _run([node, "--version"], Path.cwd(), seconds=CHECK_SECONDS)
    if int(version.strip().lstrip("v").partition(".")[0]) < NODE_AT_LEAST:
        raise NodeMissing(f"Node.js {version.strip()} is too old: install version {NODE_AT_LEAST} or newer.")
    return node


def install(folder: Path) -> Path:
    """The folder of the locked packages, installed into `folder` unless they are there already.

    Raises NodeMissing and Failed.
    """
    find_node()
    if not is_installed(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name in LOCKED:
            shutil.copyfile(SOURCE / name, folder / name)
        npm = shutil.which("npm") or "npm"
        _run([npm, "ci", "--no-progress", "--loglevel=error"], folder, seconds=INSTALL_SECONDS)
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
    said = _run([find_node(), str(CHECKER), *files], folder, seconds=CHECK_SECONDS)
    found: list[dict[str, Any]] = json.loads(said)
    return found


def _run(command: list[str], folder: Path, *, seconds: float) -> str:
    """Run to the end; its output. Raises Failed."""
    try:
        done = subprocess.run(  # noqa: S603 - commands of our own
            command, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(f"{Path(command[0]).name} did not run: {error}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[:SHOWN_CHARACTERS]
        raise Failed(f"{' '.join([Path(command[0]).name, *command[1:3]])} failed:\n{said}")
    return done.stdout
