"""The embedded broker and database: data outlives restarts and crashes, failures are clear."""

from __future__ import annotations

import uuid
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.embedded import kafka as kafka_module
from infra.embedded.failure import AlreadyRunning, EmbeddedFailure
from infra.embedded.stack import EmbeddedStack

FIVE_MEBIBYTES = 5 * 1024 * 1024


@pytest.fixture
async def topic(breakable_stack: EmbeddedStack) -> str:
    name = f"stack-{uuid.uuid4().hex[:8]}"
    admin = AIOKafkaAdminClient(bootstrap_servers=breakable_stack.kafka_bootstrap_servers)
    await admin.start()
    await admin.create_topics([NewTopic(name, num_partitions=1, replication_factor=1)])
    await admin.close()
    return name


async def produce(breakable_stack: EmbeddedStack, topic: str, value: bytes) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=breakable_stack.kafka_bootstrap_servers,
        acks="all",
        max_request_size=2 * FIVE_MEBIBYTES,
    )
    async with producer:
        await producer.send_and_wait(topic, value)


async def first_value(breakable_stack: EmbeddedStack, topic: str) -> bytes | None:
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=breakable_stack.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    async with consumer:
        value: bytes | None = (await consumer.getone()).value
        return value


async def test_records_outlive_a_restart_of_the_broker(breakable_stack: EmbeddedStack, topic: str) -> None:
    await produce(breakable_stack, topic, b"kept")
    address = breakable_stack.kafka_bootstrap_servers
    await breakable_stack.kafka.restart()
    assert breakable_stack.kafka_bootstrap_servers == address
    assert await first_value(breakable_stack, topic) == b"kept"


async def test_acknowledged_records_outlive_kill_9_of_the_broker(
    breakable_stack: EmbeddedStack, topic: str
) -> None:
    await produce(breakable_stack, topic, b"kept")
    await breakable_stack.kafka.kill()
    await breakable_stack.kafka.start()
    assert await first_value(breakable_stack, topic) == b"kept"


async def test_a_dead_letter_of_five_mebibytes_fits(breakable_stack: EmbeddedStack, topic: str) -> None:
    await produce(breakable_stack, topic, bytes(FIVE_MEBIBYTES))
    assert await first_value(breakable_stack, topic) == bytes(FIVE_MEBIBYTES)


@pytest.mark.parametrize("way", ["restart", "kill"])
async def test_rows_outlive_the_server(breakable_stack: EmbeddedStack, postgres: str, way: str) -> None:
    connection = await asyncpg.connect(postgres)
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    if way == "restart":
        await breakable_stack.postgres.restart()
    else:
        await breakable_stack.postgres.kill()
        await breakable_stack.postgres.start()
    connection.terminate()
    connection = await asyncpg.connect(postgres)
    assert await connection.fetchval("SELECT number FROM kept") == 1
    await connection.close()


async def test_the_server_is_durable_and_reached_by_its_socket_alone(
    breakable_stack: EmbeddedStack, postgres: str
) -> None:
    connection = await asyncpg.connect(postgres)
    shown = {
        name: await connection.fetchval(f"SHOW {name}")
        for name in ("fsync", "synchronous_commit", "listen_addresses", "max_connections", "timezone")
    }
    await connection.close()
    assert shown == {
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "",
        "max_connections": "200",
        "timezone": "UTC",
    }


async def test_what_people_typed_is_not_in_the_server_log(
    breakable_stack: EmbeddedStack, postgres: str
) -> None:
    connection = await asyncpg.connect(postgres)
    await connection.execute("CREATE TABLE contact (phone text UNIQUE)")
    for _ in range(2):
        try:
            await connection.execute("INSERT INTO contact VALUES ($1)", "250788999111")
        except asyncpg.UniqueViolationError:
            break
    await connection.close()
    log = breakable_stack.postgres.child.log.read_text()
    assert "duplicate key" in log
    assert "250788999111" not in log


async def test_a_second_stack_in_the_folder_is_refused(breakable_stack: EmbeddedStack) -> None:
    with pytest.raises(AlreadyRunning, match="runs already in"):
        await EmbeddedStack(breakable_stack.folder).start()
    assert breakable_stack.kafka.child.pid
    assert breakable_stack.postgres.child.pid


async def test_a_deep_folder_works(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-rather-long-name"] * 8)
    async with EmbeddedStack(deep, with_kafka=False) as running:
        connection = await asyncpg.connect(running.postgres_dsn)
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()


async def test_a_broker_that_dies_at_once_says_why_and_takes_the_database_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_module, "server_properties", lambda *_: "process.roles=nonsense\n")
    broken = EmbeddedStack(tmp_path, quick_start=True)
    with pytest.raises(EmbeddedFailure, match=r"(?s)Kafka could not prepare.*nonsense"):
        await broken.start()
    assert broken.postgres.child.pid is None
    assert not list((tmp_path / "pids").iterdir())


async def test_a_taken_port_is_replaced(tmp_path: Path, breakable_stack: EmbeddedStack) -> None:
    """The ports of the last run may belong to somebody else by now."""
    folder = tmp_path / "kafka"
    folder.mkdir()
    taken = int(breakable_stack.kafka_bootstrap_servers.rpartition(":")[2])
    (folder / "ports.json").write_text(f"[{taken}, {taken}]")
    async with EmbeddedStack(tmp_path, quick_start=True, with_postgres=False) as other:
        assert other.kafka_bootstrap_servers != breakable_stack.kafka_bootstrap_servers
