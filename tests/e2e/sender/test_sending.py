"""The sender within the whole system: from the person's message to what Meta tells of the reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeAlias

import asyncpg
import pytest

from infra.settings import Settings
from infra.simulator.chat import Chat
from infra.simulator.simulator import Simulator
from tests.waiting import eventually

Database: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """A look at the tables, from outside."""
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    yield connection
    await connection.close()


async def _states(database: Database) -> list[str]:
    rows = await database.fetch("SELECT state FROM sender.message ORDER BY claimed_at")
    return [row["state"] for row in rows]


async def test_a_reply_is_followed_until_it_is_read(chat: Chat, database: Database) -> None:
    await chat.says("muraho")
    await chat.hears_list()

    async def read() -> bool:
        return await _states(database) == ["read"]

    await eventually(read)


async def test_statuses_that_come_twice_and_in_any_order_change_nothing(
    chat: Chat, system: Simulator, database: Database
) -> None:
    system.faults.add("duplicate", copies=2)
    system.faults.add("reorder", copies=4)
    await chat.says("muraho")
    await chat.hears_list()

    async def read() -> bool:
        return await _states(database) == ["read"]

    await eventually(read)


async def test_an_answer_of_meta_s_that_was_cut_off_costs_nobody_a_message(
    chat: Chat, system: Simulator, database: Database
) -> None:
    system.faults.add("cut", times=1)
    await chat.says("muraho")
    await chat.hears_list()  # it had gone out

    async def read() -> bool:
        return await _states(database) == ["read"]  # and the statuses have told

    await eventually(read)

    async def settled() -> bool:
        await database.execute("UPDATE runtime.later SET due = now() WHERE sent_at IS NULL")
        return not await database.fetch("SELECT FROM runtime.claim WHERE consumer = 'sender'")

    await eventually(settled)
    await chat.says("help")
    await chat.hears("")
    heard = [message for message in chat.person.messages if message.by == "business"]
    assert len({message.callback_data for message in heard}) == len(heard)


async def test_an_outage_of_meta_s_delays_but_loses_nothing(
    chat: Chat, system: Simulator, database: Database
) -> None:
    system.faults.add("error", code=131016, times=1)
    await chat.says("muraho")

    async def waits() -> bool:
        return bool(await database.fetchval("SELECT count(*) FROM runtime.later WHERE consumer = 'sender'"))

    await eventually(waits)
    await database.execute("UPDATE runtime.later SET due = now()")
    await chat.hears_list()


async def test_whoever_says_stop_hears_the_confirmation_and_no_more(chat: Chat, database: Database) -> None:
    await chat.says("muraho")
    await chat.hears_list()
    await chat.says("STOP")
    await chat.hears_next("")

    async def opted(out: bool) -> None:
        async def there() -> bool:
            rows = await database.fetch("SELECT FROM sender.address WHERE opted_out = $1", out)
            return len(rows) == 1

        await eventually(there)

    await opted(True)
    heard = len(chat.person.messages)
    await chat.says("book ride")
    await chat.says("START")
    await opted(False)
    await chat.hears("")
    said = [message.by for message in list(chat.person.messages)[heard:]]
    assert said[:2] == ["person", "person"]
    assert "failed" not in await _states(database)
