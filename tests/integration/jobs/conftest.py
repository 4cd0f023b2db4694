"""A town with the tables of jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.postgres.pool import open_pool
from infra.settings import Settings
from tests.databases import folders_of
from tests.integration.jobs.town import Town


@pytest.fixture
def migrations() -> list[Path]:
    """Of jobs."""
    return folders_of("jobs")


@pytest.fixture
async def town(settings: Settings) -> AsyncIterator[Town]:
    """Nobody lives there yet."""
    pool = await open_pool(settings, "jobs")
    try:
        yield Town(pool)
    finally:
        await pool.close()
