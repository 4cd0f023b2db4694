"""Publishing rendered records: whole batches a partition, acknowledged by all in-sync replicas.

aiokafka's `send` costs 22 µs a record, half of it a partitioner in pure Python. What the runtime publishes
is known all at once, so batches are built directly and handed over whole.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.producer.message_accumulator import BatchBuilder
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, wait_random_exponential

from infra.kafka.connection import answering, disconnect, producer_options
from infra.kafka.partition import partition_of
from infra.settings import Settings
from infra.telemetry.logs import logger
from schemas.topics import DEAD_LETTER_BYTES_LIMIT

log = logger(__name__)

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

    A record may appear twice after an error; its id is the same, and whoever reads it recognises that. The
    order within a partition is kept: what follows a batch is sent when that one is acknowledged.
    """

    def __init__(self, settings: Settings, on_retry: Callable[[RetryCallState], None] | None = None) -> None:
        self._settings = settings
        self._prefix = settings.kafka_topic_prefix
        self._on_retry = on_retry
        self._producer = self._new_producer()
        self._renewing = asyncio.Lock()
        self._partition_counts: dict[str, int] = {}
        self._round_robin = 0

    def _new_producer(self) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **producer_options(self._settings),
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            max_request_size=DEAD_LETTER_BYTES_LIMIT + BATCH_BYTES,
            request_timeout_ms=REQUEST_SECONDS * 1000,
        )

    async def start(self) -> None:
        """Connect. Raises KafkaUnreachable, KafkaRefused."""
        async with answering(self._settings):
            await self._producer.start()

    async def stop(self) -> None:
        """Send what is under way, and disconnect; what takes longer than 3 s is given up."""
        await disconnect(self._producer.stop())

    async def publish(self, outputs: Sequence[Output]) -> None:
        """Publish all, retrying for as long as it takes; cancel the task to give up."""
        left = list(outputs)
        async for attempt in AsyncRetrying(
            retry=retry_if_exception_type((KafkaError, OSError, TimeoutError)),
            wait=wait_random_exponential(multiplier=0.05, max=RETRY_SECONDS_LIMIT),
            before_sleep=self._on_retry,
        ):
            with attempt:
                producer = self._producer
                left, error = await self._publish_once(producer, left)
                if error is not None:
                    if _ends_producer(error):
                        await self._renew(producer)
                    raise error

    async def _publish_once(
        self, producer: AIOKafkaProducer, outputs: list[Output]
    ) -> tuple[list[Output], BaseException | None]:
        """Returns what was not acknowledged, and why."""
        groups: dict[tuple[str, int], list[Output]] = defaultdict(list)
        for output in outputs:
            topic = self._prefix + output.topic
            groups[topic, await self._partition(producer, topic, output.key)].append(output)
        results = await asyncio.gather(
            *(_send(producer, topic, partition, group) for (topic, partition), group in groups.items())
        )
        left = [output for rest, _ in results for output in rest]
        return left, next((error for _, error in results if error is not None), None)

    async def _renew(self, failed: AIOKafkaProducer) -> None:
        """Replace a producer that failed for good: the gap in its sequence is refused from now on."""
        async with self._renewing:
            if self._producer is not failed:
                return  # another publish was quicker
            producer = self._new_producer()
            await producer.start()
            self._producer = producer
        await disconnect(failed.stop())

    async def _partition(self, producer: AIOKafkaProducer, topic: str, key: bytes | None) -> int:
        count = self._partition_counts.get(topic)
        if count is None:
            count = len(await producer.partitions_for(topic))
            self._partition_counts[topic] = count
        if key is None:
            self._round_robin += 1
            return self._round_robin % count
        return partition_of(key, count)


async def _send(
    producer: AIOKafkaProducer, topic: str, partition: int, group: list[Output]
) -> tuple[list[Output], BaseException | None]:
    """Send one partition's records, in batches no larger than the producer's limit, one after the other.

    Returns those from the first batch on that was not acknowledged, and why.
    """
    done = 0
    while done < len(group):
        batch = producer.create_batch()
        end = done
        while end < len(group) and _append(batch, group[end]):
            end += 1
        batch.close()  # nobody else's records join: the retry must know them
        try:
            await (await producer.send_batch(batch, topic, partition=partition))
        except (KafkaError, OSError, TimeoutError) as error:
            return group[done:], error
        done = end
    return [], None


def _append(batch: BatchBuilder, output: Output) -> bool:
    """Whether the record still went into the batch. The first one always does."""
    return (
        batch.append(timestamp=None, key=output.key, value=output.value, headers=output.headers) is not None
    )


def _ends_producer(error: BaseException) -> bool:
    """Whether the broker refused a batch for good, so that its numbers are missing in the sequence."""
    waits = isinstance(error, KafkaTimeoutError)
    return isinstance(error, KafkaError) and not error.retriable and not waits
