"""The runtime on the real Kafka and PostgreSQL, with a domain made for the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from consumers.domain import Domain
from consumers.runtime.days import make_days
from consumers.runtime.service import Service
from infra.postgres.pool import open_pool
from infra.settings import Settings
from tests.databases import folders_of
from tests.integration.runtime.bench import Bench
from tests.integration.runtime.topics_made import make_topics

PROBE = "probe"  # the name of every domain made for a test
FOLDER = Path(__file__).parent / PROBE


@pytest.fixture
def migrations() -> list[Path]:
    """Of the runtime, and of the domain made for the test."""
    return [*folders_of("dead_letters"), FOLDER]


@pytest.fixture
async def bench(settings: Settings) -> AsyncIterator[Bench]:
    """A database, the topics, and a hand on both."""
    await make_topics(settings, PROBE)
    async with Bench(settings, PROBE) as bench:
        yield bench


@pytest.fixture
async def serve(bench: Bench) -> AsyncIterator[Callable[..., Awaitable[Service]]]:
    """Starts services of domains in this process; they are stopped at the end."""
    async with AsyncExitStack() as stack:

        async def start(*domains: Domain | str, **options: object) -> Service:
            service = Service(bench.settings, domains, **options)  # type: ignore[arg-type]
            bench.services.append(service)
            return await stack.enter_async_context(service.running())

        yield start


@pytest.fixture
async def pool(bench: Bench) -> AsyncIterator[asyncpg.Pool[Any]]:
    """The pool of the tests' domain, with the days around today."""
    async with await open_pool(bench.settings, PROBE, size=2) as pool:
        await make_days(pool)
        yield pool
