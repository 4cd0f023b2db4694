"""A domain whose events end in every way, and what the tests of this folder do to it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import OffsetAndMetadata
from click.testing import CliRunner, Result

from consumers.domain import Context, Decision, Domain, Emit, Reject, Retry, Schedule, nothing
from consumers.runtime.accounting import Account, account
from infra.kafka.connection import consumer_options
from infra.kafka.partition import partition_of
from schemas import topics
from scripts.cli import load
from tests.integration.runtime.bench import Bench, Echo, Effects, Poke, Tick
from tests.integration.runtime.topics_made import PARTITIONS

POKES = topics.intents("probe")
HOUR = timedelta(hours=1)


def probe(**options: Any) -> Domain:
    """A poke has its effect and is echoed; `what` asks for another end."""
    domain = Domain("probe", **options)

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        if poke.what == "dead":
            raise Reject("as asked")
        if poke.what == "later" and context.event.attempt % 2 == 0:
            raise Retry("as asked", after=HOUR)
        effects.add(context.person, poke.number)
        decision = nothing().emit(Emit(topics.events("probe"), context.person, Echo(number=poke.number)))
        if poke.what == "timer":
            timer = Schedule("timer", context.now + HOUR, Tick(number=poke.number), context.person)
            return decision.schedule(timer)
        return decision.cancel("timer") if poke.what == "cancel" else decision

    @domain.handles(Tick)
    async def ticked(tick: Tick, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, tick.number)
        return nothing()

    return domain


async def account_for(bench: Bench, domain: Domain) -> Account:
    """The account of the last hour, of one domain."""
    now = datetime.now(UTC)
    return await account(bench.settings, [domain], now - HOUR, now + HOUR, now=now)


async def skip(bench: Bench, key: str, count: int = 1, *, topic: str = POKES) -> None:
    """Move the committed offset past the next `count` records of the key's partition: nobody sees them."""
    prefix = bench.settings.kafka_topic_prefix
    place = TopicPartition(prefix + topic, partition_of(key.encode(), PARTITIONS))
    consumer = AIOKafkaConsumer(**consumer_options(bench.settings), group_id=f"{prefix}easymo.probe")
    consumer.assign([place])
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            before = await consumer.committed(place)
            await consumer.commit({place: OffsetAndMetadata((before or 0) + count, "")})
    finally:
        await consumer.stop()


async def call(bench: Bench, command: str, *arguments: str) -> Result:
    """Call a command of `easymo` as people do; in a thread, since it runs a loop of its own.

    Raises what the command raises, so that no failure is taken for its answer.
    """
    environment = {**bench.settings.explicit(), "COLUMNS": "200"}
    result = await asyncio.to_thread(
        lambda: CliRunner().invoke(load(command), list(arguments), env=environment)
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result
