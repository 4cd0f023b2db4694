"""Which message each arrived reply answers, and when: read from Kafka and the simulator after a stage."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from infra.kafka.connection import consumer_options
from infra.settings import Settings
from schemas.envelope import header
from schemas.ids import message_id
from schemas.topics import OUTBOUND
from scripts.benchmarks.messages import Chatter


async def answered_at(settings: Settings, simulator: str, chatter: Chatter, count: int) -> list[int | None]:
    """For each of the first `count` messages, when its first reply arrived (monotonic ns), or None.

    A reply carries the id of the event that asked for it, and that event names the first one of its chain:
    the message.
    """
    index_of = {message_id(chatter.wamid(index), "text"): index for index in range(count)}
    causes = await _causes(settings)
    found: list[int | None] = [None] * count
    for at_ns, callback in await _arrivals(simulator):
        index = index_of.get(causes.get(callback, UUID(int=0)))
        if index is not None and found[index] is None:
            found[index] = at_ns
    return found


async def _causes(settings: Settings) -> Mapping[str, UUID]:
    """The first event of the chain, by the id of each event that asks for something to be sent."""
    name = settings.kafka_topic_prefix + OUTBOUND
    consumer = AIOKafkaConsumer(name, **consumer_options(settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions = [TopicPartition(name, p) for p in consumer.partitions_for_topic(name) or ()]
        ends = await consumer.end_offsets(partitions)
        left = {partition for partition in partitions if ends[partition] > 0}
        causes: dict[str, UUID] = {}
        while left:
            for partition, batch in (await consumer.getmany(timeout_ms=1000)).items():
                for record in batch:
                    own, first = header(record.headers, "ce_id"), header(record.headers, "ce_correlationid")
                    if own and first:
                        causes[own.decode()] = UUID(first.decode())
                if batch[-1].offset + 1 >= ends[partition]:
                    left.discard(partition)
        return causes
    finally:
        await consumer.stop()


async def _arrivals(simulator: str) -> list[tuple[int, str]]:
    """When each message of the business arrived, and what it carries for us, in order of arrival."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{simulator}/_simulator/arrivals") as answer,
    ):
        lines = (await answer.read()).splitlines()
    return [(at_ns, callback or "") for at_ns, _, callback, *_ in map(orjson.loads, lines)]


def departures(path: Path) -> Sequence[int]:
    """When each message was due (monotonic ns), as the load wrote it."""
    found = array("q")
    found.frombytes(path.read_bytes())
    return found
