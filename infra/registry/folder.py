"""A folder that keeps a writable registry: one line a change, replayed at the next start."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

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
        self._file: BinaryIO | None = None
        self._lock = FileLock(path / ".lock")

    def __enter__(self) -> Self:
        """Raises FolderUnusable."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
            self._file = (self._path / NAME).open("a+b")
            self._cut_unfinished_line(self._file)
        except Timeout:
            raise FolderUnusable(
                f"Another registry writes to {self._path}: stop it, or name another folder."
            ) from None
        except OSError as error:
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
        file = self._opened()
        file.seek(0)
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
        """Keep one change. Raises FolderUnusable when it has no room, or the disk none."""
        file = self._opened()
        line = json.dumps(change).encode() + b"\n"
        end = file.seek(0, os.SEEK_END)
        if end + len(line) > self._bytes_limit:
            raise FolderUnusable(f"{self._path / NAME} is full: it may have {self._bytes_limit:,} bytes.")
        try:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            raise FolderUnusable(f"{self._path / NAME} cannot be written: {error.strerror}.") from error

    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise RuntimeError("the folder is not open")
        return self._file

    @staticmethod
    def _cut_unfinished_line(file: BinaryIO) -> None:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
