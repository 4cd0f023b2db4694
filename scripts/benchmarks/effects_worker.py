"""A member that handles the events of `effects`, and tells when each was done.

Its specification: `count` events to wait for, the `result` file, `each` (whether to tell the time of each),
`stays` (whether to go on until it is killed).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import time
from typing import Any

from consumers.runtime.consumer import Consumer
from consumers.runtime.records import Outcome, Result
from consumers.runtime.service import Service
from infra.settings import load_settings
from scripts.benchmarks import spec
from scripts.benchmarks.effects import Note, noting
from scripts.benchmarks.loop import run
from scripts.consume import relax_garbage_collection

LIMIT_SECONDS = 300.0
ENDED = frozenset((Outcome.PROCESSED, Outcome.DEAD, Outcome.DEFERRED))  # not parked: that is still to come


class _Watched(Service):
    """The service, noting when the first records came and when each event was done."""

    began_at = 0.0
    count = 0
    repeated = 0

    def __init__(self, expected: int) -> None:
        super().__init__(load_settings(), [noting()])
        self._expected = expected
        self.done: list[tuple[int, float]] = []
        self.finished = asyncio.Event()

    def _subscribe(self, consumer: Consumer) -> None:
        admit, publish = consumer.admit, consumer.delivery.publish

        async def admitted(batch: Any) -> None:
            self.began_at = self.began_at or time()
            await admit(batch)

        async def published(results: Sequence[Result]) -> None:
            await publish(results)
            self._note(results)

        consumer.admit = admitted  # type: ignore[method-assign]  # the subscription takes it from there
        consumer.delivery.publish = published  # type: ignore[method-assign]
        super()._subscribe(consumer)

    def _note(self, results: Sequence[Result]) -> None:
        now = time()
        self.repeated += sum(result.repeated for result in results)
        numbers = [
            r.record.data.number
            for r in results
            if not r.repeated and r.outcome in ENDED and isinstance(r.record.data, Note)
        ]
        self.done += [(number, now) for number in numbers]
        if len(self.done) >= self._expected:
            self.finished.set()


async def main() -> None:
    """Handle events until `count` are done."""
    given = spec.given()
    relax_garbage_collection()  # as `easymo consume` does
    watched = _Watched(given["count"])
    async with watched.running():
        async with asyncio.timeout(LIMIT_SECONDS):
            await watched.finished.wait()
        for consumer in watched.consumers:
            await consumer.offsets.commit(consumer.consumer)
        result = {
            "began_at": watched.began_at,
            "ended_at": watched.done[-1][1],
            "first_at": watched.done[0][1],
            "repeated": watched.repeated,
            "done": watched.done if given.get("each") else [],
        }
        spec.write(Path(given["result"]), result)
        if given.get("stays"):
            await asyncio.Event().wait()


if __name__ == "__main__":
    run(main())
