"""The conversation that `easymo new-domain` writes, played in a copy of the tree on the stack of this run."""

from __future__ import annotations

import asyncio
from pathlib import Path

from infra.settings import Settings
from tests.checkout import checkout, run

NAME = "lost_property"
WHERE = ("kafka_bootstrap_servers", "kafka_topic_prefix", "kafka_partitions_at_most", "state_dir")
# Beside the test that was written: nearer to it than the `settings` of tests/conftest.py, so that no second
# stack starts. Whoever runs this deletes the topics and the database.
CONFTEST = """
import pytest
from consumers.runtime.discovery import migration_folders
from infra.embedded.secrets import made_up_secrets
from infra.postgres.migrations import migrate
from infra.settings import Settings, load_settings

@pytest.fixture
async def settings() -> Settings:
    found = load_settings(**{stack!r}, ingress_port=0, **made_up_secrets())
    await migrate(found.need("postgres_dsn"), migration_folders())  # the new domain's
    return found
"""


async def test_the_conversation_of_a_new_domain(settings: Settings, tmp_path: Path) -> None:
    folder = Path("tests", "e2e", NAME)
    stack = settings.model_dump(mode="json", include=set(WHERE)) | {
        "postgres_dsn": settings.need("postgres_dsn")
    }

    def play() -> str:
        copy = checkout(tmp_path)
        run(copy, "-m", "scripts.cli", "new-domain", NAME, "--keywords", "lost, bafumu")
        (copy / folder / "conftest.py").write_text(CONFTEST.format(stack=stack))
        return run(copy, "-m", "pytest", "-q", "-p", "no:randomly", str(folder))

    assert "1 passed" in await asyncio.to_thread(play)
