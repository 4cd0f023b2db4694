"""Planned trips: a row for each plan, which holds the trip that comes next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import asyncpg

from consumers.domain import Store
from consumers.mobility.rules.calendar import Recurrence
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.store.presences import coordinates, place_or_none
from infra.postgres.session import BulkWrite
from schemas.events.mobility import Place

PLANS_LIMIT = 20  # a person has so many at once; also what is listed

_COLUMNS = """id, person, role, vehicle, pickup_latitude, pickup_longitude, dropoff_latitude,
    dropoff_longitude, recurrence, estimate_rwf, trip, due, active"""

FIND_PLAN = f"SELECT {_COLUMNS} FROM plans WHERE id = $1"  # noqa: S608 - constants only
FIND_ACTIVE = f"""
SELECT {_COLUMNS} FROM plans WHERE person = $1 AND active ORDER BY due LIMIT $2"""  # noqa: S608

ADD_PLAN = BulkWrite(
    """INSERT INTO plans (id, person, role, vehicle, pickup_latitude, pickup_longitude, dropoff_latitude,
        dropoff_longitude, recurrence, estimate_rwf, trip, due)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[],
        $7::float8[], $8::float8[], $9::text[], $10::int[], $11::uuid[], $12::timestamptz[])""",
    key=1,
)
# The plan's owner, its timers, the wallet's answers and the end of its trip act on a plan, since a join under
# the locks of two persons: whoever comes second looks again.
MOVE_PLAN = BulkWrite(
    """UPDATE plans AS p SET trip = u.trip, due = u.due
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[]) AS u (id, expected, trip, due)
    WHERE p.id = u.id AND p.active AND p.trip = u.expected""",
    key=1,
    all_or_conflict=True,
)
END_PLAN = BulkWrite(
    """UPDATE plans AS p SET active = false FROM unnest($1::uuid[], $2::uuid[]) AS u (id, expected)
    WHERE p.id = u.id AND p.active AND p.trip = u.expected""",
    key=1,
    all_or_conflict=True,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as it was read; `trip` and `due` are those of the next trip."""

    id: UUID
    person: str
    role: Role
    vehicle: Vehicle
    pickup: Place
    dropoff: Place | None
    recurrence: Recurrence
    estimate_rwf: int | None
    trip: UUID
    due: datetime
    active: bool = True


class PlanStore(Store):
    """Planned trips."""

    async def find(self, plan: UUID) -> Plan | None:
        """One plan by its id."""
        row = await self.session.fetch_row(FIND_PLAN, plan)
        return _plan(row) if row else None

    async def active_for(self, person: str) -> list[Plan]:
        """The plans of a person that are still to happen, the next one first."""
        return [_plan(row) for row in await self.session.fetch(FIND_ACTIVE, person, PLANS_LIMIT)]

    def add(self, plan: Plan) -> None:
        """Keep a new plan."""
        self.session.write(
            ADD_PLAN,
            plan.id,
            plan.person,
            plan.role.value,
            plan.vehicle.value,
            plan.pickup.latitude,
            plan.pickup.longitude,
            *coordinates(plan.dropoff),
            plan.recurrence.value,
            plan.estimate_rwf,
            plan.trip,
            plan.due,
        )

    def move_on(self, plan: Plan, trip: UUID, due: datetime) -> Plan:
        """The plan with the trip that comes next, provided that nobody moves it meanwhile."""
        self.session.write(MOVE_PLAN, plan.id, plan.trip, trip, due)
        return replace(plan, trip=trip, due=due)

    def end(self, plan: Plan) -> None:
        """Nothing more comes of a plan, provided that nobody moves it meanwhile."""
        self.session.write(END_PLAN, plan.id, plan.trip)


def _plan(row: asyncpg.Record) -> Plan:
    return Plan(
        id=row["id"],
        person=row["person"],
        role=Role(row["role"]),
        vehicle=Vehicle(row["vehicle"]),
        pickup=Place(latitude=row["pickup_latitude"], longitude=row["pickup_longitude"]),
        dropoff=place_or_none(row["dropoff_latitude"], row["dropoff_longitude"]),
        recurrence=Recurrence(row["recurrence"]),
        estimate_rwf=row["estimate_rwf"],
        trip=row["trip"],
        due=row["due"],
        active=row["active"],
    )
