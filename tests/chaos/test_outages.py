"""The broker and the database go away and come back: nobody is at fault, nothing is lost or set aside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from infra.embedded.stack import EmbeddedStack
from tests.chaos.cluster import Cluster


async def restart_broker(stack: EmbeddedStack) -> None:
    await stack.kafka.restart()


async def kill_database(stack: EmbeddedStack) -> None:
    await stack.postgres.kill()
    await stack.postgres.start()


async def kill_both(stack: EmbeddedStack) -> None:
    await asyncio.gather(stack.kafka.kill(), stack.postgres.kill())
    await asyncio.gather(stack.kafka.start(), stack.postgres.start())


@pytest.mark.parametrize("outage", [restart_broker, kill_database, kill_both])
async def test_an_outage_under_load(
    cluster: Cluster, breakable_stack: EmbeddedStack, outage: Callable[[EmbeddedStack], Awaitable[None]]
) -> None:
    await cluster.start()
    await cluster.feed(pokes=600, asks=60)
    await cluster.bench.effects_become(60)
    await outage(breakable_stack)
    await cluster.feed()
    await cluster.settles()


async def test_a_member_stops_in_time_though_everything_is_away(
    cluster: Cluster, breakable_stack: EmbeddedStack
) -> None:
    member = await cluster.start(instance="one")
    await cluster.feed(pokes=600, asks=60)
    await cluster.bench.effects_become(60)
    await asyncio.gather(breakable_stack.kafka.kill(), breakable_stack.postgres.kill())
    try:
        await cluster.leave(member)
    finally:
        await asyncio.gather(breakable_stack.kafka.start(), breakable_stack.postgres.start())
    await cluster.start(instance="one")
    await cluster.settles()
