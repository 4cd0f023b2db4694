"""The comparison for the runtime from above: poll, one bulk transaction, publish, with nothing around it.

No order across members, no locks, no handlers, no validation, no failures, no timers, no traces: what the
broker, the database and Python take at least for deduplication, state, stored outputs and publishing.

It publishes with aiokafka as it is: every record handed to `send`, then all acknowledgements awaited. With
`loads_state` it also reads and locks the state before saving it, and adds a business row for each event, as
every real consumer does.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from infra.kafka.connection import consumer_options, producer_options, topic_name
from infra.kafka.partition import partition_of
from infra.kafka.publisher import Output
from infra.settings import Settings, load_settings
from schemas import topics
from scripts.benchmarks import spec
from scripts.benchmarks.loop import run

RECORDS_A_POLL = 500
POLL_MILLISECONDS = 100
COMMIT_SECONDS = 0.5
LINGER_MILLISECONDS = 5
BATCH_BYTES = 128 * 1024

MIGRATIONS = """
CREATE TABLE seen (event_id uuid PRIMARY KEY);
CREATE TABLE state (person text PRIMARY KEY, messages int NOT NULL, said text NOT NULL)
    WITH (fillfactor = 70);
CREATE TABLE business (event_id uuid PRIMARY KEY, person text NOT NULL, said text NOT NULL);
CREATE TABLE output (event_id uuid PRIMARY KEY, outputs bytea NOT NULL);
"""
ADD_SEEN = "INSERT INTO seen SELECT * FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id"
SAVE_STATE = """
INSERT INTO state AS s (person, messages, said) SELECT * FROM unnest($1::text[], $2::int[], $3::text[])
ON CONFLICT (person) DO UPDATE SET messages = s.messages + excluded.messages, said = excluded.said"""
LOAD_STATE = "SELECT * FROM state WHERE person = ANY($1::text[]) ORDER BY person FOR UPDATE"
ADD_BUSINESS = "INSERT INTO business SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])"
ADD_OUTPUTS = "INSERT INTO output SELECT * FROM unnest($1::uuid[], $2::bytea[])"


class _Loop:
    def __init__(self, outputs_each: float, bytes_each: int, *, loads_state: bool) -> None:
        self._each = outputs_each
        self._loads_state = loads_state
        self._owed = 0.0
        self._filler = b"x" * max(1, bytes_each - 500)  # the headers of ours weigh as much

    async def handle(self, connection: asyncpg.Connection[Any], records: list[Any]) -> list[Output]:
        """Everything that one poll brought, in one transaction; what is to be published."""
        read = [(_event_id(record), record.key.decode(), orjson.loads(record.value)) for record in records]
        async with connection.transaction():
            rows = await connection.fetch(ADD_SEEN, [event for event, _, _ in read])
            new = {row["event_id"] for row in rows}
            state: dict[str, tuple[int, str]] = {}
            outputs: list[Output] = []
            stored: list[bytes] = []
            for (event, person, data), record in zip(read, records, strict=True):
                if event in new:
                    state[person] = (state.get(person, (0, ""))[0] + 1, data["message"]["text"]["body"])
                    made = self._outputs(record)
                    stored.append(b"".join(output.value or b"" for output in made))
                    outputs += made
            persons = sorted(state)
            if self._loads_state:
                await connection.fetch(LOAD_STATE, persons)
                await connection.execute(ADD_BUSINESS, *_business([r for r in read if r[0] in new]))
            counts, texts = [state[p][0] for p in persons], [state[p][1] for p in persons]
            await connection.execute(SAVE_STATE, persons, counts, texts)
            await connection.execute(ADD_OUTPUTS, [e for e, _, _ in read if e in new], stored)
        return outputs

    def _outputs(self, record: Any) -> list[Output]:
        self._owed += self._each
        count, self._owed = int(self._owed), self._owed % 1
        return [Output(topics.OUTBOUND, record.key, self._filler, list(record.headers)) for _ in range(count)]


class _Publisher:
    """aiokafka's producer with batches of a good size, and a partitioner that costs nothing."""

    def __init__(self, settings: Settings) -> None:
        self._topic = topic_name(settings, topics.OUTBOUND)
        self._producer = AIOKafkaProducer(
            **producer_options(settings),
            acks="all",
            enable_idempotence=True,
            linger_ms=LINGER_MILLISECONDS,
            max_batch_size=BATCH_BYTES,
        )
        self._partitions = 0

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()
        self._partitions = len(await self._producer.partitions_for(self._topic))

    async def stop(self) -> None:
        """Disconnect."""
        await self._producer.stop()

    async def publish(self, outputs: Sequence[Output]) -> None:
        """Hand all over, and wait until all are acknowledged."""
        futures = []
        for output in outputs:
            key = output.key or b""
            partition = partition_of(key, self._partitions)
            sent = self._producer.send(self._topic, output.value, key, partition, headers=output.headers)
            futures.append(await sent)
        await asyncio.gather(*futures)


def _business(read: Sequence[tuple[UUID, str, Any]]) -> tuple[list[UUID], list[str], list[str]]:
    texts = [data["message"]["text"]["body"] for _, _, data in read]
    return [event for event, _, _ in read], [person for _, person, _ in read], texts


def _event_id(record: Any) -> UUID:
    for name, value in record.headers:
        if name == "ce_id":
            return UUID(value.decode())
    raise KeyError("ce_id")


async def main() -> None:
    """Poll until SIGTERM."""
    settings = load_settings()
    given = spec.given()
    loop = _Loop(given["outputs_each"], given["bytes_each"], loads_state=given["loads_state"])
    consumer = AIOKafkaConsumer(
        topic_name(settings, topics.INBOUND),
        **consumer_options(settings),
        group_id=f"{settings.kafka_topic_prefix}bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    publisher = _Publisher(settings)
    connection = await asyncpg.connect(settings.need("postgres_dsn"), server_settings={"jit": "off"})
    await publisher.start()
    await consumer.start()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    done: dict[TopicPartition, OffsetAndMetadata] = {}
    committed_at = monotonic()
    while not stopped.is_set():
        found = await consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=RECORDS_A_POLL)
        records = [record for batch in found.values() for record in batch]
        if records:
            await publisher.publish(await loop.handle(connection, records))
            done |= {p: OffsetAndMetadata(batch[-1].offset + 1, "") for p, batch in found.items()}
        if done and monotonic() - committed_at > COMMIT_SECONDS:
            await consumer.commit(done)
            done, committed_at = {}, monotonic()
    await consumer.stop()
    await publisher.stop()
    await connection.close()


if __name__ == "__main__":
    run(main())
