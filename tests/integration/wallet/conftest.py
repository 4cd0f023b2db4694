"""The ledger's database: one for all tests of this folder, which keep apart by the people they are about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from consumers.runtime.discovery import migration_folders
from infra.embedded.stack import EmbeddedStack
from infra.postgres.migrations import migrate
from infra.settings import Settings, load_settings
from tests.integration.sender.conftest import database_of
from tests.integration.wallet.desk import Desk
from tests.integration.wallet.street import Street

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


@pytest.fixture
async def street(desk: Desk) -> Street:
    """Conversations with the wallet, on the same ledger; nobody has come by yet."""
    settings = desk.settings.model_copy(
        update={"meta_business_number": "250788000000", "momo_merchant_code": "123456"}
    )
    await desk.operator.execute("TRUNCATE people, vendors, referral_codes, referrals, pay_outs")
    today = datetime.now(UTC).date()
    await desk.pool.execute("SELECT runtime.make_days($1, $2)", today, today + timedelta(days=1))
    return Street(desk.pool, settings)
