"""The offsets of one member: what is done of each partition, and what may be committed."""

from __future__ import annotations

from collections.abc import Iterable
from time import monotonic, perf_counter

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from consumers.runtime.frontier import Frontier
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)


class Offsets:
    """A frontier for each assigned partition; those of an assignment that is gone are simply forgotten."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._frontiers: dict[TopicPartition, Frontier] = {}
        self._seconds = metrics.RUNTIME_COMMIT_SECONDS.labels(consumer)

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """A new assignment begins: what still runs of an old one can commit nothing any more."""
        self._frontiers = {partition: Frontier() for partition in partitions}

    def frontier(self, topic: str, partition: int) -> Frontier | None:
        """The frontier of a partition that is assigned, or None."""
        return self._frontiers.get(TopicPartition(topic, partition))

    @property
    def partitions(self) -> set[TopicPartition]:
        """What is assigned."""
        return set(self._frontiers)

    @property
    def finished(self) -> int:
        """The sum of all positions: grows by one for each record that is done."""
        return sum(f.position for f in self._frontiers.values() if f.position > 0)

    def wider_than(self, limit: int) -> set[TopicPartition]:
        """The partitions that hold more than `limit` offsets behind one that is not done."""
        return {partition for partition, f in self._frontiers.items() if f.span > limit}

    def oldest_seconds(self) -> float:
        """How long the oldest record that is not done has been here; 0 when all are."""
        times = [f.oldest for f in self._frontiers.values() if f.oldest is not None]
        return monotonic() - min(times) if times else 0.0

    def lags(self, kafka: AIOKafkaConsumer | None) -> dict[TopicPartition, int]:
        """How many records each partition is behind its end, as far as that is known."""
        lags = {}
        for partition, frontier in self._frontiers.items():
            end = kafka.highwater(partition) if kafka is not None else None
            if end is not None and frontier.position >= 0:
                lags[partition] = max(0, end - frontier.position)
        return lags

    async def commit(self, kafka: AIOKafkaConsumer | None) -> None:
        """Commit how far every partition is done. A failure is made up for by the next commit."""
        frontiers = self._frontiers
        moved = {p: f.to_commit for p, f in frontiers.items() if f.to_commit is not None}
        if not moved or kafka is None:
            return
        started = perf_counter()
        try:
            await kafka.commit({p: OffsetAndMetadata(offset, "") for p, offset in moved.items()})
        except KafkaError as error:
            log.warning("offsets.not_committed", consumer=self._consumer, reason=type(error).__name__)
            return
        self._seconds.observe(perf_counter() - started)
        for partition, offset in moved.items():
            frontiers[partition].committed = offset
