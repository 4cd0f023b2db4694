"""The comparison for the runtime from above: poll, one bulk transaction, publish, with nothing around it.

No order across members, no locks, no handlers, no validation, no failures, no timers, no traces: what the
broker, the database and Python take at least for deduplication, state, stored outputs and publishing.
"""

from __future__ import annotations

import asyncio
import signal
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import ConsumerRecord, OffsetAndMetadata, TopicPartition

from infra.kafka.connection import consumer_options, topic_name
from infra.kafka.publisher import Output, Publisher
from infra.settings import load_settings
from schemas import topics
from scripts.benchmarks import spec
from scripts.benchmarks.loop import run

RECORDS_A_POLL = 500
POLL_MILLISECONDS = 100
COMMIT_SECONDS = 0.5

MIGRATIONS = """
CREATE TABLE seen (event_id uuid PRIMARY KEY);
CREATE TABLE state (person text PRIMARY KEY, messages int NOT NULL, said text NOT NULL)
    WITH (fillfactor = 70);
CREATE TABLE output (event_id uuid PRIMARY KEY, outputs bytea NOT NULL);
"""
ADD_SEEN = "INSERT INTO seen SELECT * FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id"
SAVE_STATE = """
INSERT INTO state AS s (person, messages, said) SELECT * FROM unnest($1::text[], $2::int[], $3::text[])
ON CONFLICT (person) DO UPDATE SET messages = s.messages + excluded.messages, said = excluded.said"""
ADD_OUTPUTS = "INSERT INTO output SELECT * FROM unnest($1::uuid[], $2::bytea[])"

Record = ConsumerRecord


class _Loop:
    def __init__(self, outputs_each: float, bytes_each: int) -> None:
        self._each = outputs_each
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
            counts, texts = [state[p][0] for p in persons], [state[p][1] for p in persons]
            await connection.execute(SAVE_STATE, persons, counts, texts)
            await connection.execute(ADD_OUTPUTS, [e for e, _, _ in read if e in new], stored)
        return outputs

    def _outputs(self, record: Any) -> list[Output]:
        self._owed += self._each
        count, self._owed = int(self._owed), self._owed % 1
        return [Output(topics.OUTBOUND, record.key, self._filler, list(record.headers)) for _ in range(count)]


def _event_id(record: Any) -> UUID:
    for name, value in record.headers:
        if name == "ce_id":
            return UUID(value.decode())
    raise KeyError("ce_id")


async def main() -> None:
    """Poll until SIGTERM."""
    settings = load_settings()
    loop = _Loop(**spec.given())
    consumer = AIOKafkaConsumer(
        topic_name(settings, topics.INBOUND),
        **consumer_options(settings),
        group_id=f"{settings.kafka_topic_prefix}bare",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    publisher = Publisher(settings)
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
