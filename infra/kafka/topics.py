"""Makes a cluster's topics match the catalogue, and says where they do not.

aiokafka's admin client has the old AlterConfigs request only, which replaces all settings of a topic at once;
what somebody set there beyond the catalogue is therefore read first and sent along unchanged.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from infra.kafka.connection import KafkaRefused, answering, consumer_options, disconnect, topic_name
from infra.settings import Settings
from schemas.topics import Topic, catalogue

_SET_ON_THE_TOPIC = 1  # `config_source` of DescribeConfigs: not a default of the broker's
_APPLIED_WAIT_SECONDS = 0.05
_APPLIED_LIMIT_SECONDS = 20.0
_LEADERS_BACKOFF_MS = 20  # a new topic has its leaders within a few of these


class Aspect(StrEnum):
    """In what a topic differs from the catalogue."""

    MISSING = "missing"
    CONFIG = "config"
    PARTITIONS = "partitions"
    REPLICATION = "replication"


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which one topic (its full name, with the prefix) differs from the catalogue."""

    topic: str
    aspect: Aspect
    wanted: str
    found: str = ""
    setting: str = ""  # of a CONFIG difference: which one

    @property
    def breaks_order(self) -> bool:
        """Whether mending it sends keys to other partitions than before."""
        return self.aspect is Aspect.PARTITIONS

    @property
    def mendable(self) -> bool:
        """Whether `apply` can mend it: Kafka cannot take partitions away, and replicas are reassigned
        with a plan (kafka-reassign-partitions.sh)."""
        if self.aspect is Aspect.PARTITIONS:
            return int(self.wanted) > int(self.found)
        return self.aspect is not Aspect.REPLICATION


class OrderWouldBreak(Exception):
    """A change of partition count was refused: records of one key would lie in two partitions."""

    def __init__(self, differences: Iterable[Difference]) -> None:
        """`differences`: those that were refused."""
        self.differences = tuple(differences)
        places = ", ".join(f"{d.topic} ({d.found} → {d.wanted})" for d in self.differences)
        super().__init__(
            f"The partition count would change: {places}. New records of a key would then overtake old "
            "ones of the same key. Stop the producers, let every group read to the end, and use --force."
        )


@dataclass(frozen=True, slots=True)
class FoundTopic:
    """A topic as the cluster has it; `config` is what was set on the topic itself."""

    partitions: int
    replication: int
    config: Mapping[str, str]
    led: bool = True  # every partition has a leader


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    async with answering(settings, timeout_seconds=60):
        client = AIOKafkaAdminClient(**consumer_options(settings), request_timeout_ms=15_000)
        try:
            await client.start()
            yield client
        finally:
            await disconnect(client.close())


def _raise_refusal(topic: str, code: int, message: str | None) -> None:
    error = for_code(code)
    if error is not NoError:
        raise KafkaRefused(f"Kafka refused a change of {topic}: {error.__name__} {message or ''}".rstrip())


async def _find(client: AIOKafkaAdminClient, names: list[str]) -> dict[str, FoundTopic]:
    """Those of the named topics that exist."""
    answer: list[dict[str, Any]] = await client.describe_topics(names)
    described = [topic for topic in answer if for_code(topic["error_code"]) is NoError]
    existing = [topic["topic"] for topic in described]
    configs = await _topic_configs(client, existing)
    return {
        topic["topic"]: FoundTopic(
            partitions=len(topic["partitions"]),
            replication=min((len(p["replicas"]) for p in topic["partitions"]), default=0),
            config=configs[topic["topic"]],
            led=all(p["leader"] >= 0 for p in topic["partitions"]),
        )
        for topic in described
        if topic["topic"] in configs  # brokers learn of a topic one after the other
    }


async def _topic_configs(client: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    answers = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, n) for n in names])
    found: dict[str, dict[str, str]] = {}
    for answer in answers:
        for code, message, _, name, entries in answer.resources:
            if for_code(code) is UnknownTopicOrPartitionError:
                continue
            _raise_refusal(name, code, message)
            # An entry: (name, value, read only, source, sensitive, …)
            found[name] = {entry[0]: entry[1] or "" for entry in entries if entry[3] == _SET_ON_THE_TOPIC}
    return found


def _wanted(settings: Settings, domains: Iterable[str]) -> dict[str, Topic]:
    limit = settings.kafka_partitions_at_most
    return {
        topic_name(settings, topic.name): replace(topic, partitions=min(topic.partitions, limit))
        for topic in catalogue(domains)
    }


