"""Topics on the real broker: created, altered, and never made to break the order of keys."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from infra.embedded.ports import free_ports
from infra.kafka import topics
from infra.kafka.connection import KafkaRefused, KafkaUnreachable, consumer_options, topic_name
from infra.kafka.topics import Aspect, Difference
from infra.settings import Settings
from schemas.topics import INBOUND, catalogue
from tests.waiting import eventually

DOMAINS = ("jobs",)


@pytest.fixture
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    client = AIOKafkaAdminClient(**consumer_options(settings))
    await client.start()
    yield client
    await client.close()


async def differences(settings: Settings) -> list[Difference]:
    return await topics.diff(settings, DOMAINS)


async def fewer_missing(settings: Settings, count: int) -> bool:
    return len([d for d in await differences(settings) if d.aspect is Aspect.MISSING]) < count


async def test_apply_creates_every_topic_and_then_nothing(settings: Settings) -> None:
    names = {topic_name(settings, topic.name) for topic in catalogue(DOMAINS)}
    assert {d.topic for d in await topics.diff(settings, DOMAINS)} == names
    assert {d.topic for d in await topics.apply(settings, DOMAINS)} == names
    assert await topics.diff(settings, DOMAINS) == []
    assert await topics.apply(settings, DOMAINS) == []


async def test_apply_alters_settings_and_leaves_those_of_others(
    settings: Settings, admin: AIOKafkaAdminClient
) -> None:
    await topics.apply(settings, DOMAINS)
    name = topic_name(settings, INBOUND)
    changed = {"retention.ms": "1000", "segment.ms": "60000"}
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, changed)])
    await eventually(lambda: differences(settings))  # the controller answers before the broker knows

    mended = await topics.apply(settings, DOMAINS)

    assert Difference(name, Aspect.CONFIG, "1209600000", "1000", "retention.ms") in mended
    assert await topics.diff(settings, DOMAINS) == []
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    found = {entry[0]: entry[1] for entry in answer.resources[0][4]}
    assert found["segment.ms"] == "60000"


async def test_more_partitions_are_refused_unless_forced(
    settings: Settings, admin: AIOKafkaAdminClient
) -> None:
    name = topic_name(settings, INBOUND)
    await admin.create_topics([NewTopic(name, 2, 1)])
    count = len(catalogue(DOMAINS))
    await eventually(lambda: fewer_missing(settings, count))
    with pytest.raises(topics.OrderWouldBreak, match=r"2 → 3.*--force"):
        await topics.apply(settings, DOMAINS)
    assert len(await topics.diff(settings, DOMAINS)) > 1  # nothing was done

    await topics.apply(settings, DOMAINS, force=True)
    assert await topics.diff(settings, DOMAINS) == []


async def test_what_cannot_be_mended_is_shown(settings: Settings, admin: AIOKafkaAdminClient) -> None:
    await topics.apply(settings, DOMAINS)
    name = topic_name(settings, INBOUND)
    await admin.create_partitions({name: NewPartitions(14)})
    await eventually(lambda: differences(settings))  # the controller answers before the broker knows
    wider = settings.model_copy(update={"kafka_replication_factor": 3})

    found = await topics.diff(wider, DOMAINS)

    assert Difference(name, Aspect.PARTITIONS, "3", "14") in found
    assert Difference(name, Aspect.REPLICATION, "3", "1") in found
    assert not any(difference.mendable for difference in found)
    assert await topics.apply(wider, DOMAINS, force=True) == []


async def test_a_cluster_that_cannot_is_a_refusal(settings: Settings) -> None:
    with pytest.raises(KafkaRefused, match="InvalidReplicationFactor"):
        await topics.apply(settings.model_copy(update={"kafka_replication_factor": 3}), DOMAINS)


async def test_a_broker_that_does_not_answer_is_named() -> None:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    with pytest.raises(KafkaUnreachable, match=f"{address}.*easymo up"):
        await topics.diff(Settings(kafka_bootstrap_servers=address), DOMAINS)
