"""A house with the domains of the documents, none of which runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from consumers.domain import Intents
from consumers.runtime.discovery import load_domain
from infra.embedded.stack import EmbeddedStack
from infra.postgres.pool import open_pool
from infra.settings import Settings, load_settings
from tests.databases import folders_of, fresh_database
from tests.integration.core.house import ADMIN, NOON, House
from tests.unit.core.installed import intents_of

TABLES = "core.person, core.contact, core.saved_place, runtime.conversation, runtime.processed, runtime.later"


@pytest.fixture(scope="session")
async def core_settings(stack: EmbeddedStack) -> AsyncIterator[Settings]:
    """Settings with one database for all of core's tests."""
    async with fresh_database(stack, folders_of("core")) as dsn:
        yield load_settings(postgres_dsn=SecretStr(dsn), admin_numbers=ADMIN)


@pytest.fixture
async def pool(core_settings: Settings) -> AsyncIterator[asyncpg.Pool[Any]]:
    """Core's connections to its empty tables."""
    owner = await asyncpg.connect(core_settings.need("postgres_dsn"))
    await owner.execute(f"TRUNCATE {TABLES}")
    await owner.close()
    pool = await open_pool(core_settings, "core")
    first, last = NOON - timedelta(days=9), NOON + timedelta(days=1)
    await pool.execute("SELECT runtime.make_days($1, $2)", first.date(), last.date())
    yield pool
    await pool.close()


@pytest.fixture
def intents() -> Intents:
    """Core's own intents, and those of some domains of the documents."""
    own = tuple(intent for intent, _ in load_domain("core").intents.values())
    others = intents_of("mobility", "jobs", "marketplace").all
    return Intents(own + tuple(intent for intent in others if intent.domain != "core"))


@pytest.fixture
def house(pool: asyncpg.Pool[Any], intents: Intents, core_settings: Settings) -> House:
    """Core, ready to hear."""
    return House(pool, intents, core_settings)
