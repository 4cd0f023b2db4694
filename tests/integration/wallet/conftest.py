"""The ledger's database: one for all tests of this folder, which keep apart by the people they are about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.embedded.stack import EmbeddedStack
from infra.settings import Settings, load_settings
from tests.databases import folders_of, fresh_database
from tests.integration.wallet.desk import Desk
from tests.integration.wallet.street import Street

FOLDERS = folders_of("wallet", "dead_letters")


@pytest.fixture
def migrations() -> list[Path]:
    """Of the wallet."""
    return FOLDERS


@pytest.fixture(scope="package")
async def desk(stack: EmbeddedStack) -> AsyncIterator[Desk]:
    """A ledger that several tests write to: none of them may break it."""
    async with fresh_database(stack, FOLDERS) as dsn:
        settings = load_settings(
            kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
            kafka_topic_prefix="unused.",
            postgres_dsn=dsn,
            state_dir=stack.folder,
        )
        async with Desk(settings) as desk:
            yield desk


@pytest.fixture
async def own_desk(settings: Settings) -> AsyncIterator[Desk]:
    """A ledger of this test alone, which it may tamper with."""
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
