"""Who can be found where: drivers who are online, and passengers who look for a ride."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consumers.domain import Store
from consumers.mobility.rules.cells import BANDS, cell_at, cells_around
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import Vehicle
from infra.postgres.session import BulkWrite
from schemas.events.mobility import Place

NEIGHBOURS_LIMIT = 9  # rows of a WhatsApp list, less the one for Back

# Nearest first, by the 100 m that a person is shown; among equals whoever was seen last.
FIND_NEARBY = """
SELECT near.*, people.phone, drivers.plate, drivers.stars, drivers.ratings FROM (
    SELECT * FROM (
        SELECT person, latitude, longitude, seen_at,
            2 * 6371008.8 * asin(least(1, sqrt(
                sin(radians(latitude - $4) / 2) ^ 2
                + cos(radians($4)) * cos(radians(latitude)) * sin(radians(longitude - $5) / 2) ^ 2
            ))) AS metres
        FROM presences
        WHERE role = $1 AND vehicle = $2 AND cell = ANY($3::bigint[]) AND until > $7 AND NOT busy
            AND person <> ALL($8::text[])
    ) AS found
    WHERE metres <= $6
    ORDER BY round(metres / 100), seen_at DESC, person LIMIT $9
) AS near
LEFT JOIN people ON people.person = near.person
LEFT JOIN drivers ON drivers.person = near.person
ORDER BY round(metres / 100), seen_at DESC, near.person"""

FIND_PRESENCE = """
SELECT person, role, vehicle, latitude, longitude, dropoff_latitude, dropoff_longitude, seen_at, until, busy
FROM presences WHERE person = $1 AND role = $2"""

SAVE_PRESENCE = BulkWrite(
    """INSERT INTO presences (person, role, vehicle, cell, latitude, longitude,
        dropoff_latitude, dropoff_longitude, seen_at, until)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::float8[], $6::float8[],
        $7::float8[], $8::float8[], $9::timestamptz[], $10::timestamptz[])
    ON CONFLICT (person, role) DO UPDATE SET vehicle = excluded.vehicle, cell = excluded.cell,
        latitude = excluded.latitude, longitude = excluded.longitude,
        dropoff_latitude = excluded.dropoff_latitude, dropoff_longitude = excluded.dropoff_longitude,
        seen_at = excluded.seen_at, until = excluded.until""",
    key=2,
    table="presences",
)
SET_BUSY = BulkWrite(
    """UPDATE presences AS p SET busy = u.busy FROM unnest($1::text[], $2::boolean[]) AS u (person, busy)
    WHERE p.person = u.person""",
    key=1,
    table="presences",
)
DROP_PRESENCE = BulkWrite(
    """DELETE FROM presences AS p USING unnest($1::text[], $2::text[]) AS u (person, role)
    WHERE p.person = u.person AND p.role = u.role""",
    key=2,
    table="presences",
)


@dataclass(frozen=True, slots=True)
class Presence:
    """A person who can be found: what they drive or want, where, and until when."""

    person: str
    role: Role
    vehicle: Vehicle
    place: Place
    seen_at: datetime
    until: datetime
    dropoff: Place | None = None
    busy: bool = False

    def is_fresh(self, now: datetime) -> bool:
        """Whether their time is not over yet."""
        return now < self.until

    def is_free(self, now: datetime) -> bool:
        """Whether they can be asked for a trip."""
        return not self.busy and self.is_fresh(now)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody nearby, as a search found them."""

    person: str
    place: Place
    metres: float
    seen_at: datetime
    phone: str | None = None
    plate: str | None = None
    stars: int = 0
    ratings: int = 0


class PresenceStore(Store):
    """Who can be found where."""

    async def near(
        self, role: Role, vehicle: Vehicle, place: Place, now: datetime, besides: Sequence[str]
    ) -> list[Neighbour]:
        """Up to nine people of a role within 10 km, nearest first, without those in `besides`."""
        rows = []
        for band in BANDS:
            rows = await self.session.fetch(
                FIND_NEARBY,
                role.value,
                vehicle.value,
                cells_around(place, band),
                place.latitude,
                place.longitude,
                band.radius_m,
                now,
                list(besides),
                NEIGHBOURS_LIMIT,
            )
            if len(rows) == NEIGHBOURS_LIMIT:
                break
        return [
            Neighbour(
                person=row["person"],
                place=Place(latitude=row["latitude"], longitude=row["longitude"]),
                metres=row["metres"],
                seen_at=row["seen_at"],
                phone=row["phone"],
                plate=row["plate"],
                stars=row["stars"] or 0,
                ratings=row["ratings"] or 0,
            )
            for row in rows
        ]

    async def find(self, person: str, role: Role) -> Presence | None:
        """Where a person can be found in this role, or could be, if their time is over."""
        row = await self.session.fetch_row(FIND_PRESENCE, person, role.value)
        if row is None:
            return None
        return Presence(
            person=row["person"],
            role=Role(row["role"]),
            vehicle=Vehicle(row["vehicle"]),
            place=Place(latitude=row["latitude"], longitude=row["longitude"]),
            dropoff=place_or_none(row["dropoff_latitude"], row["dropoff_longitude"]),
            seen_at=row["seen_at"],
            until=row["until"],
            busy=row["busy"],
        )

    def show(self, presence: Presence) -> None:
        """Let a person be found; whether they are busy stays as it was."""
        self.session.write(
            SAVE_PRESENCE,
            presence.person,
            presence.role.value,
            presence.vehicle.value,
            cell_at(presence.place),
            presence.place.latitude,
            presence.place.longitude,
            *coordinates(presence.dropoff),
            presence.seen_at,
            presence.until,
        )

    def set_busy(self, person: str, busy: bool) -> None:
        """Leave somebody out of searches while they are on a trip."""
        self.session.write(SET_BUSY, person, busy)

    def hide(self, person: str, role: Role) -> None:
        """Let a person no longer be found in this role."""
        self.session.write(DROP_PRESENCE, person, role.value)


def coordinates(place: Place | None) -> tuple[float | None, float | None]:
    """Two columns for a place that may be unknown."""
    return (place.latitude, place.longitude) if place else (None, None)


def place_or_none(latitude: float | None, longitude: float | None) -> Place | None:
    """The place that two columns hold."""
    if latitude is None or longitude is None:
        return None
    return Place(latitude=latitude, longitude=longitude)
