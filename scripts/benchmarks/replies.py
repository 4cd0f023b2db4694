"""Which reply answers each message, and when it was where: read from Kafka and the simulator afterwards.

A reply carries the id of the event that asked for it, and every event names the first one of its chain: the
message. Records tell when they were written, in milliseconds; a hop is as exact as that.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from consumers import domain_names
from infra.kafka.connection import consumer_options
from infra.settings import Settings
from schemas.envelope import header
from schemas.topics import INBOUND, OUTBOUND, WITHOUT_EVENTS, intents
from scripts.benchmarks.figures import percentiles


@dataclass(slots=True)
class Trail:
    """Where one message was when, in monotonic ms; None where it never was.

    `due` at the load, `received` by the ingress, `routed` by core to a domain (the last one, where it went
    round), `asked` for as a reply, `arrived` at the stand-in for Meta.
    """

    due: float
    received: float | None = None
    routed: float | None = None
    asked: float | None = None
    arrived: float | None = None
    all_arrived: float | None = None  # the last one, where several people were told

    @property
    def latency_ms(self) -> float | None:
        """From due to the first reply's arrival."""
        return None if self.arrived is None else self.arrived - self.due


async def trails(
    settings: Settings, simulator: str, messages: Sequence[UUID], due: Sequence[int]
) -> list[Trail]:
    """The trail of each message, of which the event's id is given; `due` in monotonic ns."""
    found = [Trail(at / 1e6) for at in due]
    trail_of = dict(zip(messages, found, strict=True))
    to_monotonic = time.monotonic() * 1000 - time.time() * 1000
    cause_of: dict[str, UUID] = {}
    routing = {intents(name) for name in domain_names() if name != "core" and name not in WITHOUT_EVENTS}
    async for topic, record in _records(settings, {INBOUND, OUTBOUND, *routing}):
        own, first = _text(record, "ce_id"), _text(record, "ce_correlationid")
        trail = trail_of.get(UUID(first)) if first else None
        if trail is None:
            continue
        at = record.timestamp + to_monotonic
        if topic == INBOUND:
            trail.received = at
        elif topic == OUTBOUND:
            cause_of[own] = UUID(first)
            trail.asked = min(at, trail.asked or at)
        else:
            trail.routed = max(at, trail.routed or at)
    for at_ns, callback in await _arrivals(simulator):
        trail = trail_of.get(cause_of[callback]) if callback in cause_of else None
        if trail is not None:
            trail.all_arrived = at_ns / 1e6
            trail.arrived = trail.arrived or trail.all_arrived
    return found


def hops(found: Sequence[Trail]) -> dict[str, float]:
    """The median time of each part of the way, in ms."""
    parts: dict[str, list[float]] = {"ingress": [], "core": [], "domain": [], "sender": []}
    for trail in found:
        if trail.received is None or trail.asked is None or trail.arrived is None:
            continue
        parts["ingress"].append(trail.received - trail.due)
        parts["core"].append((trail.routed or trail.asked) - trail.received)
        if trail.routed is not None:
            parts["domain"].append(trail.asked - trail.routed)
        parts["sender"].append(trail.arrived - trail.asked)
    return {name: percentiles(values)["p50"] for name, values in parts.items() if values}


def departures(path: Path) -> Sequence[int]:
    """When each message was due (monotonic ns), as the load wrote it."""
    found = array("q")
    found.frombytes(path.read_bytes())
    return found


def _text(record: Any, name: str) -> str:
    return (header(record.headers, name) or b"").decode()


async def _records(settings: Settings, topics: set[str]) -> AsyncIterator[tuple[str, Any]]:
    """Every record on these topics so far, with the topic's name in the catalogue."""
    prefix = settings.kafka_topic_prefix
    consumer = AIOKafkaConsumer(
        *(prefix + topic for topic in topics), **consumer_options(settings), auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        names = [prefix + topic for topic in topics]
        partitions = [TopicPartition(n, p) for n in names for p in consumer.partitions_for_topic(n) or ()]
        ends = await consumer.end_offsets(partitions)
        left = {partition for partition in partitions if ends[partition] > 0}
        while left:
            for partition, batch in (await consumer.getmany(timeout_ms=1000)).items():
                for record in batch:
                    yield record.topic.removeprefix(prefix), record
                if batch[-1].offset + 1 >= ends[partition]:
                    left.discard(partition)
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
