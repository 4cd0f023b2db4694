"""Events at a fixed rate, whatever becomes of those before: when each was due, and when it was done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from time import time

from infra.kafka.publisher import Output, Publisher
from infra.settings import Settings

TICK_SECONDS = 0.005
PUBLISH_AT_ONCE = 50  # publishes under way: while Kafka is away, what is due waits in line


class Pace:
    """Publishes `events` at `rate` a second. `due` says afterwards when each was due, in wall seconds."""

    def __init__(self, settings: Settings, events: Sequence[Output], rate: float) -> None:
        self._publisher = Publisher(settings)
        self._events = events
        self._rate = rate
        self.due: list[float] = []

    async def run(self) -> None:
        """Publish all; returns when all are acknowledged."""
        await self._publisher.start()
        try:
            begin = time() + TICK_SECONDS
            self.due = [begin + place / self._rate for place in range(len(self._events))]
            done = 0
            while done < len(self._events):
                until = done + self._due_now(done)
                if until == done:
                    await asyncio.sleep(TICK_SECONDS)
                    continue
                await self._publisher.publish(self._events[done:until])
                done = until
        finally:
            await self._publisher.stop()

    def _due_now(self, done: int) -> int:
        now = time()
        count = 0
        while done + count < len(self.due) and self.due[done + count] <= now:
            count += 1
        return count


def lag_is_over(due: Iterable[float], done: Iterable[float], after: float, most: int) -> float:
    """The first moment after `after` at which no more than `most` events were due and not done. Pure."""
    changes = sorted([(at, 1) for at in due] + [(at, -1) for at in done])
    lag = 0
    over: float | None = None
    for at, change in changes:
        lag += change
        if lag > most:
            over = None
        elif over is None:
            over = at
        if at > after and over is not None:
            return max(over, after)
    return max(after, over if over is not None else after)
