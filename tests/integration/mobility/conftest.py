"""Mobility on the real database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from infra.embedded.stack import EmbeddedStack
from tests.databases import folders_of, fresh_database
from tests.integration.mobility.town import Citizen, Town
from tests.unit.mobility.purse import Purse

EMPTY = "TRUNCATE people, recents, drivers, presences, trips, plans, charges, subscriptions"


async def connect(dsn: str, *, role: str | None = "easymo_mobility") -> asyncpg.Connection[asyncpg.Record]:
    """As the domain's own role, which sees its own schema only; or as the owner of the database."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "mobility"})
    if role:
        await connection.execute(f"SET ROLE {role}")
    return connection


@pytest.fixture(scope="session")
async def tables(stack: EmbeddedStack) -> AsyncIterator[str]:
    """The DSN of a database with mobility's tables, made once for all of these tests."""
    async with fresh_database(stack, folders_of("mobility")) as dsn:
        yield dsn


@pytest.fixture
async def database(tables: str) -> str:
    """The same, with nothing in it."""
    owner = await connect(tables, role=None)
    await owner.execute(EMPTY)
    await owner.close()
    return tables


@pytest.fixture
async def town(database: str) -> AsyncIterator[Town]:
    """A town with nobody in it."""
    connection = await connect(database)
    yield Town(connection)
    await connection.close()


@pytest.fixture
async def driver(town: Town) -> Citizen:
    """Jean drives a moto and is online in the middle of Kigali."""
    return await drives(town, "jean", -1.9441, 30.0619)


async def drives(
    town: Town, name: str, latitude: float, longitude: float, *, vehicle: str = "Moto", plate: str = "RAA123C"
) -> Citizen:
    """Somebody registers a vehicle and goes online."""
    citizen = town.arrives(name)
    await citizen.says("go online")
    await citizen.taps(vehicle)
    await citizen.says(plate)
    await citizen.shares(latitude, longitude)
    return citizen


async def looks_for_ride(citizen: Citizen, latitude: float, longitude: float) -> None:
    """Somebody books a ride without a destination."""
    await citizen.says("book ride")
    await citizen.shares(latitude, longitude)
    await citizen.taps("Skip")


@pytest.fixture
def aline(town: Town) -> Citizen:
    """A passenger."""
    return town.arrives("aline")


@pytest.fixture
def purse(town: Town) -> Purse:
    """A wallet in which nobody has anything yet."""
    town.everybody_can_pay = False
    return Purse(town.now, aline=0, jean=0)
