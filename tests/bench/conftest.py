"""Benches on the stack of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.settings import Settings
from scripts.benchmarks.ground import Ground


@pytest.fixture
def ground(settings: Settings, tmp_path: Path) -> Ground:
    """What benches stand on: each of their trials makes a database and topics of its own."""
    return Ground(settings.model_copy(update={"state_dir": tmp_path}), tmp_path)
