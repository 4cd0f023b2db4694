"""When a worker takes the next chunk: what comes in during a transaction is the next one's.

A transaction of ten events costs little more than one of one: most of it is the way to the database and back.
Were every worker to take what comes at once, a busy system would be busy with transactions of one event.
The figures are in infra/decisions/0007.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from consumers.runtime.admission import Admission

PATIENCE_SECONDS = 0.03  # a chunk that takes longer keeps nobody else waiting


class Gathering:
    """Shared by the workers of one lane."""

    def __init__(self, admission: Admission, lane: str, chunk: int) -> None:
        """`chunk`: how many keys with something to take are enough for one more worker."""
        self._admission = admission
        self._lane = lane
        self._chunk = chunk
        self._transacting = 0
        self._began_at = 0.0  # when the latest transaction did
        self._next_at = 0.0  # when the next one may, if there is none
        self._freed = asyncio.Event()  # one has ended

    async def until_needed(self) -> None:
        """Return when there is something to take, and nobody else is about to take it."""
        while True:
            await self._admission.wait(self._lane)
            until = self._began_at + PATIENCE_SECONDS
            if not self._transacting:
                until = min(until, self._next_at)
            left = until - monotonic()
            if left <= 0 or self._admission.ready(self._lane) >= self._chunk:
                return
            self._freed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._freed.wait()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Around a chunk's transaction, with its reruns."""
        self._began_at = monotonic()
        self._transacting += 1
        try:
            yield
        finally:
            self._transacting -= 1
            now = monotonic()
            # As long a pause: a machine that is slow is busy, and a larger chunk is less work.
            self._next_at = now + (now - self._began_at)
            self._freed.set()
