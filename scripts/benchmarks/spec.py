"""How a bench tells a process of its own what to do, and hears what it found: JSON files, and the settings
in the environment."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson


def write(path: Path, values: dict[str, Any]) -> Path:
    """Write what a process is to do, or what it found."""
    temporary = path.with_suffix(".new")
    temporary.write_bytes(orjson.dumps(values))
    temporary.replace(path)
    return path


def read(path: Path) -> dict[str, Any]:
    """What was written. Raises FileNotFoundError."""
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def forget(path: Path) -> None:
    """Remove what an earlier process found."""
    path.unlink(missing_ok=True)


def given() -> dict[str, Any]:
    """What this process is to do: the file that its only argument names."""
    return read(Path(sys.argv[1]))
