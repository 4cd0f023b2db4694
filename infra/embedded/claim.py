"""One owner for a state folder: a lock that the operating system drops when its process dies."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from infra.embedded.failure import AlreadyRunning, EmbeddedFailure

PATIENCE_SECONDS = 0.2  # somebody who only looks (`held_elsewhere`) holds it for a moment


class Claim:
    """The right to run `name` in `folder`; another process finds out who holds it."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._lock = FileLock(folder / f"{name}.lock", timeout=PATIENCE_SECONDS)
        self._pid_file = folder / f"{name}.pid"

    def take(self) -> None:
        """Raises AlreadyRunning, or EmbeddedFailure when the folder cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._pid_file.write_text(str(os.getpid()))
        except Timeout:
            raise AlreadyRunning(self._folder, self._owner()) from None
        except OSError as error:
            raise EmbeddedFailure(
                f"State cannot be kept in {self._folder}: {error}. Choose another folder with "
                "EASYMO_STATE_DIR."
            ) from error

    @property
    def held(self) -> bool:
        """Whether this object holds it."""
        return self._lock.is_locked

    def release(self) -> None:
        """Idempotent; only what this object took."""
        if self.held:
            self._pid_file.unlink(missing_ok=True)
            self._lock.release()

    def held_elsewhere(self) -> bool:
        """Whether another process holds it now."""
        if not self._folder.is_dir():
            return False
        try:
            with self._lock:
                return False
        except Timeout:
            return True

    def _owner(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None
