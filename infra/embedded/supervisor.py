"""Runs the services of one machine side by side: all start together, all stop together."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.embedded.child import Child, mark
from infra.embedded.failure import EmbeddedFailure
from infra.embedded.logs import trim_logs
from infra.embedded.progress import Progress, Step, silent
from infra.embedded.service import EASYMO, Service, ServicePlan

ONCE_LIMIT_SECONDS = 120.0
TRIM_SECONDS = 30.0


class Supervisor:
    """Children of this process, one for each plan. Use from the main thread."""

    def __init__(
        self,
        folder: Path,
        *,
        progress: Progress = silent,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._progress = progress
        self._say = say
        self._trimmer: asyncio.Task[None] | None = None
        self.services: list[Service] = []

    async def run_once(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run `easymo ARGUMENTS` to its end. Raises EmbeddedFailure with its last words if it fails."""
        self._progress(Step(name, "running"))
        child = Child(name, self._folder)
        command = [sys.executable, "-X", f"easymo={mark(self._folder)}", *EASYMO, *arguments]
        if await child.run(command, limit_seconds=ONCE_LIMIT_SECONDS, environment=environment) != 0:
            raise EmbeddedFailure(f"`easymo {' '.join(arguments)}` failed: {child.last_words()}")
        self._progress(Step(name, "ready"))

    async def start(self, plans: Sequence[ServicePlan]) -> None:
        """Start all at once; returns when each is ready. When one cannot start, none stays."""
        self._trimmer = asyncio.create_task(self._trim(), name="trim logs")
        self.services = [Service(plan, self._folder, self._say) for plan in plans]
        try:
            async with asyncio.TaskGroup() as group:
                for service in self.services:
                    group.create_task(self._start(service))
        except BaseExceptionGroup as failures:
            await self.stop()
            raise failures.exceptions[0] from failures
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop all at once, at most 4 s. Idempotent."""
        if self._trimmer is not None:
            self._trimmer.cancel()
        await asyncio.gather(*(service.stop() for service in self.services))

    async def _start(self, service: Service) -> None:
        self._progress(Step(service.plan.name, "starting"))
        await service.start()
        self._progress(Step(service.plan.name, "ready"))

    async def _trim(self) -> None:
        while True:
            await asyncio.to_thread(trim_logs, self._folder / "logs")
            await asyncio.sleep(TRIM_SECONDS)
