"""The domain of the runtime's tests, with the letters that come of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from infra.postgres.pool import open_pool
from infra.settings import Settings
from tests.databases import folders_of
from tests.integration.dead_letters.desk import Desk
from tests.integration.runtime.conftest import FOLDER, bench, serve

__all__ = ["bench", "desk", "owner", "serve"]


@pytest.fixture
def migrations() -> list[Path]:
    """Of the domain of the runtime's tests, and of those that letters are of."""
    return [*folders_of("dead_letters", "jobs"), FOLDER]


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection[Any]]:
    """Who owns the tables: no Kafka here."""
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    await connection.execute("SELECT runtime.make_days(current_date - 1, current_date + 1)")
    yield connection
    await connection.close()


@pytest.fixture
async def desk(owner: asyncpg.Connection[Any], settings: Settings) -> AsyncIterator[Desk]:
    """Where an operator sits."""
    async with await open_pool(settings, "dead_letters", size=3) as pool:
        yield Desk(pool)
