"""`easymo consume` as a process: how it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import asyncpg
import pytest

from infra import exit_codes
from infra.kafka import topics as kafka_topics
from infra.kafka.publisher import Output
from infra.settings import Settings, child_environment
from schemas import topics
from tests.chaos.cluster import ROOT
from tests.databases import folders_of
from tests.integration.runtime.bench import Bench
from tests.waiting import eventually

KEYS = 150


@pytest.fixture
def migrations() -> list[Path]:
    """Of jobs, and of letters."""
    return folders_of("dead_letters", "jobs")


@pytest.fixture
async def ground_for_jobs(settings: Settings) -> Settings:
    """What the consumer of jobs stands on."""
    await kafka_topics.apply(settings, ["core", "dead_letters", "jobs"])
    return settings


async def consume(settings: Settings, *options: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "scripts.cli", "consume", "jobs", *options),
        stderr=PIPE,
        stdout=PIPE,
        cwd=ROOT,
        env=child_environment(settings.explicit()),
    )


async def publish_rubbish(settings: Settings) -> None:
    async with Bench(settings, "jobs") as bench:
        await bench.publish(
            [Output(topics.intents("jobs"), b"p%d" % n, b"no event", []) for n in range(KEYS)]
        )


async def dead(settings: Settings) -> int:
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    try:
        return int(await connection.fetchval("SELECT count(*) FROM runtime.processed WHERE outcome = 'dead'"))
    finally:
        await connection.close()


async def test_it_stops_itself_when_too_much_dies_and_goes_on_when_told_to(ground_for_jobs: Settings) -> None:
    await publish_rubbish(ground_for_jobs)
    member = await consume(ground_for_jobs)
    async with asyncio.timeout(30):
        _, errors = await member.communicate()
    assert member.returncode == exit_codes.SURGE
    assert b"keys died within 60 s" in errors
    await publish_rubbish(ground_for_jobs)
    member = await consume(ground_for_jobs, "--resume-after-surge")

    async def all_dead() -> bool:
        return await dead(ground_for_jobs) == 2 * KEYS

    await eventually(all_dead)
    member.send_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        await member.communicate()
    assert member.returncode == 0
