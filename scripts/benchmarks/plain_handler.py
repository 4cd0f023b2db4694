"""The comparison for the runtime from below: FastStream as its manual shows it, a transaction a message.

It does the same work as `core` under the runtime, with core's own functions and tables: read the message,
lock the person, look up who it is, route, save, remember the event with its outputs, commit, publish. It asks
for none of the rest: what waits or was redelivered, long lists, timers, traces. `max_workers=16` takes the
default policy, which commits before handling: the fastest that FastStream has, and not safe.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import AIOKafkaProducer
from faststream import FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from consumers.core.identify import identify
from consumers.core.inbound import message_received
from consumers.core.store import PersonStore
from consumers.domain import Context, Conversation, Intents
from consumers.runtime.discovery import load_intents
from consumers.runtime.records import Outcome, pack_outputs
from consumers.runtime.rendering import Rendering, Speaking
from consumers.runtime.tables import Tables
from infra.kafka.connection import producer_options, topic_name
from infra.kafka.faststream import security_of
from infra.kafka.partition import partition_of
from infra.postgres.pool import open_pool
from infra.postgres.session import Conflict, Session
from infra.settings import Settings, load_settings
from schemas import topics
from schemas.envelope import Envelope, read_envelope
from schemas.events.whatsapp import MessageReceived
from scripts.benchmarks.loop import run

AT_ONCE = 16
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"  # one message of a person at a time


class _Handler:
    def __init__(self, settings: Settings, pool: asyncpg.Pool[Any], producer: AIOKafkaProducer) -> None:
        self._settings = settings
        self._pool = pool
        self._producer = producer
        self._intents: Intents = load_intents()
        self._partitions: dict[str, int] = {}

    async def handle(self, data: MessageReceived, message: KafkaMessage) -> None:
        """One message."""
        raw: Any = message.raw_message
        envelope = read_envelope(raw.headers)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                rendering = await self._transact(Session(connection), envelope, data)
        except Conflict:
            return  # handled before
        await self._publish(rendering)

    async def _transact(self, session: Session, envelope: Envelope, data: MessageReceived) -> Rendering:
        await session.fetch(LOCK, data.contact)
        (person,) = await identify(session, [(envelope, data)])
        persons = PersonStore(session)
        await persons.load([(envelope, data, person)])
        now = datetime.now(UTC)
        context = Context(envelope, now, person, Conversation(person))
        decision = await message_received(data, context, persons, self._intents, self._settings)
        rendering = Rendering("core", envelope, envelope.traceparent, now)
        speaking = Speaking(person, decision.locale or "en", data.contact, envelope.time)
        rendering.replies(decision.replies, speaking, None)
        rendering.rest(decision, person, None)
        stored = pack_outputs(rendering.outputs)
        Tables(session, "core").add_processed(envelope.day, envelope.id, 0, Outcome.PROCESSED, stored)
        await session.flush()
        return rendering

    async def _publish(self, rendering: Rendering) -> None:
        futures = []
        for output in rendering.outputs:
            topic = topic_name(self._settings, output.topic)
            if topic not in self._partitions:
                self._partitions[topic] = len(await self._producer.partitions_for(topic))
            partition = partition_of(output.key or b"", self._partitions[topic])
            futures.append(
                await self._producer.send(topic, output.value, output.key, partition, headers=output.headers)
            )
        await asyncio.gather(*futures)


async def main() -> None:
    """Consume until SIGTERM."""
    settings = load_settings()
    pool = await open_pool(settings, "core", size=AT_ONCE)
    await pool.execute("SELECT runtime.make_days(current_date - 2, current_date + 2)")
    producer = AIOKafkaProducer(**producer_options(settings), acks="all", enable_idempotence=True)
    await producer.start()
    broker = KafkaBroker(
        settings.need("kafka_bootstrap_servers"), security=security_of(settings), logger=None
    )
    subscriber = broker.subscriber(
        topic_name(settings, topics.INBOUND),
        group_id=f"{settings.kafka_topic_prefix}plain",
        auto_offset_reset="earliest",
        max_workers=AT_ONCE,
    )
    subscriber(_Handler(settings, pool, producer).handle)
    await FastStream(broker, logger=None).run()
    await producer.stop()
    await pool.close()


if __name__ == "__main__":
    run(main())
