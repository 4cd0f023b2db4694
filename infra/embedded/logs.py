"""A bound for the log folder: the processes append for as long as they run, and nobody tidies up."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

LIMIT_BYTES = 20 * 1024 * 1024


def trim_logs(folder: Path, limit_bytes: int = LIMIT_BYTES) -> list[str]:
    """Move the content of each log over the limit to `<name>.log.1`; the names of those.

    The writers keep their files open and append, so the file stays and is emptied. Lines written between
    the copy and the emptying are lost.
    """
    trimmed = []
    for log in sorted(folder.glob("*.log")):
        if log.stat().st_size > limit_bytes:
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)
            trimmed.append(log.name)
    return trimmed
