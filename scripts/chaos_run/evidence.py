"""What the run left behind, read from outside: topics, the runtime's tables, and what arrived at Meta."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from consumers import domain_names
from consumers.runtime.records import unpack_outputs
from infra.kafka.connection import consumer_options
from infra.settings import Settings
from schemas import topics
from schemas.envelope import LATER_ID, header

ROWS_AT_ONCE = 2_000
FIND_PROCESSED = "SELECT consumer, event_id, outcome, outputs FROM runtime.processed"
FIND_WAITING = "SELECT consumer, event_id, kind, due IS NOT NULL AS is_due FROM runtime.later"
FIND_MESSAGES = "SELECT event_id, state::text, repeats, error FROM sender.message"
FACTS = {
    "jobs that were posted": ("SELECT id FROM jobs.job", "jobs.job_posted.v1", "job"),
    "trips that were planned": ("SELECT trip FROM mobility.plans", "mobility.trip_scheduled.v1", "trip"),
}
DELIVERED = ("sent", "delivered", "read")


@dataclass(frozen=True, slots=True)
class Copy:
    """The first copy of an event on a topic; `place` counts them in their order within a partition."""

    place: int
    key: bytes
    kind: str
    source: str
    origin: str
    first: str  # the event at the beginning of its chain
    cause: str
    digest: bytes
    of_later: bool  # it came from what waited: a timer, or a redelivery


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message at the stand-in for Meta, in the order of their arrival."""

    event_id: str
    quotes: str | None


@dataclass(slots=True)
class Evidence:
    """All of it. Ids as UUID where they are many."""

    copies: dict[str, dict[UUID, Copy]] = field(default_factory=lambda: defaultdict(dict))
    versions: list[str] = field(default_factory=list)  # ids of which two different copies are in Kafka
    repeated: int = 0  # further copies
    statuses: dict[str, int] = field(default_factory=dict)  # event id of a message: a bit for each status
    outcomes: dict[str, dict[UUID, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    outputs: list[tuple[str, str, UUID, bytes]] = field(default_factory=list)  # consumer, topic, id, digest
    waiting: dict[str, set[UUID]] = field(default_factory=lambda: defaultdict(set))  # with a due time
    messages: dict[str, tuple[str, int, str | None]] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    facts: dict[str, tuple[set[str], set[str]]] = field(default_factory=dict)  # rows, and published
    webhooks: dict[str, Any] = field(default_factory=dict)  # the stand-in's own counts


async def gather(settings: Settings, simulator_url: str) -> Evidence:
    """Read everything. The system is to be at rest."""
    found = Evidence()
    published: dict[str, set[str]] = defaultdict(set)
    async for topic, record in _records(settings):
        if topic == topics.STATUSES:
            _note_status(found, record)
        else:
            _note_event(found, published, topic, record)
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    try:
        await _read_tables(found, connection)
        for name, (query, kind, _) in FACTS.items():
            rows = {str(row[0]) for row in await connection.fetch(query)}
            found.facts[name] = (rows, published[kind])
    finally:
        await connection.close()
    await _ask_simulator(found, simulator_url)
    return found


def _note_event(
    found: Evidence, published: dict[str, set[str]], topic: str, record: ConsumerRecord[bytes, bytes]
) -> None:
    headers = {name: value for name, value in record.headers if value is not None}
    event_id = UUID(headers["ce_id"].decode())
    digest = digest_of(_content(topic, record.value))
    copies = found.copies[topic]
    known = copies.get(event_id)
    if known is not None:
        found.repeated += 1
        if known.digest != digest and LATER_ID not in headers:
            found.versions.append(f"{topic} {event_id}")
        return
    kind = headers["ce_type"].decode()
    copies[event_id] = Copy(
        place=len(copies),
        key=record.key or b"",
        kind=kind,
        source=headers.get("ce_source", b"").decode(),
        origin=headers.get("origin", b"").decode(),
        first=headers.get("ce_correlationid", b"").decode(),
        cause=headers.get("ce_causationid", b"").decode(),
        digest=digest,
        of_later=LATER_ID in headers,
    )
    for _, fact, name in FACTS.values():
        if kind == fact:
            published[fact].add(orjson.loads(record.value or b"{}")[name])


def _content(topic: str, value: bytes | None) -> bytes | None:
    """What a repeat has to say, too: all but when the ingress heard of a payment."""
    if topic != topics.PAYMENTS_INBOUND or value is None:
        return value
    said = orjson.loads(value)
    del said["received_at"]
    return orjson.dumps(said)


def digest_of(value: bytes | None) -> bytes:
    """What tells two contents apart."""
    return hashlib.blake2b(value or b"", digest_size=8).digest()


def _note_status(found: Evidence, record: ConsumerRecord[bytes, bytes]) -> None:
    status = orjson.loads(record.value or b"{}").get("status", {})
    event_id, told = status.get("biz_opaque_callback_data"), status.get("status")
    if event_id is not None and told in DELIVERED:
        found.statuses[event_id] = found.statuses.get(event_id, 0) | 1 << DELIVERED.index(told)


async def _read_tables(found: Evidence, connection: asyncpg.Connection[Any]) -> None:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(FIND_PROCESSED, prefetch=ROWS_AT_ONCE):
            consumer = row["consumer"]
            found.outcomes[consumer].setdefault(row["event_id"], []).append(row["outcome"])
            for output in unpack_outputs(row["outputs"]):
                event_id = UUID((header(output.headers, "ce_id") or b"").decode())
                found.outputs.append((consumer, output.topic, event_id, digest_of(output.value)))
        async for row in connection.cursor(FIND_WAITING, prefetch=ROWS_AT_ONCE):
            if row["is_due"]:
                found.waiting[row["consumer"]].add(row["event_id"])
        async for row in connection.cursor(FIND_MESSAGES, prefetch=ROWS_AT_ONCE):
            found.messages[str(row["event_id"])] = (row["state"], row["repeats"], row["error"])


async def _ask_simulator(found: Evidence, url: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{url}/_simulator/arrivals") as answer:
            lines = (await answer.read()).splitlines()
        async with session.get(f"{url}/_simulator/state") as answer:
            found.webhooks = (await answer.json())["webhooks"]
    for _, _, event_id, quotes, *_ in map(orjson.loads, lines):
        found.arrivals.append(Arrival(event_id or "", quotes))


async def _records(settings: Settings) -> AsyncIterator[tuple[str, ConsumerRecord[bytes, bytes]]]:
    """Every record of every topic, with the topic's name in the catalogue."""
    prefix = settings.kafka_topic_prefix
    names = [prefix + topic.name for topic in topics.catalogue(domain_names())]
    consumer = AIOKafkaConsumer(*names, **consumer_options(settings), auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(n, p) for n in names for p in consumer.partitions_for_topic(n) or ()]
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(places)
        left = {place for place in places if ends[place] > 0}
        while left:
            for place, batch in (await consumer.getmany(timeout_ms=1000)).items():
                for record in batch:
                    yield record.topic.removeprefix(prefix), record
                if batch[-1].offset + 1 >= ends[place]:
                    left.discard(place)
    finally:
        await consumer.stop()
