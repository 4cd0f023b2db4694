"""The ledger's members are killed in the middle of a chunk: no token is made or lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from consumers.wallet.verifying.checking import verify
from infra.kafka import topics as kafka_topics
from infra.settings import Settings
from schemas import topics
from schemas.events.wallet import Transfer
from tests.chaos.cluster import Cluster
from tests.databases import folders_of
from tests.integration.runtime.bench import Bench, event

PEOPLE = [f"p{number}" for number in range(8)]
STEPS = ("before commit", "before publish", "after publish")
DOMAINS = ("wallet", "dead_letters")


@pytest.fixture
def migrations() -> list[Path]:
    """Of the wallet."""
    return folders_of(*DOMAINS)


async def test_kill_9_in_a_chunk_of_transfers(settings: Settings, tmp_path: Path) -> None:
    dsn = settings.need("postgres_dsn")
    await kafka_topics.apply(settings, DOMAINS)
    sent: list[Transfer] = []
    async with Bench(settings, "wallet") as bench, Cluster(bench, settings, tmp_path) as cluster:

        async def feed() -> None:
            """Everybody gets something, and pays it to the next one, each under an id of its own."""
            rewards = [_transfer("system:issue", person, 10) for person in PEOPLE]
            payments = [_transfer(a, b, 4) for a, b in zip(PEOPLE, PEOPLE[1:] + PEOPLE[:1], strict=True)]
            commands = [(command.credit, command) for command in rewards]
            commands += [(command.debit, command) for command in payments]
            sent.extend(command for _, command in commands)
            await bench.publish([event(topics.WALLET_COMMANDS, *each) for each in commands])

        for step in STEPS:
            await feed()
            member = await cluster.start(stops=step, instance="one", domains=DOMAINS)
            stopped = asyncio.create_task(cluster.stopped(member))
            while not stopped.done():  # the member stops at its third chunk or so
                await feed()
                await asyncio.wait([stopped], timeout=0.05)
            await stopped
            await cluster.kill(member)
        await cluster.start(instance="one", domains=DOMAINS)
        await bench.rows_become("SELECT FROM commands", len(sent), seconds=60)
        await bench.nothing_waits()
        await bench.events_become(topics.WALLET_EVENTS, len(sent))
        report = await verify(dsn)
        assert report.problems == []
        moved = await bench.database.fetch("SELECT command, amount FROM transfers")
        refused = await bench.database.fetchval("SELECT count(*) FROM commands WHERE reason IS NOT NULL")
    assert len(moved) + refused == len(sent)
    assert {row["command"] for row in moved} <= {command.id for command in sent}


def _transfer(debit: str, credit: str, amount: int) -> Transfer:
    return Transfer(id=uuid4(), debit=debit, credit=credit, amount=amount, kind="charge")
