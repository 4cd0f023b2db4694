"""The domain of the runtime's tests, with the letters that come of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from consumers.runtime.discovery import migration_folders
from infra.postgres.migrations import migrate
from infra.postgres.pool import open_pool
from infra.settings import Settings
from tests.integration.dead_letters.desk import Desk
from tests.integration.runtime.conftest import bench, serve

__all__ = ["bench", "desk", "owner", "serve"]


@pytest.fixture
async def owner(settings: Settings) -> AsyncIterator[asyncpg.Connection[Any]]:
    """Who owns the tables: no Kafka here."""
    folders = [f for f in migration_folders() if f.name in ("runtime", "dead_letters", "jobs")]
    await migrate(settings.need("postgres_dsn"), folders)
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    await connection.execute("SELECT runtime.make_days(current_date - 1, current_date + 1)")
    yield connection
    await connection.close()


@pytest.fixture
async def desk(owner: asyncpg.Connection[Any], settings: Settings) -> AsyncIterator[Desk]:
    """Where an operator sits."""
    async with await open_pool(settings, "dead_letters", size=3) as pool:
        yield Desk(pool)
