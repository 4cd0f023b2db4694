"""Members of payments and the wallet are killed, or stand still, at every step: no franc is moved twice."""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from infra.embedded.system import MTN_CREDENTIALS
from infra.kafka import topics as kafka_topics
from infra.settings import Settings
from infra.simulator.providers import ProviderDesk
from tests.chaos.cluster import Cluster
from tests.chaos.member import STEPS
from tests.chaos.money import Money
from tests.databases import folders_of

DOMAINS = ("payments", "wallet", "dead_letters")
CASH_OUTS = 400  # a round takes one, and a member stops after a handful of rounds


@pytest.fixture
def migrations() -> list[Path]:
    """Of payments and the wallet."""
    return folders_of(*DOMAINS)


@pytest.fixture
async def desk() -> AsyncIterator[tuple[ProviderDesk, str]]:
    """The stand-in for MTN, and where it is."""
    desk = ProviderDesk()
    app = web.Application()
    desk.add_routes(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield desk, f"http://127.0.0.1:{runner.addresses[0][1]}/mtn"
    await runner.cleanup()
    await desk.close()


@pytest.fixture
async def money(
    settings: Settings, desk: tuple[ProviderDesk, str], tmp_path: Path
) -> AsyncIterator[tuple[Money, Cluster]]:
    """No member runs; people are owed money for their cash-outs, which nobody has been asked to pay."""
    stand_in, url = desk
    settings = settings.model_copy(
        update={"mtn_base_url": url, **dict.fromkeys(MTN_CREDENTIALS, SecretStr("stand-in"))}
    )
    await kafka_topics.apply(settings, [*DOMAINS, "core"])
    async with AsyncExitStack() as exits:
        money = await exits.enter_async_context(Money(settings, stand_in))
        cluster = await exits.enter_async_context(Cluster(money, settings, tmp_path))
        await money.publish(money.cash_outs(CASH_OUTS))
        member = await cluster.start(instance="one", domains=DOMAINS)
        await money.rows_become("SELECT FROM wallet.commands WHERE reason IS NULL", 2 * CASH_OUTS)
        await cluster.leave(member)
        yield money, cluster


async def fed_until_it_stops(money: Money, cluster: Cluster, step: str) -> Process:
    member = await cluster.start(stops=step, instance="one", domains=DOMAINS)
    stopped = asyncio.create_task(cluster.stopped(member))
    while not stopped.done():
        await money.feed()
        await asyncio.wait([stopped], timeout=0.2)
    await stopped
    return member


async def test_kill_9_at_every_step(money: tuple[Money, Cluster]) -> None:
    bench, cluster = money
    for step in STEPS:
        member = await fed_until_it_stops(bench, cluster, step)
        await cluster.kill(member)
    ends = [member.returncode for member in cluster.members[-len(STEPS) :]]
    assert ends == [-signal.SIGKILL] * len(STEPS)  # none had ended of itself
    await cluster.start(instance="one", domains=DOMAINS)
    await bench.settles()
    assert await bench.problems() == []


async def test_members_that_stood_still_wake_up_when_others_have_taken_over(
    money: tuple[Money, Cluster],
) -> None:
    bench, cluster = money
    zombies = [await fed_until_it_stops(bench, cluster, step) for step in STEPS]
    await cluster.keep(instance="one", domains=DOMAINS)
    await bench.feed()
    await asyncio.gather(*(cluster.wake(zombie) for zombie in zombies))
    for zombie in zombies:
        await cluster.kill(zombie)
    await bench.feed()
    await bench.settles()
    assert await bench.problems() == []
