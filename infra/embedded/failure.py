"""What the embedded stack raises: mistakes and mishaps that a person can mend."""

from __future__ import annotations

from pathlib import Path


class EmbeddedFailure(Exception):
    """The embedded stack cannot go on. The message says what happened and what to do next."""


class AlreadyRunning(EmbeddedFailure):
    """Another process runs a stack in the same folder."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(
            f"A stack runs already in {folder} ({who}). Use it (`easymo env` prints its settings), stop it, "
            "or choose another folder with EASYMO_STATE_DIR."
        )
        self.folder = folder
        self.pid = pid
