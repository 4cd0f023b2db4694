"""Every query finds its rows by an index, with a hundred thousand of them around."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from consumers.mobility.rules.cells import BANDS, cell_at, cells_around
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.store import charges, folding, people, plans, presences, subscriptions, trips
from consumers.mobility.store.presences import PresenceStore
from infra.embedded.stack import EmbeddedStack
from infra.postgres.session import Session
from schemas.events.mobility import Place
from tests.databases import folders_of, fresh_database
from tests.integration.mobility.conftest import connect
from tests.integration.mobility.town import MORNING

DRIVERS = 100_000
KIGALI = Place(latitude=-1.9441, longitude=30.0619)
ID = UUID(int=7)

# Half of the drivers within some 15 km of the middle of Kigali, half all over Rwanda; one in five online.
FILL = """
INSERT INTO people SELECT 'p' || i, '2507' || i, 'en' FROM generate_series(1, $1) i;
INSERT INTO recents SELECT 'p' || i, 'moto', -1.9, 30.0, now() FROM generate_series(1, $1) i;
INSERT INTO drivers SELECT 'p' || i, 'moto', 'RAA' || i FROM generate_series(1, $1) i;
INSERT INTO trips (id, state, proposer, passenger, driver, vehicle, pickup_latitude, pickup_longitude,
    requested_at, changed_at)
  SELECT gen_random_uuid(), CASE WHEN i % 100 = 0 THEN 'requested' ELSE 'completed' END, 'passenger',
    'p' || i, 'p' || (i % 5000), 'moto', -1.9, 30.0, now(), now() FROM generate_series(1, $1) i;
INSERT INTO plans (id, person, role, vehicle, pickup_latitude, pickup_longitude, recurrence, trip, due,
    active)
  SELECT gen_random_uuid(), 'p' || (i % 20000), 'passenger', 'moto', -1.9, 30.0, 'daily', gen_random_uuid(),
    now(), i % 5 = 0 FROM generate_series(1, $1) i;
INSERT INTO charges (trip, plan, person, amount, due, state, command, hold, tries, taken, driver, told)
  SELECT gen_random_uuid(), gen_random_uuid(), 'p' || (i % 20000), 2000, now() + i * interval '1 minute',
    'paid', gen_random_uuid(), gen_random_uuid(), 1, 2000, 'p' || (i % 5000), false
    FROM generate_series(1, $1) i;
INSERT INTO subscriptions (id, person, asked_at, state, until, told)
  SELECT gen_random_uuid(), 'p' || (i % 20000), now(), 'paid', now() + i * interval '1 minute', false
    FROM generate_series(1, $1) i;
"""


@pytest.fixture(scope="module")
async def city(stack: EmbeddedStack) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A hundred thousand of everything."""
    async with fresh_database(stack, folders_of("mobility")) as dsn:
        connection = await connect(dsn, role=None)
        await connection.execute(FILL.replace("$1", str(DRIVERS)))
        await connection.copy_records_to_table("presences", records=_drivers(), schema_name="mobility")
        await connection.execute("ANALYZE")
        await connection.execute("SET ROLE easymo_mobility")
        yield connection
        await connection.close()


def _drivers() -> list[tuple[object, ...]]:
    vehicles = list(Vehicle)
    rows: list[tuple[object, ...]] = []
    for i in range(DRIVERS):
        # A low-discrepancy spread: the same on every run, and even.
        east, north = (i * 0.7548776662) % 1 - 0.5, (i * 0.5698402910) % 1 - 0.5
        size = 0.27 if i % 2 else 2.0
        place = Place(latitude=KIGALI.latitude + size * north, longitude=KIGALI.longitude + size * east)
        vehicle = Vehicle.MOTO if i % 10 < 6 else vehicles[i % 5]
        until = MORNING + (timedelta(minutes=i % 30 + 1) if i % 5 == 0 else -timedelta(days=i % 60))
        row = (f"p{i}", "driver", vehicle.value, cell_at(place), place.latitude, place.longitude)
        rows.append((*row, None, None, until - timedelta(minutes=30), until, i % 50 == 0))
    return rows


def nearby(band: int) -> tuple[Any, ...]:
    cells = cells_around(KIGALI, BANDS[band])
    radius = BANDS[band].radius_m
    return ("driver", "moto", cells, KIGALI.latitude, KIGALI.longitude, radius, MORNING, ["p7"], 9)


