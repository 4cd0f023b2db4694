"""Transactions: they end when they are told to, and give back no connection that is of no use."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from infra.postgres.pool import open_pool, transaction
from tests.integration.runtime.bench import Bench
from tests.waiting import eventually


async def test_a_cancelled_transaction_ends_though_its_connection_is_gone(bench: Bench) -> None:
    """The rollback raises, which must not hide that the task is to stop."""
    async with await open_pool(bench.settings, "probe", size=1) as pool:
        backend: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def work() -> None:
            async with transaction(pool) as connection:
                backend.set_result(await connection.fetchval("SELECT pg_backend_pid()"))
                await asyncio.Event().wait()

        task = asyncio.create_task(work())
        pid = await backend
        await bench.database.execute("SELECT pg_terminate_backend($1)", pid)

        async def gone() -> bool:
            return not await bench.database.fetch("SELECT FROM pg_stat_activity WHERE pid = $1", pid)

        await eventually(gone)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pool.fetchval("SELECT 1") == 1


async def test_a_connection_that_asyncpg_lost_track_of_is_thrown_away(bench: Bench) -> None:
    async with await open_pool(bench.settings, "probe", size=1) as pool:
        backends: list[int] = []

        async def work() -> None:
            async with transaction(pool) as connection:
                backends.append(await connection.fetchval("SELECT pg_backend_pid()"))
                raise asyncpg.InternalClientError("as asked")

        with pytest.raises(asyncpg.InternalClientError):
            await work()
        assert await pool.fetchval("SELECT pg_backend_pid()") not in backends


async def test_what_is_raised_in_a_transaction_undoes_it(bench: Bench) -> None:
    async with await open_pool(bench.settings, "probe", size=1) as pool:

        async def work() -> None:
            async with transaction(pool) as connection:
                await connection.execute("INSERT INTO effect (person, number) VALUES ('a', 1)")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await work()
        assert await bench.effects() == []
