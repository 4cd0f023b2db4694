"""What a runtime test does from outside: publish events, look at effects, read topics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, Self
from uuid import UUID, uuid4

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from consumers.domain import Store
from consumers.runtime.consumer import Consumer
from consumers.runtime.service import Service
from infra.kafka.connection import consumer_options, disconnect
from infra.kafka.publisher import Output, Publisher
from infra.postgres.session import BulkWrite
from infra.settings import Settings
from schemas import topics
from schemas.envelope import Envelope
from schemas.model import EventData
from tests.waiting import eventually


class Poke(EventData):
    """The event that the tests' domain handles."""

    event_type: ClassVar[str] = "probe.poke.v1"

    number: int
    what: str = ""


class Echo(EventData):
    """What the tests' domain says of a poke."""

    event_type: ClassVar[str] = "probe.echoed.v1"

    number: int


class Tick(EventData):
    """A timer of the tests' domain."""

    event_type: ClassVar[str] = "probe.tick.v1"

    number: int


ADD_EFFECT = BulkWrite("INSERT INTO effect (person, number) SELECT * FROM unnest($1::text[], $2::integer[])")


class Effects(Store):
    """Writes down what took effect, in its order."""

    def add(self, person: str, number: int) -> None:
        """This number took effect for this person."""
        self.session.write(ADD_EFFECT, person, number)


def poke(key: str, number: int, *, what: str = "", **changes: Any) -> Output:
    """A record that asks the tests' domain for the effect `number`; the id is new unless given."""
    return event(topics.intents("probe"), key, Poke(number=number, what=what), **changes)


def event(
    topic: str, key: str, data: EventData, *, id: UUID | None = None, time: datetime | None = None
) -> Output:
    """A record with everything that an event has."""
    identity = id or uuid4()
    envelope = Envelope(
        id=identity,
        type=data.event_type,
        source="/tests",
        subject=key,
        time=time or datetime.now(UTC),
        dataschema=data.dataschema(),
        correlation_id=str(identity),
        causation_id="",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    return Output(topic, key.encode(), data.write(), envelope.headers())


class Bench:
    """One database and one set of topics."""

    def __init__(self, settings: Settings, domain: str) -> None:
        self.settings = settings
        self.domain = domain
        self.publisher = Publisher(settings)
        self.services: list[Service] = []  # those that read and write the same, in this process
        self.database: asyncpg.Pool[asyncpg.Record]

    async def __aenter__(self) -> Self:
        self.database = await asyncpg.create_pool(
            self.settings.need("postgres_dsn"),
            min_size=1,
            max_size=4,
            server_settings={"search_path": self.domain},
        )
        await self.publisher.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.publisher.stop()
        await self.database.close()

    async def publish(self, outputs: Iterable[Output]) -> None:
        """Put records on their topics."""
        await self.publisher.publish(list(outputs))

    async def effects(self, person: str | None = None) -> list[int]:
        """The numbers that took effect, in the order in which they did."""
        rows = await self.database.fetch(
            "SELECT number FROM effect WHERE $1::text IS NULL OR person = $1 ORDER BY id", person
        )
        return [row["number"] for row in rows]

    async def effects_become(self, count: int, *, seconds: float = 30) -> list[int]:
        """Wait until there are as many effects as that; returns them."""

        async def enough() -> bool:
            return int(await self.database.fetchval("SELECT count(*) FROM effect")) >= count

        await eventually(enough, limit_seconds=seconds)
        return await self.effects()

    async def outcomes(self) -> dict[str, int]:
        """How many events ended how."""
        rows = await self.database.fetch(
            "SELECT outcome, count(*) AS n FROM runtime.processed GROUP BY outcome"
        )
        return {row["outcome"]: row["n"] for row in rows}

    async def outcome_becomes(self, outcome: str, count: int = 1, *, seconds: float = 30) -> None:
        """Wait until as many events ended like that."""

        async def enough() -> bool:
            return (await self.outcomes()).get(outcome, 0) >= count

        await eventually(enough, limit_seconds=seconds)

    async def ends(self, event_id: UUID, outcome: str) -> None:
        """Wait until an event has ended like that."""

        async def there() -> bool:
            return bool(
                await self.database.fetchval(
                    "SELECT count(*) FROM runtime.processed WHERE event_id = $1 AND outcome = $2",
                    event_id,
                    outcome,
                )
            )

        await eventually(there)

    async def waiting(self) -> list[asyncpg.Record]:
        """The rows of `later`."""
        return await self.database.fetch("SELECT * FROM runtime.later ORDER BY id")

    async def nothing_waits(self, *, seconds: float = 30) -> None:
        """Wait until `later` is empty and no call is under way."""

        async def empty() -> bool:
            return not await self.database.fetchval(
                "SELECT EXISTS (TABLE runtime.later) OR EXISTS (TABLE runtime.claim)"
            )

        await eventually(empty, limit_seconds=seconds)

    async def rows_become(self, sql: str, count: int = 1, *, seconds: float = 30) -> None:
        """Wait until a query has as many rows."""

        async def enough() -> bool:
            return len(await self.database.fetch(sql)) == count

        await eventually(enough, limit_seconds=seconds)

    async def make_due(self) -> None:
        """Turn the clock of what waits: everything is due now."""
        await self.database.execute("UPDATE runtime.later SET due = now() WHERE sent_at IS NULL")

    async def event_ids(self, topic: str) -> set[bytes]:
        """The ids of the events on a topic; one that was published twice counts once."""
        return {dict(record.headers)["ce_id"] for record in await self.records(topic)}

    async def events_become(self, topic: str, count: int, *, seconds: float = 30) -> None:
        """Wait until as many different events are on a topic: they are published after the commit."""

        found: set[bytes] = set()

        async def enough() -> bool:
            nonlocal found
            found = await self.event_ids(topic)
            return len(found) >= count

        await eventually(enough, limit_seconds=seconds)
        assert len(found) == count

    async def records(self, topic: str) -> list[Any]:
        """Every record on a topic so far; what was committed before is there."""
        for service in self.services:
            for consumer in service.consumers:
                await eventually(_published(consumer))
        consumer = AIOKafkaConsumer(**consumer_options(self.settings), auto_offset_reset="earliest")
        await consumer.start()
        try:
            name = self.settings.kafka_topic_prefix + topic
            partitions = [TopicPartition(name, p) for p in await _partitions(consumer, name)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            found: list[Any] = []
            await consumer.seek_to_beginning(*partitions)
            left = {p for p in partitions if ends[p] > 0}
            while left:
                for partition, batch in (await consumer.getmany(timeout_ms=200)).items():
                    found += batch
                    if batch[-1].offset + 1 >= ends[partition]:
                        left.discard(partition)
            return found
        finally:
            await disconnect(consumer.stop())


def _published(consumer: Consumer) -> Callable[[], Awaitable[bool]]:
    """Whether a consumer has published all that it had committed: that comes after the commit."""

    async def nothing_under_way() -> bool:
        return consumer.admission.in_flight == 0 or consumer.fatal is not None

    return nothing_under_way


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> set[int]:
    found: set[int] | None = None

    async def known() -> bool:
        nonlocal found
        await consumer._client.force_metadata_update()
        consumer._client.add_topic(topic)
        found = consumer.partitions_for_topic(topic)
        return bool(found)

    await eventually(known, limit_seconds=10)
    return found or set()
