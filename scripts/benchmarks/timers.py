"""Timers with a million rows waiting: how late they are in Kafka, and whether any of them is twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from consumers.runtime.records import pack_record
from infra.kafka.connection import consumer_options
from infra.settings import Settings
from schemas import topics
from schemas.envelope import LATER_ID, header
from scripts.benchmarks import effects, processes
from scripts.benchmarks.figures import Findings, percentiles
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.size import Size

WAITING, WAITING_QUICK = 1_000_000, 2_000
RATE = 200  # that fall due in a second
REPLICAS = (1, 3)
PARTITIONS = 4
BEFORE_SECONDS = 3.0  # until the first one is due
MOST_MS = 1_000.0
FILL_SECONDS = 300.0
AFTER_SECONDS = 60.0  # then what was not sent is not going to be
LOOK_SECONDS = 0.2

FILL = """
INSERT INTO runtime.later (consumer, kind, topic, key, record, event_id, name, delivery, holds, reason, due)
SELECT 'bench', 'timer', $1, ('k' || n)::bytea, $2, gen_random_uuid(), 'waiting ' || n, 0, false, 'timer',
    now() + interval '1 day' + n * interval '1 second'
FROM generate_series(1, $3::integer) AS n"""

FALL_DUE = """
INSERT INTO runtime.later (consumer, kind, topic, key, record, event_id, name, delivery, holds, reason, due)
SELECT 'bench', 'timer', $1, ('k' || n)::bytea, $2, gen_random_uuid(), $3 || n, 0, false, 'timer',
    $4::timestamptz + n * $5::interval
FROM generate_series(1, $6::integer) AS n RETURNING id, due"""

ANY_UNSENT = """
SELECT EXISTS (SELECT FROM runtime.later WHERE sent_at IS NULL AND kind <> 'parked' AND due <= $1)"""

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """An empty table with one replica, then a full one with one and with three."""
    findings = Findings("timers")
    waiting = WAITING_QUICK if size.quick else WAITING
    doubles = 0
    trials = [(waiting, count) for count in REPLICAS]
    for rows, replicas in trials[-1:] if size.quick else [(0, 1), *trials]:
        name = f"{rows:,} waiting, {replicas} replica{'s' * (replicas > 1)}"
        found, twice = await _trial(ground, size, say, rows, replicas)
        for measure, value in found.items():
            findings.add(name, measure, "ms", [value])
        findings.add(name, "sent twice", "", [twice])
        doubles += twice
        if rows:
            findings.at_most(f"{name}: latest, ms", MOST_MS, found["max"])
    findings.at_most("sent twice", 0, doubles)
    findings.notes.append(
        f"{RATE}/s fall due, and all of a second's at once in the end; from due to the record"
    )
    return findings


async def _trial(
    ground: Ground, size: Size, say: Say, rows: int, replicas: int
) -> tuple[dict[str, float], int]:
    """How late the timers were, in ms, and how many came more than once."""
    async with effects.trial(ground, PARTITIONS) as settings, AsyncExitStack() as stack:
        database = await asyncpg.connect(
            settings.need("postgres_dsn"),
            command_timeout=FILL_SECONDS,
            server_settings={"enable_seqscan": "off"},
        )
        stack.push_async_callback(database.close)
        sample = effects.event("k", effects.Note(number=1))
        record = pack_record(sample.value, sample.headers)
        say(f"{rows:,} rows are made to wait")
        await database.execute(FILL, sample.topic, record, rows)
        for number in range(replicas):
            plan = processes.consuming(f"dead-letters-{number}", (effects.LATER,), settings)
            await stack.enter_async_context(processes.service(plan, ground.folder))
        count = int(RATE * size.seconds)
        say(f"{count:,} fall due, with {replicas} at work")
        begin, gap = datetime.now(UTC) + timedelta(seconds=BEFORE_SECONDS), timedelta(seconds=1 / RATE)
        told = (sample.topic, record)
        due = await database.fetch(FALL_DUE, *told, "one by one ", begin, gap, count)
        last = due[-1]["due"]
        due += await database.fetch(FALL_DUE, *told, "at once ", last, timedelta(0), RATE)
        async with asyncio.timeout(BEFORE_SECONDS + size.seconds + AFTER_SECONDS):
            while await database.fetchval(ANY_UNSENT, last):  # noqa: ASYNC110 - others send them
                await asyncio.sleep(LOOK_SECONDS)
        sent = await _sent(settings)
    due_at = {row["id"]: row["due"].timestamp() * 1000 for row in due}
    assert set(sent) == set(due_at), f"{len(sent)} of {len(due_at)} timers were sent"
    late = [min(times) - due_at[number] for number, times in sent.items()]
    return percentiles(late), sum(len(times) - 1 for times in sent.values())


async def _sent(settings: Settings) -> dict[int, list[int]]:
    """When each row's copies were written to the topic, in ms since the epoch."""
    consumer = AIOKafkaConsumer(**consumer_options(settings), enable_auto_commit=False)
    await consumer.start()
    try:
        name = settings.kafka_topic_prefix + topics.intents(effects.DOMAIN)
        await consumer._client._wait_on_metadata(name)
        partitions = [TopicPartition(name, p) for p in consumer.partitions_for_topic(name) or ()]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        left = {partition for partition in partitions if ends[partition] > 0}
        found: dict[int, list[int]] = {}
        while left:
            for partition, batch in (await consumer.getmany(timeout_ms=1000)).items():
                for record in batch:
                    row = int(header(record.headers, LATER_ID) or 0)
                    found.setdefault(row, []).append(record.timestamp)
                if batch[-1].offset + 1 >= ends[partition]:
                    left.discard(partition)
        return found
    finally:
        await consumer.stop()
