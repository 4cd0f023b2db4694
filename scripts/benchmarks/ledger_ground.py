"""What the ledger is measured on: accounts with money, and transfers among them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

from consumers.runtime.chunks import Transactions
from consumers.runtime.discovery import migration_folders
from consumers.wallet.domain import wallet
from consumers.wallet.store.ledger import LedgerStore
from infra.kafka import topics as kafka_topics
from infra.postgres.pool import open_pool
from infra.postgres.session import Session
from infra.settings import Settings
from schemas.envelope import Envelope
from schemas.events.wallet import Command, Transfer
from scripts.benchmarks.ground import Ground

DOMAIN = "wallet"
CHUNK, WORKERS = wallet.chunk, wallet.workers
SEEDS_AT_ONCE = 2_000
RICH = 10**9
SEED = 7
T = TypeVar("T")


@asynccontextmanager
async def trial(ground: Ground, accounts: int) -> AsyncIterator[tuple[Settings, asyncpg.Pool[Any]]]:
    """A ledger with so many accounts, each with more than enough."""
    folders = [folder for folder in migration_folders() if folder.name in ("runtime", DOMAIN)]
    async with ground.trial(migrations=folders) as settings:
        await kafka_topics.apply(settings, [DOMAIN])
        async with await open_pool(settings, DOMAIN) as pool:
            at = datetime.now(UTC) - timedelta(days=30)
            for owners in chunks([owner(number) for number in range(accounts)], SEEDS_AT_ONCE):
                await _seed(pool, owners, at)
            yield settings, pool


async def _seed(pool: asyncpg.Pool[Any], owners: Sequence[str], at: datetime) -> None:
    async def opened(session: Session) -> None:
        store = LedgerStore(session)
        for each in owners:
            store.open(each, at)
        await session.flush()

    await Transactions(pool, DOMAIN).run(opened)
    gifts = [
        Transfer(id=uuid4(), debit="system:issue", credit=each, amount=RICH, kind="reward") for each in owners
    ]
    await carry_out(pool, gifts)


async def carry_out(pool: asyncpg.Pool[Any], commands: Sequence[Command]) -> None:
    """One chunk, by the ledger alone: rules and database, without runtime and broker."""

    async def work(session: Session) -> None:
        store = LedgerStore(session)
        now = datetime.now(UTC)
        await store.load([(_ENVELOPE, command, "") for command in commands])
        for command in commands:
            store.carry_out(command, now, origin="bench", key="bench")
        await session.flush()

    await Transactions(pool, DOMAIN).run(work)


def transfers(accounts: int, count: int) -> list[Transfer]:
    """Each from one to another, by chance: the same in each run."""
    chance = random.Random(SEED)  # noqa: S311 - a load, not a secret
    pairs = (chance.sample(range(accounts), 2) for _ in range(count))
    return [
        Transfer(id=uuid4(), debit=owner(debit), credit=owner(credit), amount=1, kind="charge")
        for debit, credit in pairs
    ]


def owner(number: int) -> str:
    """The person with this number."""
    return f"person-{number:07}"


def chunks(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """So many at a time."""
    iterator = iter(items)
    while found := list(islice(iterator, size)):
        yield found


_ENVELOPE = Envelope(uuid4(), "", "/bench", "", datetime.now(UTC), "", "", "", "")