PAIRS = (["kept"], ["p7"])
QUERIES = [
    (presences.FIND_NEARBY, nearby(0), "presences_nearby"),
    (presences.FIND_NEARBY, nearby(1), "presences_nearby"),
    (presences.FIND_NEARBY, nearby(2), "presences_nearby"),
    (presences.FIND_PRESENCE, ("p7", "driver"), "presences_pkey"),
    (people.FIND_PERSON, ("p7",), "people_pkey"),
    (people.FIND_RECENTS, (["p7"],), "recents_pkey"),
    (people.FIND_DRIVER, ("p7",), "drivers_pkey"),
    (trips.FIND_TRIP, (ID,), "trips_pkey"),
    (trips.FIND_OPEN, ("p100", 50), "trips_passenger_open"),
    (trips.FIND_OPEN, ("p100", 50), "trips_driver_open"),
    (plans.FIND_PLAN, (ID,), "plans_pkey"),
    (plans.FIND_ACTIVE, ("p5", 20), "plans_person_active"),
    (trips.MOVE_TRIP.sql, ([ID], [1], ["accepted"], [0], [MORNING]), "trips_pkey"),
    (trips.RATE_TRIP.sql, ([ID], [1], [5]), "trips_pkey"),
    (plans.MOVE_PLAN.sql, ([ID], [ID], [ID], [MORNING]), "plans_pkey"),
    (plans.END_PLAN.sql, ([ID], [ID]), "plans_pkey"),
    (presences.SET_BUSY.sql, (["p7"], [True]), "presences_pkey"),
    (presences.DROP_PRESENCE.sql, (["p7"], ["driver"]), "presences_pkey"),
    (people.ADD_STARS.sql, (["p7"], [5]), "drivers_pkey"),
    (charges.FIND_CHARGES, ([ID],), "charges_pkey"),
    (charges.FIND_ANSWERED, ([ID],), "charges_command"),
    (charges.FIND_ANSWERED, ([ID],), "charges_hold"),
    (charges.FIND_OF_PERSON, ("p7", MORNING, MORNING), "charges_person"),
    (
        charges.SAVE_CHARGE.sql,
        ([ID], [1], ["paid"], [ID], [ID], [1], [0], [0], ["p7"], [MORNING], [False]),
        "charges_pkey",
    ),
    (subscriptions.FIND_SUBSCRIPTIONS, ([ID],), "subscriptions_pkey"),
    (subscriptions.FIND_STANDING, ("p7",), "subscriptions_person"),
    (subscriptions.FIND_STANDING, ("p7",), "subscriptions_asked"),
    (subscriptions.FIND_PASSES, ("p7",), "drivers_pkey"),
    (subscriptions.USE_PASS.sql, (["p7"], [MORNING]), "drivers_pkey"),
    (
        subscriptions.SAVE_SUBSCRIPTION.sql,
        ([ID], [1], ["paid"], [MORNING], [False]),
        "subscriptions_pkey",
    ),
    *((fold.sql, PAIRS, "_pkey|_passenger|_driver|_person") for fold in folding.FOLDS),
]


@pytest.mark.parametrize(("sql", "arguments", "index"), QUERIES)
async def test_an_index_is_used(
    city: asyncpg.Connection[asyncpg.Record], sql: str, arguments: tuple[Any, ...], index: str
) -> None:
    """For the plan that is made for the values, and for the one that is kept for all values."""
    for mode in ("force_custom_plan", "force_generic_plan"):
        async with city.transaction():
            await city.execute(f"SET LOCAL plan_cache_mode = {mode}")
            plan = "\n".join(row[0] for row in await city.fetch(f"EXPLAIN {sql}", *arguments))
        assert re.search(rf"(?:Scan using|Scan Backward using|Scan on) \w*(?:{index})", plan), plan
        assert "Seq Scan" not in plan, plan


async def test_a_search_among_a_hundred_thousand(city: asyncpg.Connection[asyncpg.Record]) -> None:
    """It finds what a comparison with every row finds, and reads few of them."""
    async with city.transaction():
        session = Session(city)
        found = await PresenceStore(session).near(Role.DRIVER, Vehicle.MOTO, KIGALI, MORNING, ["p7"])
    everybody = await city.fetch(
        presences.FIND_NEARBY.replace("AND cell = ANY($3::bigint[])", "AND $3::bigint[] IS NOT NULL"),
        *nearby(2),
    )
    assert [each.person for each in found] == [row["person"] for row in everybody]
    assert len(found) == 9
    assert session.statements == 1  # the smallest band was enough


async def test_a_search_where_nobody_is(city: asyncpg.Connection[asyncpg.Record]) -> None:
    lake = Place(latitude=-6.0, longitude=29.5)
    async with city.transaction():
        session = Session(city)
        assert not await PresenceStore(session).near(Role.DRIVER, Vehicle.MOTO, lake, MORNING, [])
    assert session.statements == len(BANDS)
