"""What the chaos tests start from: a migrated database, topics, and a cluster without members."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.settings import Settings
from tests.chaos.cluster import Cluster
from tests.integration.runtime.bench import Bench
from tests.integration.runtime.conftest import bench, migrations  # noqa: F401 - fixtures


@pytest.fixture
async def cluster(bench: Bench, settings: Settings, tmp_path: Path) -> AsyncIterator[Cluster]:  # noqa: F811
    """No member runs yet."""
    async with Cluster(bench, settings, tmp_path) as cluster:
        yield cluster
