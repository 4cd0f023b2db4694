"""Trips that one person asked another for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from consumers.domain import Store
from consumers.mobility.rules.lifecycle import UNDER_WAY, State
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.store.presences import coordinates, place_or_none
from infra.postgres.session import BulkWrite
from schemas.events.mobility import Place

OPEN_LIMIT = 50  # a driver may be asked by many at once; nobody reads further

_COLUMNS = """id, version, state, proposer, passenger, driver, vehicle, pickup_latitude, pickup_longitude,
    dropoff_latitude, dropoff_longitude, estimate_rwf, fee_rwf, rating, requested_at"""
_IS_OPEN = "state IN ('requested', 'accepted', 'arrived', 'in_progress')"

FIND_TRIP = f"SELECT {_COLUMNS} FROM trips WHERE id = $1"  # noqa: S608 - constants only
FIND_OPEN = f"""
(SELECT {_COLUMNS} FROM trips WHERE passenger = $1 AND {_IS_OPEN} ORDER BY requested_at DESC LIMIT $2)
UNION
(SELECT {_COLUMNS} FROM trips WHERE driver = $1 AND {_IS_OPEN} ORDER BY requested_at DESC LIMIT $2)
ORDER BY requested_at DESC LIMIT $2"""  # noqa: S608 - constants only

ADD_TRIP = BulkWrite(
    """INSERT INTO trips (id, state, proposer, passenger, driver, vehicle, pickup_latitude, pickup_longitude,
        dropoff_latitude, dropoff_longitude, estimate_rwf, requested_at, changed_at)
    SELECT u.*, u.requested_at
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::float8[],
        $8::float8[], $9::float8[], $10::float8[], $11::int[], $12::timestamptz[])
        AS u (id, state, proposer, passenger, driver, vehicle, pickup_latitude, pickup_longitude,
            dropoff_latitude, dropoff_longitude, estimate_rwf, requested_at)""",
    key=1,
    table="trips",
)
# Both sides act on a trip: whoever comes second is told what it has become.
MOVE_TRIP = BulkWrite(
    """UPDATE trips AS t SET version = t.version + 1, state = u.state, fee_rwf = u.fee_rwf,
        changed_at = u.changed_at
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::int[], $5::timestamptz[])
        AS u (id, expected, state, fee_rwf, changed_at)
    WHERE t.id = u.id AND t.version = u.expected""",
    key=1,
    all_or_conflict=True,
    table="trips",
)
RATE_TRIP = BulkWrite(
    """UPDATE trips AS t SET version = t.version + 1, rating = u.rating
    FROM unnest($1::uuid[], $2::int[], $3::smallint[]) AS u (id, expected, rating)
    WHERE t.id = u.id AND t.version = u.expected""",
    key=1,
    all_or_conflict=True,
    table="trips",
)


@dataclass(frozen=True, slots=True)
class Trip:
    """A trip as it was read."""

    id: UUID
    state: State
    proposer: Role
    passenger: str
    driver: str
    vehicle: Vehicle
    pickup: Place
    dropoff: Place | None
    estimate_rwf: int | None
    requested_at: datetime
    version: int = 1
    fee_rwf: int = 0
    rating: int | None = None

    def role_of(self, person: str) -> Role | None:
        """On which side somebody is, if on any."""
        if person == self.passenger:
            return Role.PASSENGER
        return Role.DRIVER if person == self.driver else None

    def person_in(self, role: Role) -> str:
        """Who is on that side."""
        return self.passenger if role is Role.PASSENGER else self.driver


class TripStore(Store):
    """Trips that one person asked another for."""

    async def find(self, trip: UUID) -> Trip | None:
        """One trip by its id."""
        row = await self.session.fetch_row(FIND_TRIP, trip)
        return _trip(row) if row else None

    async def open_for(self, person: str) -> list[Trip]:
        """The trips of a person that have not ended, on either side, latest first."""
        return [_trip(row) for row in await self.session.fetch(FIND_OPEN, person, OPEN_LIMIT)]

    async def is_riding(self, person: str, role: Role | None = None) -> bool:
        """Whether somebody is on a trip right now, on this side, or on either."""
        under_way = [trip for trip in await self.open_for(person) if trip.state in UNDER_WAY]
        return any(role is None or trip.person_in(role) == person for trip in under_way)

    def add(self, trip: Trip) -> None:
        """Keep a new trip."""
        self.session.write(
            ADD_TRIP,
            trip.id,
            trip.state.value,
            trip.proposer.value,
            trip.passenger,
            trip.driver,
            trip.vehicle.value,
            trip.pickup.latitude,
            trip.pickup.longitude,
            *coordinates(trip.dropoff),
            trip.estimate_rwf,
            trip.requested_at,
        )

    def move(self, trip: Trip, state: State, fee_rwf: int, now: datetime) -> Trip:
        """The trip in its next state, provided that nobody moves it meanwhile."""
        self.session.write(MOVE_TRIP, trip.id, trip.version, state.value, fee_rwf, now)
        return replace(trip, state=state, fee_rwf=fee_rwf, version=trip.version + 1)

    def rate(self, trip: Trip, stars: int) -> None:
        """Keep the passenger's stars."""
        self.session.write(RATE_TRIP, trip.id, trip.version, stars)


def _trip(row: asyncpg.Record) -> Trip:
    return Trip(
        id=row["id"],
        version=row["version"],
        state=State(row["state"]),
        proposer=Role(row["proposer"]),
        passenger=row["passenger"],
        driver=row["driver"],
        vehicle=Vehicle(row["vehicle"]),
        pickup=Place(latitude=row["pickup_latitude"], longitude=row["pickup_longitude"]),
        dropoff=place_or_none(row["dropoff_latitude"], row["dropoff_longitude"]),
        estimate_rwf=row["estimate_rwf"],
        fee_rwf=row["fee_rwf"],
        rating=row["rating"],
        requested_at=row["requested_at"],
    )
