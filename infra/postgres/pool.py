"""The pool of connections of one domain: its role, its schema, and the time limits of its statements."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from infra.postgres.migrations import role_of
from infra.postgres.session import Connection
from infra.settings import Settings

LOCK_SECONDS = 5  # a chunk holds its locks for milliseconds: longer means that something is stuck
IDLE_IN_TRANSACTION_SECONDS = 10  # the transaction of a member that was stopped in the middle of it
STATEMENT_SECONDS = 30
# Of a member that stopped halfway through sending a statement: that is not idle, and no statement runs yet.
TRANSACTION_SECONDS = 60
FIRST_WITH_TRANSACTION_TIMEOUT = 17
CONNECT_SECONDS = 5
ACQUIRE_SECONDS = 10


async def open_pool(settings: Settings, domain: str, *, size: int | None = None) -> asyncpg.Pool[Any]:
    """A pool whose connections act as the domain's role. Raises what asyncpg raises when it is away.

    `size`: how many connections at most; the setting's value where it is not given.
    """

    async def become(connection: asyncpg.Connection[Any]) -> None:
        await connection.execute(f'SET ROLE "{role_of(domain)}"; SET search_path = "{domain}"')
        if connection.get_server_version().major >= FIRST_WITH_TRANSACTION_TIMEOUT:
            await connection.execute(f"SET transaction_timeout = '{TRANSACTION_SECONDS}s'")

    return await asyncpg.create_pool(
        settings.need("postgres_dsn"),
        min_size=1,
        max_size=size or settings.postgres_pool_size,
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
        max_inactive_connection_lifetime=300,
        init=become,
        reset=_keep,
        server_settings={
            "application_name": f"easymo {domain}",
            "lock_timeout": f"{LOCK_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "timezone": "UTC",
            "jit": "off",
            "enable_seqscan": "off",  # every query has an index; see infra/decisions/0005
            "plan_cache_mode": "force_generic_plan",  # else each chunk's statements are planned anew
        },
    )


@asynccontextmanager
async def transaction(pool: asyncpg.Pool[Any]) -> AsyncIterator[Connection]:
    """A connection of the pool within a transaction, which is committed at the end of the block.

    Raises TimeoutError when none is free within 10 s, and what asyncpg raises.
    """
    async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
        try:
            async with connection.transaction():
                yield connection
        except Exception as error:
            if isinstance(error, asyncpg.InternalClientError):
                connection.terminate()  # it would go back into the pool as it is
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                # The rollback of a connection that is gone raises, and would hide that we are to stop.
                raise asyncio.CancelledError from error
            raise


async def _keep(_: asyncpg.Connection[Any]) -> None:
    """asyncpg's reset (RESET ALL, UNLISTEN, …) would undo the role, and cost a round trip a chunk."""
