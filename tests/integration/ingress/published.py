"""Reads back what the ingress published."""

from __future__ import annotations

from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from infra.kafka.connection import consumer_options, topic_name
from infra.settings import Settings
from schemas import topics

ALL = (topics.INBOUND, topics.STATUSES, topics.ACCOUNT)


async def records(settings: Settings, *names: str) -> list[ConsumerRecord]:
    """Every record in the topics (all of the ingress', unless some are named), in order of arrival within a
    partition."""
    consumer = AIOKafkaConsumer(
        **consumer_options(settings),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=8 * topics.MEBIBYTE,
    )
    await consumer.start()
    try:
        partitions = []
        for name in names or ALL:
            full = topic_name(settings, name)
            await consumer._client.add_topic(full)
            partitions += [TopicPartition(full, n) for n in consumer.partitions_for_topic(full) or ()]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        found: list[ConsumerRecord] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for batch in (await consumer.getmany(timeout_ms=100)).values():
                found += batch
    finally:
        await consumer.stop()
    return found


async def values(settings: Settings, *names: str) -> list[Any]:
    """The JSON in those records."""
    return [orjson.loads(record.value) for record in await records(settings, *names)]


async def message_ids(settings: Settings) -> list[str]:
    """The wamids in `whatsapp.inbound`, as often as they are there."""
    return [value["message"]["id"] for value in await values(settings, topics.INBOUND)]
