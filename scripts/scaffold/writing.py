"""Renders templates into files of this checkout: all of them, or none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scripts.scaffold.naming import Unfit

ROOT = Path(__file__).parents[2]
TEMPLATES = Path(__file__).parent / "templates"
EXAMPLES, EVENTS = Path("schemas/examples"), Path("schemas/events")
PUBLISH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class File:
    """A file to be: its path in the checkout, and its text."""

    path: Path
    text: str


def check_checkout() -> None:
    """Raises Unfit where EasyMO is installed and there is no checkout to write into."""
    if not (ROOT / "pyproject.toml").exists() or not (ROOT / "tests").is_dir():
        raise Unfit(f"{ROOT} is no checkout of EasyMO: clone the repository, and run the command there.")


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """The text that a template makes."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Python, SQL and JSON; the names were checked
    )
    return environment.get_template(template).render(values)


def example_file(subject: str, version: str = "v1") -> Path:
    """Where the typical example of an event belongs."""
    return EXAMPLES / subject / version / "typical.json"


def write(files: Sequence[File]) -> None:
    """Write them. Raises Unfit, and writes none, where one is there already."""
    there = [str(file.path) for file in files if (ROOT / file.path).exists()]
    if there:
        raise Unfit(f"{there[0]} is there already; nothing was written.")
    for file in files:
        path = ROOT / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")


def publish() -> list[str]:
    """Publish the new events' schemas, in a process that sees the new files. Raises Unfit with its words."""
    command = [sys.executable, "-m", "scripts.cli", "schemas", "publish"]
    done = subprocess.run(  # noqa: S603 - ours
        command, cwd=ROOT, capture_output=True, text=True, timeout=PUBLISH_SECONDS, check=False
    )
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()
        raise Unfit(f"The files are written, but the schema is not published: {said}")
    return done.stdout.splitlines()
