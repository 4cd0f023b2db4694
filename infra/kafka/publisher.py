"""Publishing rendered records: whole batches a partition, acknowledged by all in-sync replicas.

aiokafka's `send` costs 22 µs a record, half of it a partitioner in pure Python. What the runtime publishes
is known all at once, so batches are built directly and handed over whole.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from infra.kafka.connection import producer_options
from infra.kafka.partition import partition_of
from infra.settings import Settings
from schemas.topics import DEAD_LETTER_BYTES_LIMIT

BATCH_BYTES = 512 * 1024
REQUEST_SECONDS = 15
RETRY_SECONDS_LIMIT = 5


class Output(NamedTuple):
    """One record to publish: rendered, so that it can be stored and published again as it is."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


class Publisher:
    """Publishes outputs and returns when all are acknowledged, however long Kafka is away.

    A record may appear twice after an error; its id is the same, and whoever reads it recognises that.
    """

    def __init__(self, settings: Settings, on_retry: Callable[[RetryCallState], None] | None = None) -> None:
        self._prefix = settings.kafka_topic_prefix
        self._on_retry = on_retry
        self._producer = AIOKafkaProducer(
            **producer_options(settings),
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            max_request_size=DEAD_LETTER_BYTES_LIMIT + BATCH_BYTES,
            request_timeout_ms=REQUEST_SECONDS * 1000,
        )
        self._partition_counts: dict[str, int] = {}
        self._round_robin = 0

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()

    async def stop(self) -> None:
        """Send what is under way, and disconnect."""
        await self._producer.stop()

    async def publish(self, outputs: Sequence[Output]) -> None:
        """Publish all, retrying for as long as it takes; cancel the task to give up."""
        left = list(outputs)
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((KafkaError, OSError, TimeoutError)),
            wait=wait_random_exponential(multiplier=0.05, max=RETRY_SECONDS_LIMIT),
            before_sleep=self._on_retry,
        ):
            with attempt:
                left, error = await self._publish_once(left)
                if error is not None:
                    raise error

    async def _publish_once(self, outputs: list[Output]) -> tuple[list[Output], BaseException | None]:
        """Returns what was not acknowledged, and why."""
        groups: dict[tuple[str, int], list[Output]] = defaultdict(list)
        for output in outputs:
            topic = self._prefix + output.topic
            groups[topic, await self._partition(topic, output.key)].append(output)
        batches: list[tuple[list[Output], Awaitable[object]]] = []
        for (topic, partition), group in groups.items():
            batches += await self._send(topic, partition, group)
        results = await asyncio.gather(*(future for _, future in batches), return_exceptions=True)
        left: list[Output] = []
        error: BaseException | None = None
        for (group, _), result in zip(batches, results, strict=True):
            if isinstance(result, BaseException):
                left += group
                error = result
        return left, error

    async def _send(
        self, topic: str, partition: int, group: list[Output]
    ) -> list[tuple[list[Output], Awaitable[object]]]:
        """Hand one partition's records over, in batches no larger than the producer's limit."""
        sent = []
        batch = self._producer.create_batch()
        start = 0
        for index, output in enumerate(group):
            while (
                batch.append(timestamp=None, key=output.key, value=output.value, headers=output.headers)
                is None
            ):
                sent.append((group[start:index], await self._submit(batch, topic, partition)))
                batch, start = self._producer.create_batch(), index
        sent.append((group[start:], await self._submit(batch, topic, partition)))
        return sent

    async def _submit(self, batch: object, topic: str, partition: int) -> Awaitable[object]:
        batch.close()  # type: ignore[attr-defined]  # nobody else's records join: the retry must know them
        return await self._producer.send_batch(batch, topic, partition=partition)  # type: ignore[no-any-return]

    async def _partition(self, topic: str, key: bytes | None) -> int:
        count = self._partition_counts.get(topic)
        if count is None:
            count = len(await self._producer.partitions_for(topic))
            self._partition_counts[topic] = count
        if key is None:
            self._round_robin += 1
            return self._round_robin % count
        return partition_of(key, count)
