"""After the commit: publish what was decided, and let the offsets go."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from consumers.runtime.records import Outcome, Record, Result
from consumers.runtime.surge import Surge, SurgeGuard
from infra.kafka.publisher import Publisher
from infra.telemetry import metrics


class Delivery:
    """Publishes the outputs of committed results; their offsets are done when all are acknowledged."""

    def __init__(self, consumer: str, publisher: Publisher, surge: SurgeGuard) -> None:
        self._publisher = publisher
        self._surge = surge
        self._consumer = consumer
        self._outcomes = {o.value: metrics.RUNTIME_EVENTS.labels(consumer, o.value) for o in Outcome}
        self._repeated = metrics.RUNTIME_REPEATED.labels(consumer)
        self._chunk = metrics.RUNTIME_CHUNK.labels(consumer)
        self._seconds = metrics.RUNTIME_CHUNK_SECONDS.labels(consumer)
        self._publish_seconds = metrics.RUNTIME_PUBLISH_SECONDS.labels(consumer)

    async def publish(self, results: Sequence[Result]) -> None:
        """Publish the results' outputs, in their order, and finish their offsets.

        Waits for as long as Kafka is away. Raises Fatal when too many events die at once.
        """
        outputs = [output for result in results for output in result.outputs]
        if outputs:
            started = perf_counter()
            await self._publisher.publish(outputs)
            self._publish_seconds.observe(perf_counter() - started)
        for result in results:
            self.finish(result.record)
        self._count(results)
        try:
            self._surge.note(results)
        except Surge:
            metrics.RUNTIME_SURGES.labels(self._consumer).inc()
            raise

    def finish(self, record: Record) -> None:
        """This record's offset is done."""
        record.frontier.finish(record.offset)

    def measure(self, size: int, started: float) -> None:
        """A chunk of `size` events took until now."""
        self._chunk.observe(size)
        self._seconds.observe(perf_counter() - started)

    def _count(self, results: Sequence[Result]) -> None:
        counts: dict[str, int] = {}
        repeated = 0
        for result in results:
            if result.repeated:
                repeated += 1
            else:
                counts[result.outcome] = counts.get(result.outcome, 0) + 1
                if result.outcome in (Outcome.DEAD, Outcome.DEFERRED):
                    metrics.RUNTIME_FAILED.labels(
                        self._consumer, result.record.event.type or "unreadable"
                    ).inc()
        for outcome, count in counts.items():
            self._outcomes[outcome].inc(count)
        if repeated:
            self._repeated.inc(repeated)
