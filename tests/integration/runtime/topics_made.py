"""The topics of one test: only those that a domain and the publisher of what waits need, and few partitions.

The whole catalogue has two hundred partitions; the broker would spend the tests' time on making them.
"""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.kafka.connection import consumer_options
from infra.settings import Settings
from schemas import topics

PARTITIONS = 4
SHARED = (topics.DEAD_LETTERS, topics.OUTBOUND, topics.INTENTS_CORE, topics.CORE_EVENTS)


async def make_topics(settings: Settings, domain: str, partitions: int = PARTITIONS) -> None:
    """Make the topics of one domain, with the limits that the catalogue gives them."""
    wanted = [t for t in topics.catalogue([domain, "dead_letters"]) if t.name in (*SHARED, *_own(domain))]
    if not topics.tells_others(domain):  # a domain of the tests: its models are there, too
        wanted.append(topics.Topic(topics.events(domain), "its aggregate", "facts of a domain of the tests"))
    client = AIOKafkaAdminClient(**consumer_options(settings))
    await client.start()
    try:
        await client.create_topics(
            [
                NewTopic(
                    settings.kafka_topic_prefix + topic.name,
                    partitions,
                    1,
                    topic_configs=topic.config(1),
                )
                for topic in wanted
            ]
        )
    finally:
        await client.close()


def _own(domain: str) -> set[str]:
    found = {make(name) for name in (domain, "dead_letters") for make in (topics.intents, topics.redelivery)}
    return found | {topics.events(domain)}
