"""The domain of the runtime's tests, with the letters that come of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from infra.postgres.pool import open_pool
from tests.integration.dead_letters.desk import Desk
from tests.integration.runtime.bench import Bench
from tests.integration.runtime.conftest import bench, serve

__all__ = ["bench", "desk", "serve"]


@pytest.fixture
async def desk(bench: Bench) -> AsyncIterator[Desk]:
    """Where an operator sits."""
    async with await open_pool(bench.settings, "dead_letters", size=3) as pool:
        yield Desk(pool)
