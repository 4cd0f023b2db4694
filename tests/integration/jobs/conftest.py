"""A town with the tables of jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import consumers
from infra.postgres.migrations import migrate
from infra.postgres.pool import open_pool
from infra.settings import Settings
from tests.integration.jobs.town import Town

HERE = Path(consumers.__file__).parent


@pytest.fixture
async def town(settings: Settings) -> AsyncIterator[Town]:
    """Nobody lives there yet."""
    await migrate(settings.need("postgres_dsn"), [HERE / "runtime", HERE / "jobs"])
    pool = await open_pool(settings, "jobs")
    try:
        yield Town(pool)
    finally:
        await pool.close()
