"""The ledger's database: one for all tests of this folder, which keep apart by the people they are about."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from consumers.runtime.discovery import migration_folders
from infra.embedded.stack import EmbeddedStack
from infra.postgres.migrations import migrate
from infra.settings import Settings, load_settings
from tests.integration.sender.conftest import database_of
from tests.integration.wallet.desk import Desk

FOLDERS = ("runtime", "wallet", "dead_letters")


@pytest.fixture(scope="package")
async def desk(stack: EmbeddedStack) -> AsyncIterator[Desk]:
    """A ledger that several tests write to: none of them may break it."""
    async with database_of(stack) as dsn:
        settings = load_settings(
            kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
            kafka_topic_prefix="unused.",
            postgres_dsn=dsn,
            state_dir=stack.folder,
        )
        await migrate(dsn, [folder for folder in migration_folders() if folder.name in FOLDERS])
        async with Desk(settings) as desk:
            yield desk


@pytest.fixture
async def own_desk(settings: Settings) -> AsyncIterator[Desk]:
    """A ledger of this test alone, which it may tamper with."""
    dsn = settings.need("postgres_dsn")
    await migrate(dsn, [folder for folder in migration_folders() if folder.name in FOLDERS])
    async with Desk(settings) as desk:
        yield desk
