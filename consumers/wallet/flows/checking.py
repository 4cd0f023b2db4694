"""The scheduled verification of the ledger, beside the consumer."""

from __future__ import annotations

import asyncpg

from consumers.wallet.domain import wallet
from consumers.wallet.verifying.watching import watch_forever
from infra.settings import Settings


@wallet.runs
async def verify_ledger(pool: asyncpg.Pool, settings: Settings) -> None:
    """Every token is where it should be, or somebody is told."""
    await watch_forever(pool, settings.need("postgres_dsn"))
