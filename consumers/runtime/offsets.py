"""The offsets of one member: what is done of each partition, and what may be committed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic, perf_counter

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from consumers.runtime.frontier import Frontier
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)

COMMIT_SECONDS_LIMIT = 3.0  # aiokafka itself would try for as long as Kafka is away, and hold up a stop


class Offsets:
    """A frontier for each assigned partition; those of an assignment that is gone are simply forgotten."""

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._frontiers: dict[TopicPartition, Frontier] = {}
        self._seconds = metrics.RUNTIME_COMMIT_SECONDS.labels(consumer)

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        """A new assignment begins: what still runs of an old one can commit nothing any more."""
        self._frontiers = {partition: Frontier() for partition in partitions}

    def admit(self, topic: str, partition: int, offset: int, now: float) -> Frontier | None:
        """The frontier that the offset belongs to, admitted there; None when the partition is not assigned.

        An offset that does not lie ahead begins a new life of the partition: its topic was made anew, or
        fetching was set back. What repeats is recognised by its id; skipping it could lose what does not.
        """
        frontier = self._frontiers.get(TopicPartition(topic, partition))
        if frontier is None or frontier.admit(offset, now):
            return frontier
        frontier = self._frontiers[TopicPartition(topic, partition)] = Frontier()
        frontier.admit(offset, now)
        return frontier

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
        committed = dict(self._frontiers)
        moved = {p: f.to_commit for p, f in committed.items() if f.to_commit is not None}
        if not moved or kafka is None:
            return
        started = perf_counter()
        try:
            async with asyncio.timeout(COMMIT_SECONDS_LIMIT):
                await kafka.commit({p: OffsetAndMetadata(offset, "") for p, offset in moved.items()})
        except (KafkaError, TimeoutError) as error:
            log.warning("offsets.not_committed", consumer=self._consumer, reason=type(error).__name__)
            return
        self._seconds.observe(perf_counter() - started)
        for partition, offset in moved.items():
            committed[partition].committed = offset
