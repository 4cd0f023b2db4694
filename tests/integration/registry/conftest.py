"""Registries that listen: the published one, shared, and an empty one of each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.registry.opening import opened
from tests.integration.registry.serving import serve, serve_folder


@pytest.fixture(scope="session")
def published_address() -> Iterator[str]:
    """The published schemas, read-only."""
    with opened(None) as registry, serve(registry) as address:
        yield address


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A writable registry, empty."""
    with serve_folder(tmp_path / "registry") as address:
        yield address
