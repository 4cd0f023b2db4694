"""Publishing: in order, complete, and on again after an error that a producer does not survive."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from tenacity import RetryCallState

from infra.embedded.stack import EmbeddedStack
from infra.kafka.connection import consumer_options
from infra.kafka.publisher import Output, Publisher
from infra.settings import Settings
from schemas import topics
from tests.integration.runtime.bench import Bench
from tests.integration.runtime.topics_made import make_topics

TOPIC = topics.events("probe")


@pytest.fixture
async def kafka(settings: Settings) -> AsyncIterator[Bench]:
    """The topics, and a hand on them."""
    await make_topics(settings, "probe")
    async with Bench(settings, "probe") as bench:
        yield bench


async def by_key(kafka: Bench) -> dict[bytes | None, list[bytes | None]]:
    found: dict[bytes | None, list[bytes | None]] = defaultdict(list)
    for record in await kafka.records(TOPIC):
        found[record.key].append(record.value)
    return found


def output(key: bytes | None, value: bytes | None) -> Output:
    return Output(TOPIC, key, value, [])


async def test_what_fills_many_batches_stays_in_order(kafka: Bench) -> None:
    values = [b"%03d" % number + b"x" * 90_000 for number in range(60)]
    await kafka.publish([output(b"key", value) for value in values])
    assert (await by_key(kafka))[b"key"] == values


async def test_records_of_every_size_share_a_batch_or_have_their_own(kafka: Bench) -> None:
    values = [b"a", b"x" * 3_900_000, b"b", b"x" * 600_000, b"", None, b"c"]
    await kafka.publish([output(b"key", value) for value in values])
    assert (await by_key(kafka))[b"key"] == values


async def test_records_without_a_key_go_round(kafka: Bench) -> None:
    await kafka.publish([output(None, b"%d" % number) for number in range(8)])
    assert {record.partition for record in await kafka.records(TOPIC)} == {0, 1, 2, 3}


async def test_a_batch_refused_for_good_stops_nobody_else(kafka: Bench) -> None:
    """aiokafka has counted its sequence on by then: all that follows on the partition would be refused."""
    settings = kafka.settings
    admin = AIOKafkaAdminClient(**consumer_options(settings))
    await admin.start()
    name = settings.kafka_topic_prefix + TOPIC
    small = ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": "10000"})
    await admin.alter_configs([small])
    await admin.close()
    refused = asyncio.Event()

    def tell(_: RetryCallState) -> None:
        refused.set()

    publisher = Publisher(settings, on_retry=tell)
    await publisher.start()
    too_large = asyncio.create_task(_publish_for_ever(publisher, output(b"key", b"x" * 50_000)))
    try:
        async with asyncio.timeout(30):
            await refused.wait()
            await publisher.publish([output(b"key", b"small %d" % number) for number in range(3)])
            await publisher.publish([output(b"key", b"and on")])
    finally:
        too_large.cancel()
        await publisher.stop()
    found = [value for value in (await by_key(kafka))[b"key"] if value is not None and len(value) < 50]
    assert found == [b"small 0", b"small 1", b"small 2", b"and on"]


async def _publish_for_ever(publisher: Publisher, output: Output) -> None:
    """Until it is refused: the controller answers before the broker knows of a topic's new limit."""
    while True:
        await publisher.publish([output])


async def test_publishing_outlasts_a_restart_of_the_broker(
    kafka: Bench, breakable_stack: EmbeddedStack
) -> None:
    async def stream(key: bytes) -> None:
        for number in range(60):
            await kafka.publish([output(key, b"%d" % number)])

    streams = asyncio.gather(*(stream(b"%d" % number) for number in range(4)))
    await asyncio.sleep(0)
    await breakable_stack.kafka.kill()
    await breakable_stack.kafka.start()
    async with asyncio.timeout(30):
        await streams
    found = await by_key(kafka)
    for number in range(4):
        once = list(dict.fromkeys(found[b"%d" % number]))  # a record may be there twice
        assert once == [b"%d" % n for n in range(60)]
    # and the partition is not stuck for whoever comes next
    await kafka.publish([output(b"0", b"after")])
    assert (await by_key(kafka))[b"0"][-1] == b"after"


async def test_stopping_ends_in_time_though_kafka_is_away(
    kafka: Bench, settings: Settings, breakable_stack: EmbeddedStack
) -> None:
    publisher = Publisher(settings)
    await publisher.start()
    await publisher.publish([output(b"key", b"before")])
    await breakable_stack.kafka.kill()
    try:
        waiting = asyncio.create_task(publisher.publish([output(b"key", b"lost")]))
        await asyncio.sleep(0)
        waiting.cancel()
        async with asyncio.timeout(10):
            await publisher.stop()
    finally:
        await breakable_stack.kafka.start()
    assert waiting.cancelled()
    assert (await by_key(kafka))[b"key"][0] == b"before"
