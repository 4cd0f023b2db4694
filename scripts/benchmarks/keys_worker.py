"""One run of the bench on keys: the runtime's lane for idempotent calls, or a plain FastStream subscriber."""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

from faststream.kafka import KafkaBroker, KafkaMessage

from consumers.domain import Decision, Domain, nothing
from consumers.runtime.consumer import Consumer
from consumers.runtime.service import Service
from infra.kafka.connection import topic_name
from infra.kafka.faststream import security_of
from infra.settings import Settings, load_settings
from schemas import topics
from schemas.model import EventData
from scripts.benchmarks import spec
from scripts.benchmarks.keys_rules import in_order
from scripts.benchmarks.loop import run
from scripts.consume import relax_garbage_collection

DOMAIN = "bench"
WORKERS = 100
LIMIT_SECONDS = 120.0


class Work(EventData):
    """What a record of this bench asks for: to wait, and perhaps to fail."""

    event_type: ClassVar[str] = "bench.work.v1"

    key: str
    number: int
    wait_ms: int
    fails: bool = False


class Failed(Exception):
    """What the failing records raise."""


class Bookkeeper:
    """What was done, in the order in which it was done, and when the first and the last of it happened."""

    def __init__(self, count: int) -> None:
        self._left = count
        self.done: list[tuple[str, int]] = []
        self.failed = 0
        self.began_at = 0.0
        self.ended_at = 0.0
        self.finished = asyncio.Event()

    def fetched(self) -> None:
        """A batch has come; the first one starts the clock."""
        self.began_at = self.began_at or perf_counter()

    async def perform(self, work: Work) -> None:
        """Wait, and take note. Raises Failed."""
        await asyncio.sleep(work.wait_ms / 1000)
        self._left -= 1
        if self._left == 0:
            self.ended_at = perf_counter()
            self.finished.set()
        if work.fails:
            self.failed += 1
            raise Failed
        self.done.append((work.key, work.number))


class _Timed(Service):
    """The service, telling when the first batch of records came."""

    def __init__(self, settings: Settings, domain: Domain, book: Bookkeeper) -> None:
        super().__init__(settings, [domain])
        self._book = book

    def _subscribe(self, consumer: Consumer) -> None:
        admit = consumer.admit

        async def timed(batch: Any) -> None:
            self._book.fetched()
            await admit(batch)

        consumer.admit = timed  # type: ignore[method-assign]  # the subscription takes it from there
        super()._subscribe(consumer)


async def with_runtime(settings: Settings, book: Bookkeeper) -> None:
    """All jobs, through the runtime."""
    relax_garbage_collection()  # as `easymo consume` does
    domain = Domain(DOMAIN, workers=WORKERS, conversational=False)

    @domain.performs(Work, idempotent=True)
    async def perform(work: Work) -> Decision:
        await book.perform(work)
        return nothing()

    async with _Timed(settings, domain, book).running():
        async with asyncio.timeout(LIMIT_SECONDS):
            await book.finished.wait()


async def with_plain_subscriber(settings: Settings, book: Bookkeeper) -> None:
    """One after the other, as FastStream does without being told otherwise."""
    broker = KafkaBroker(
        settings.need("kafka_bootstrap_servers"), security=security_of(settings), logger=None
    )

    async def perform(work: Work, message: KafkaMessage) -> None:
        book.fetched()
        await book.perform(work)

    broker.subscriber(
        topic_name(settings, topics.intents(DOMAIN)),
        group_id=f"{settings.kafka_topic_prefix}plain",
        auto_offset_reset="earliest",
    )(perform)
    async with broker, asyncio.timeout(LIMIT_SECONDS):
        await broker.start()
        await book.finished.wait()


async def main() -> None:
    """Run what the specification says: `subject` (runtime or plain), `count` records, `result` file."""
    given = spec.given()
    settings = load_settings()
    book = Bookkeeper(given["count"])
    await {"runtime": with_runtime, "plain": with_plain_subscriber}[given["subject"]](settings, book)
    result = {
        "seconds": book.ended_at - book.began_at,
        "done": len(book.done),
        "failed": book.failed,
        "in_order": in_order(book.done),
    }
    spec.write(Path(given["result"]), result)


if __name__ == "__main__":
    run(main())
