"""What the figures were measured on: the machine, the versions, and whether it was quiet."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import psutil

PACKAGES = ("easymo", "faststream", "aiokafka", "granian", "uvloop", "asyncpg", "pydantic", "orjson")
QUIET_BUSY_SHARE = 0.1  # of all cores, over one second


def describe() -> dict[str, Any]:
    """The machine and what is installed, as JSON values. Takes a second: it looks how busy it is."""
    busy = psutil.cpu_percent(interval=1.0) / 100
    return {
        "kind": "machine",
        "cpu": _cpu_name(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1024**3, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "versions": {name: found for name in PACKAGES if (found := _version(name))},
        "busy_before": round(busy, 3),
        "quiet": busy <= QUIET_BUSY_SHARE,
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _cpu_name() -> str:
    """The model as Linux tells it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