def compare(
    settings: Settings, wanted: Mapping[str, Topic], found: Mapping[str, FoundTopic]
) -> list[Difference]:
    """Where `found` differs from `wanted`, both by full name. Pure."""
    differences: list[Difference] = []
    for name, topic in wanted.items():
        there = found.get(name)
        if there is None:
            differences.append(Difference(name, Aspect.MISSING, f"{topic.partitions} partitions"))
            continue
        counts = (
            (Aspect.PARTITIONS, topic.partitions, there.partitions),
            (Aspect.REPLICATION, settings.kafka_replication_factor, there.replication),
        )
        differences += [Difference(name, a, str(w), str(f)) for a, w, f in counts if w != f]
        for setting, value in topic.config(settings.kafka_min_insync_replicas).items():
            if there.config.get(setting) != value:
                before = there.config.get(setting, "the broker's default")
                differences.append(Difference(name, Aspect.CONFIG, value, before, setting))
    return differences


async def diff(settings: Settings, domains: Iterable[str]) -> list[Difference]:
    """Where the cluster differs from the catalogue. Raises KafkaUnreachable, KafkaRefused."""
    wanted = _wanted(settings, domains)
    async with _admin(settings) as client:
        return compare(settings, wanted, await _find(client, list(wanted)))


async def apply(settings: Settings, domains: Iterable[str], *, force: bool = False) -> list[Difference]:
    """Create and alter topics until they match the catalogue, and return what was mended.

    Nothing is changed when a partition count would have to change, unless `force`. Returns when every new
    topic has its leaders. Raises OrderWouldBreak, KafkaUnreachable, KafkaRefused.
    """
    wanted = _wanted(settings, domains)
    async with _admin(settings) as client:
        found = await _find(client, list(wanted))
        differences = [d for d in compare(settings, wanted, found) if d.mendable]
        breaking = [d for d in differences if d.breaks_order]
        if breaking and not force:
            raise OrderWouldBreak(breaking)
        by_aspect = {aspect: [d for d in differences if d.aspect is aspect] for aspect in Aspect}
        await _create(client, settings, {d.topic: wanted[d.topic] for d in by_aspect[Aspect.MISSING]})
        altered = {d.topic: wanted[d.topic] for d in by_aspect[Aspect.CONFIG]}
        await _alter(client, settings, altered, found)
        if breaking:
            await client.create_partitions({d.topic: NewPartitions(int(d.wanted)) for d in breaking})
        if differences:
            await _await_applied(client, settings, wanted)
    if differences:
        await _await_leaders(settings, wanted)
    return differences


async def _create(client: AIOKafkaAdminClient, settings: Settings, topics: Mapping[str, Topic]) -> None:
    if not topics:
        return
    answer = await client.create_topics(
        [
            NewTopic(
                name,
                topic.partitions,
                settings.kafka_replication_factor,
                topic_configs=topic.config(settings.kafka_min_insync_replicas),
            )
            for name, topic in topics.items()
        ]
    )
    for name, code, message in answer.topic_errors:
        if for_code(code) is not TopicAlreadyExistsError:  # another member was faster: what we wanted
            _raise_refusal(name, code, message)


async def _alter(
    client: AIOKafkaAdminClient,
    settings: Settings,
    topics: Mapping[str, Topic],
    found: Mapping[str, FoundTopic],
) -> None:
    if not topics:
        return
    resources = [
        ConfigResource(
            ConfigResourceType.TOPIC,
            name,
            {**found[name].config, **topic.config(settings.kafka_min_insync_replicas)},
        )
        for name, topic in topics.items()
    ]
    for answer in await client.alter_configs(resources):
        for code, message, _, name in answer.resources:
            _raise_refusal(name, code, message)


async def _await_applied(
    client: AIOKafkaAdminClient, settings: Settings, wanted: Mapping[str, Topic]
) -> None:
    """The controller answers before the brokers know: a producer would still be told of an unknown topic."""
    async with asyncio.timeout(_APPLIED_LIMIT_SECONDS):
        while True:
            found = await _find(client, list(wanted))
            left = [d for d in compare(settings, wanted, found) if d.mendable]
            if not left and all(topic.led for topic in found.values()):
                return
            await asyncio.sleep(_APPLIED_WAIT_SECONDS)


async def _await_leaders(settings: Settings, wanted: Mapping[str, Topic]) -> None:
    """Ask every partition for its end: a broker is named as the leader before it has become it, and whoever
    reads or writes too early logs an error for each partition."""
    async with answering(settings, timeout_seconds=_APPLIED_LIMIT_SECONDS):
        consumer = AIOKafkaConsumer(**consumer_options(settings), retry_backoff_ms=_LEADERS_BACKOFF_MS)
        try:
            await consumer.start()
            # One request a topic: within a request aiokafka learns of one topic after the other, with a
            # pause for each. It tries again until each partition has answered.
            await asyncio.gather(
                *(
                    consumer.end_offsets([TopicPartition(name, number) for number in range(topic.partitions)])
                    for name, topic in wanted.items()
                )
            )
        finally:
            await disconnect(consumer.stop())
