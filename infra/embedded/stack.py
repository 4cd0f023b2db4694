"""The embedded stack: Kafka and PostgreSQL started together, stopped together, one stack a folder."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from infra.embedded.failure import AlreadyRunning, EmbeddedFailure
from infra.embedded.kafka import EmbeddedKafka
from infra.embedded.places import jar_folder
from infra.embedded.postgres import EmbeddedPostgres
from infra.embedded.progress import Progress, silent


class EmbeddedStack:
    """A real broker and a real database on this machine, with everything they keep under `folder`.

    They end with this process, however it ends (Linux; elsewhere the next start ends what was left).
    `async with` starts and stops. Raises AlreadyRunning, EmbeddedFailure.
    """

    def __init__(
        self,
        folder: Path = Path(".easymo"),
        *,
        cache_dir: Path | None = None,
        quick_start: bool = False,
        progress: Progress = silent,
    ) -> None:
        self.folder = folder.resolve()
        self._lock = FileLock(self.folder / "stack.lock", timeout=0)
        self._pid_file = self.folder / "stack.pid"
        self.kafka = EmbeddedKafka(
            self.folder,
            jar_folder(self.folder, cache_dir),
            quick_start=quick_start,
            progress=progress,
        )
        self.postgres = EmbeddedPostgres(self.folder, progress=progress)

    @property
    def kafka_bootstrap_servers(self) -> str:
        """`host:port`, once started."""
        return self.kafka.bootstrap_servers

    @property
    def postgres_dsn(self) -> str:
        """Of the database `easymo`."""
        return self.postgres.dsn

    async def start(self) -> None:
        """Start both at the same time; when one fails, neither stays."""
        self._claim()
        try:
            self.kafka.child.end_orphan()
            self.postgres.child.end_orphan()
            async with asyncio.TaskGroup() as group:
                group.create_task(self.kafka.start())
                group.create_task(self.postgres.start())
        except BaseExceptionGroup as failures:
            await self.stop()
            raise _first(failures) from failures
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop both, at most 6 s. Idempotent."""
        await asyncio.gather(self.kafka.stop(), self.postgres.stop())
        self.postgres.remove_sockets()
        self._pid_file.unlink(missing_ok=True)
        self._lock.release()

    def _claim(self) -> None:
        """Take the folder. The operating system drops the lock of a process that died."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise AlreadyRunning(self.folder, self._owner()) from None
        except OSError as error:
            raise EmbeddedFailure(
                f"The state cannot be kept in {self.folder}: {error}. Choose another folder with "
                "EASYMO_STATE_DIR."
            ) from error
        self._pid_file.write_text(str(os.getpid()))

    def _owner(self) -> int | None:
        try:
            return int(self._pid_file.read_text())
        except (FileNotFoundError, ValueError):
            return None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure that a person should read first."""
    for failure in failures.exceptions:
        if isinstance(failure, EmbeddedFailure):
            return failure
    return failures.exceptions[0]
