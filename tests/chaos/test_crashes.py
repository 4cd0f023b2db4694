"""Members that are killed, or stand still and wake up again, at every step of the runtime."""

from __future__ import annotations

import asyncio

from tests.chaos.cluster import Cluster
from tests.chaos.member import STEPS


async def test_kill_9_at_every_step(cluster: Cluster) -> None:
    for step in STEPS:
        await cluster.feed()
        member = await cluster.start(stops=step, instance="one")
        await cluster.stopped(member)
        await cluster.kill(member)
    await cluster.start(instance="one")
    await cluster.settles()


async def test_members_that_stood_still_wake_up_when_others_have_taken_over(cluster: Cluster) -> None:
    zombies = []
    for step in STEPS:
        await cluster.feed()
        member = await cluster.start(stops=step, instance="one")
        await cluster.stopped(member)
        zombies.append(member)
    await cluster.keep(instance="one")
    await cluster.feed()
    await asyncio.gather(*(cluster.wake(zombie) for zombie in zombies))
    for zombie in zombies:
        await cluster.kill(zombie)
    await cluster.feed()
    await cluster.settles(late_calls=len(zombies))
