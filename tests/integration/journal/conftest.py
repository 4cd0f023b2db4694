"""The runtime's own bench: a domain made for the test, on the real Kafka and PostgreSQL."""

from __future__ import annotations

from tests.integration.runtime.conftest import bench, migrations, serve

__all__ = ["bench", "migrations", "serve"]
