"""The embedded stack: Kafka and PostgreSQL started together, stopped together, one stack a folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.embedded.child import end_orphans
from infra.embedded.claim import Claim
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.kafka import EmbeddedKafka
from infra.embedded.kafka_config import Detour
from infra.embedded.keeping import keep_running
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
        with_kafka: bool = True,
        with_postgres: bool = True,
        detours: Sequence[Detour] = (),
        progress: Progress = silent,
    ) -> None:
        self.folder = folder.resolve()
        self._claim = Claim(self.folder, "stack")
        self.kafka = EmbeddedKafka(
            self.folder,
            jar_folder(self.folder, cache_dir),
            quick_start=quick_start,
            detours=detours,
            progress=progress,
        )
        self.postgres = EmbeddedPostgres(self.folder, progress=progress)
        self._parts: list[EmbeddedKafka | EmbeddedPostgres] = []
        self._parts += [self.kafka] if with_kafka else []
        self._parts += [self.postgres] if with_postgres else []

    @property
    def kafka_bootstrap_servers(self) -> str:
        """`host:port`, once started."""
        return self.kafka.bootstrap_servers

    @property
    def postgres_dsn(self) -> str:
        """Of the database `easymo`."""
        return self.postgres.dsn

    async def start(self) -> None:
        """Start all parts at the same time; when one fails, none stays."""
        self._claim.take()
        try:
            end_orphans(self.folder)
            async with asyncio.TaskGroup() as group:
                for part in self._parts:
                    group.create_task(part.start())
        except BaseExceptionGroup as failures:
            await self.stop()
            raise _first(failures) from failures
        except BaseException:
            await self.stop()
            raise

    async def keep_running(self, say: Callable[[str], None]) -> None:
        """Start again whatever ends by itself, for ever. To be cancelled before `stop`."""
        await keep_running(self._parts, say)

    async def stop(self) -> None:
        """Stop all parts, at most 4 s. Idempotent."""
        await asyncio.gather(*(part.stop() for part in self._parts))
        self._claim.release()

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
