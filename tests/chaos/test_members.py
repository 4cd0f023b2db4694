"""Members that come and go under load."""

from __future__ import annotations

import asyncio
import signal

from tests.chaos.cluster import Cluster
from tests.waiting import eventually

FEEDS = 12


async def test_three_members_join_and_leave_under_load(cluster: Cluster) -> None:
    async def load() -> None:
        for done in range(1, FEEDS + 1):
            await cluster.feed(pokes=100, asks=20)
            await cluster.bench.effects_become(done * 60)  # half of it: there is always some under way

    feeding = asyncio.create_task(load())
    first = await cluster.start()
    second = await cluster.start()
    await cluster.bench.effects_become(150)
    third = await cluster.start()
    await cluster.bench.effects_become(300)
    await cluster.leave(first)
    await cluster.bench.effects_become(450)
    await cluster.kill(second)  # the group notices it when its session is over
    fourth = await cluster.start()
    await cluster.bench.effects_become(600)
    await cluster.leave(third)
    await feeding
    await cluster.settles()
    await cluster.leave(fourth)


async def test_a_member_that_waits_for_others_to_join_stops_when_told_to(cluster: Cluster) -> None:
    first = await cluster.start(session_ms=60_000)  # long enough for a second one to start on a busy machine
    await cluster.feed()
    await cluster.bench.effects_become(1)
    first.send_signal(signal.SIGSTOP)  # it answers the group's call only when its session is over
    second = await cluster.start()

    async def joins() -> bool:
        return "(Re-)joining group" in cluster.log_of(second)

    await eventually(joins)
    await cluster.leave(second)
    assert "consumer.assigned" not in cluster.log_of(second)
