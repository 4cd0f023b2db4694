"""A folder that keeps a writable registry: one line a change, replayed at the next start."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

NAME = "registry.jsonl"
BYTES_LIMIT = 256 * 1024 * 1024  # four times the schemas that a registry may hold: levels are changed, too


class FolderUnusable(Exception):
    """The folder cannot keep a registry; the message says why and what to do."""


class Folder:
    """Open with `with`. One process at a time writes to it.

    A change is on the disk when `append` returns. What a crash left of a line that was not finished was never
    answered, and is cut off.
    """

    def __init__(self, path: Path, *, bytes_limit: int = BYTES_LIMIT) -> None:
        """The folder is made when it is not there."""
        self._path = path
        self._bytes_limit = bytes_limit
        self._file: FileIO | None = None
        self._lock = FileLock(path / ".lock")

    def __enter__(self) -> Self:
        """Raises FolderUnusable."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self._cut_unfinished_line()
            self._file = (self._path / NAME).open("ab", buffering=0)
        except Timeout:
            raise FolderUnusable(
                f"Another registry writes to {self._path}: stop it, or name another folder."
            ) from None
        except OSError as error:
            self._lock.release()
            raise FolderUnusable(f"{self._path} cannot keep a registry: {error.strerror}.") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
        self._lock.release()

    def changes(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every change so far, with where it stands (`path:line`). Raises FolderUnusable."""
        with (self._path / NAME).open("rb") as file:
            for number, line in enumerate(file, 1):
                place = f"{self._path / NAME}:{number}"
                try:
                    change = json.loads(line)
                except ValueError as error:
                    raise FolderUnusable(f"{place} cannot be read: {error}. Take the line out.") from None
                if not isinstance(change, dict):
                    raise FolderUnusable(f"{place} is no change of a registry. Take the line out.")
                yield place, change

    def append(self, change: dict[str, Any]) -> None:
        """Keep one change, or nothing of it. It blocks for as long as the disk takes, some milliseconds.

        Raises FolderUnusable when the log has no room, or the disk none.
        """
        if self._file is None:
            raise RuntimeError("the folder is not open")
        line = json.dumps(change).encode() + b"\n"
        end = self._file.seek(0, os.SEEK_END)
        if end + len(line) > self._bytes_limit:
            raise FolderUnusable(f"{self._path / NAME} is full: it may have {self._bytes_limit:,} bytes.")
        try:
            _write(self._file, line)
        except OSError as error:
            self._file.truncate(end)  # or the next line would be read as the end of this one
            raise FolderUnusable(f"{self._path / NAME} cannot be written: {error.strerror}.") from error

    def _cut_unfinished_line(self) -> None:
        with (self._path / NAME).open("a+b") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)


def _write(file: FileIO, line: bytes) -> None:
    if file.write(line) != len(line):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(file.fileno())
