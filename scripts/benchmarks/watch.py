"""What a process takes while it is looked at: processor time and memory. None of ours has children."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import psutil

LOOK_SECONDS = 0.1
MEGABYTE = 1024 * 1024


class Watch:
    """Use as `async with Watch(pid) as watch`; the results are there afterwards."""

    def __init__(self, pid: int) -> None:
        """`pid` of a running process."""
        self.pid = pid
        self._process = psutil.Process(pid)
        self._task: asyncio.Task[None] | None = None
        self._cpu_before = 0.0
        self._cpu_now = 0.0
        self.memory_mb = 0.0  # the most that was resident

    @property
    def cpu_seconds(self) -> float:
        """Processor time, user and system, since the watch began."""
        return self._cpu_now - self._cpu_before

    async def __aenter__(self) -> Self:
        self._look()
        self._cpu_before = self._cpu_now
        self._task = asyncio.create_task(self._look_on())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._look()

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._look()

    def _look(self) -> None:
        try:
            with self._process.oneshot():
                times, resident = self._process.cpu_times(), self._process.memory_info().rss
        except psutil.NoSuchProcess:
            return  # it has ended; what was seen stands
        self._cpu_now = max(self._cpu_now, times.user + times.system)
        self.memory_mb = max(self.memory_mb, resident / MEGABYTE)


class Programs:
    """Processor time of everything that this process has started, by program, from now on.

    `names`: what to call some of them, by pid; the others go by the name of their program.
    """

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = names
        self._before = self._look()

    def seconds(self) -> dict[str, float]:
        """Processor time, user and system, since this object was made; of what still runs."""
        found: dict[str, float] = {}
        for pid, (name, seconds) in self._look().items():
            _, before = self._before.get(pid, (name, 0.0))
            found[name] = found.get(name, 0.0) + seconds - before
        return found

    def _look(self) -> dict[int, tuple[str, float]]:
        found = {}
        for process in psutil.Process().children(recursive=True):
            try:
                times = process.cpu_times()
                found[process.pid] = (
                    self._names.get(process.pid) or process.name(),
                    times.user + times.system,
                )
            except psutil.NoSuchProcess:
                continue
        return found
