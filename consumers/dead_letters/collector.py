"""Keeps the letters: writes down what is set aside, and follows what becomes of it.

It has a loop of its own, and is no consumer of the runtime: infra/decisions/0030 says why.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from consumers.dead_letters import tables
from consumers.dead_letters.patience import patiently
from consumers.dead_letters.reading import SetAside, read
from infra.kafka.connection import consumer_options, disconnect, topic_name
from infra.postgres.pool import transaction
from infra.postgres.session import Session
from infra.settings import Settings
from infra.telemetry import metrics
from infra.telemetry.logs import logger
from schemas.topics import DEAD_LETTERS

log = logger(__name__)

NAME = "dead_letters"
RECORDS = 500
FETCH_BYTES = 1024 * 1024  # a partition; a larger record still comes alone
POLL_MS = 500
LOOK_SECONDS = 0.5
LETTERS_A_LOOK = 1_000
SHOW_EVERY = 10  # looks


async def collect_forever(pool: asyncpg.Pool[Any], settings: Settings) -> None:
    """Write down whatever comes on `dead-letters`, for ever; waits while the database or Kafka is away."""
    instance = settings.instance_id
    consumer = AIOKafkaConsumer(
        topic_name(settings, DEAD_LETTERS),
        **consumer_options(settings),
        group_id=f"{settings.kafka_topic_prefix}easymo.{NAME}.letters",
        group_instance_id=f"{instance}.{NAME}.letters" if instance else None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )
    try:
        await patiently(consumer.start)
        while True:
            batches = await patiently(lambda: consumer.getmany(timeout_ms=POLL_MS, max_records=RECORDS))
            if not batches:
                continue
            await collect(pool, [read(record) for batch in batches.values() for record in batch])
            await _commit(consumer, {place: batch[-1].offset + 1 for place, batch in batches.items()})
            _show_lag(consumer, batches)
    finally:
        await disconnect(consumer.stop())


async def collect(pool: asyncpg.Pool[Any], found: list[SetAside]) -> None:
    """Write down one batch, however long the database is away."""

    async def write() -> None:
        async with transaction(pool) as connection:
            await tables.collect(Session(connection), found)

    await patiently(write)


async def follow_forever(pool: asyncpg.Pool[Any]) -> None:
    """Look what became of the letters that wait, for ever."""
    rounds = 0
    while True:
        looked_at = await patiently(lambda: follow(pool))
        if rounds % SHOW_EVERY == 0:
            await patiently(lambda: _show(pool))
        rounds += 1
        if looked_at < LETTERS_A_LOOK:
            await asyncio.sleep(LOOK_SECONDS)


async def follow(pool: asyncpg.Pool[Any]) -> int:
    """Look once; returns at how many letters. Raises what asyncpg raises."""
    async with transaction(pool) as connection:
        return await tables.follow(Session(connection), LETTERS_A_LOOK, datetime.now(UTC))


async def _commit(consumer: AIOKafkaConsumer, offsets: dict[TopicPartition, int]) -> None:
    """What is not committed is read again, and changes nothing: a failure needs no more than a word."""
    try:
        await consumer.commit(offsets)
    except (KafkaError, OSError) as error:
        log.warning("letters.not_committed", reason=type(error).__name__)


def _show_lag(consumer: AIOKafkaConsumer, batches: dict[TopicPartition, list[Any]]) -> None:
    for place, batch in batches.items():
        high = consumer.highwater(place) or 0
        lag = max(0, high - batch[-1].offset - 1)
        metrics.RUNTIME_LAG.labels(NAME, place.topic, str(place.partition)).set(lag)


async def _show(pool: asyncpg.Pool[Any]) -> None:
    metrics.DEAD_LETTERS.clear()
    for row in await pool.fetch(tables.COUNT_OPEN):
        metrics.DEAD_LETTERS.labels(row["consumer"], row["status"]).set(row["letters"])
