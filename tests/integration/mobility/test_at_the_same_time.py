"""Two people act on one trip at the same moment, in two transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from consumers.mobility.rules.lifecycle import State
from consumers.mobility.store.trips import TripStore
from infra.postgres.session import Conflict, Session
from schemas.events.mobility import TripRequested
from tests.integration.mobility.conftest import connect, looks_for_ride
from tests.integration.mobility.town import Citizen, Town


@pytest.fixture
async def other(database: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    connection = await connect(database)
    yield connection
    await connection.close()


async def test_whoever_comes_second_sees_what_the_trip_has_become(
    town: Town, driver: Citizen, other: asyncpg.Connection[asyncpg.Record]
) -> None:
    """The passenger withdraws while the driver accepts: the second one is run again, and told."""
    aline = town.arrives("aline")
    await looks_for_ride(aline, -1.9441, 30.0619)
    await aline.taps("+250****000")
    trip_id = UUID(town.emitted(TripRequested)[0].trip)

    transaction = other.transaction()
    await transaction.start()
    session = Session(other)
    trips = TripStore(session)
    seen = await trips.find(trip_id)
    assert seen is not None

    await aline.taps("Withdraw request")

    trips.move(seen, State.ACCEPTED, 0, town.now)
    with pytest.raises(Conflict):
        await session.flush()
    await transaction.rollback()

    await driver.taps("Accept")  # what the runtime does: the whole turn again
    driver.hears("That is not possible now")
    driver.hears("It was cancelled")
    row = await other.fetchrow("SELECT state, version FROM trips WHERE id = $1", trip_id)
    assert tuple(row or ()) == ("cancelled", 2)


async def test_several_turns_of_one_transaction_see_each_other(
    town: Town, driver: Citizen, other: asyncpg.Connection[asyncpg.Record]
) -> None:
    """A chunk may hold both sides' turns: the second reads what the first has written."""
    aline = town.arrives("aline")
    await looks_for_ride(aline, -1.9441, 30.0619)
    await aline.taps("+250****000")
    trip_id = UUID(town.emitted(TripRequested)[0].trip)
    async with other.transaction():
        session = Session(other)
        trips = TripStore(session)
        first = await trips.find(trip_id)
        assert first is not None
        trips.move(first, State.ACCEPTED, 0, town.now)
        second = await trips.find(trip_id)
        assert second is not None
        assert (second.state, second.version) == (State.ACCEPTED, 2)
        trips.move(second, State.ARRIVED, 0, town.now)
        await session.flush()
    await driver.taps("Accept")
    driver.hears("Your passenger knows that you are there")
