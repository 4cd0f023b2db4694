"""Records for a topic without the ingress, as the ingress would have made them, and a look at what came of
them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition

from infra.kafka.connection import consumer_options
from infra.kafka.publisher import Output, Publisher
from infra.settings import Settings
from ingress.parsing import read_json
from ingress.split import split
from schemas.envelope import Envelope
from schemas.model import EventData
from scripts.benchmarks.messages import Chatter

TRACEPARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
AT_ONCE = 5_000


def inbound(chatter: Chatter, count: int) -> list[Output]:
    """The records of the first `count` messages."""
    now = datetime.now(UTC)
    return [
        Output(update.kind.topic, key, update.value, update.headers(key, TRACEPARENT))
        for index in range(count)
        for update in split(read_json(chatter.body(index)), now)
        for key in (update.key.encode(),)
    ]


def event(topic: str, key: str, data: EventData, *, source: str = "/bench", origin: str = "") -> Output:
    """An event as a domain would publish it; its id is new, and so it is the first of its chain."""
    identity = uuid4()
    envelope = Envelope(
        id=identity,
        type=data.event_type,
        source=source,
        subject=key,
        time=datetime.now(UTC),
        dataschema=data.dataschema(),
        correlation_id=str(identity),
        causation_id="",
        traceparent=TRACEPARENT.decode(),
        origin=origin,
    )
    return Output(topic, key.encode(), data.write(), envelope.headers())


async def publish(settings: Settings, records: list[Output]) -> None:
    """Put them on their topics; returns when all are acknowledged."""
    publisher = Publisher(settings)
    await publisher.start()
    try:
        for start in range(0, len(records), AT_ONCE):
            await publisher.publish(records[start : start + AT_ONCE])
    finally:
        await publisher.stop()


async def written_at(settings: Settings, topics: Iterable[str]) -> list[int]:
    """When each record of these topics (without the prefix) was written, in ms since the epoch, sorted."""
    consumer = AIOKafkaConsumer(
        **consumer_options(settings), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        partitions = []
        for topic in topics:
            name = settings.kafka_topic_prefix + topic
            await consumer._client._wait_on_metadata(name)
            partitions += [TopicPartition(name, p) for p in consumer.partitions_for_topic(name) or ()]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        left = {partition for partition in partitions if ends[partition] > 0}
        found: list[int] = []
        while left:
            for partition, batch in (await consumer.getmany(timeout_ms=1000)).items():
                found += [record.timestamp for record in batch]
                if batch[-1].offset + 1 >= ends[partition]:
                    left.discard(partition)
        return sorted(found)
    finally:
        await consumer.stop()
