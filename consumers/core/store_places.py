"""Saved places: home, work, school and another one of each person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consumers.domain import Store
from infra.postgres.session import BulkWrite

# By its primary key.
FIND_PLACES = """
SELECT kind, label, latitude, longitude, address FROM saved_place WHERE person = $1::uuid"""

SAVE_PLACE = BulkWrite(
    """INSERT INTO saved_place (person, kind, label, latitude, longitude, address, saved_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::float8[], $5::float8[], $6::text[],
                         $7::timestamptz[])
    ON CONFLICT (person, kind) DO UPDATE
    SET label = excluded.label, latitude = excluded.latitude, longitude = excluded.longitude,
        address = excluded.address, saved_at = excluded.saved_at""",
    key=2,
)

REMOVE_PLACE = BulkWrite(
    """DELETE FROM saved_place AS s USING unnest($1::uuid[], $2::text[]) AS u (person, kind)
    WHERE s.person = u.person AND s.kind = u.kind""",
    key=2,
)


@dataclass(slots=True, frozen=True)
class Place:
    """One saved place; degrees. `label` is the person's own word for it, or empty."""

    kind: str
    label: str
    latitude: float
    longitude: float
    address: str | None


class PlaceStore(Store):
    """Reads and writes saved places; seldom used, so it reads when asked."""

    async def of(self, person: str) -> dict[str, Place]:
        """A person's places, by kind."""
        rows = await self.session.fetch(FIND_PLACES, person)
        return {row["kind"]: Place(*row) for row in rows}

    def save(self, person: str, place: Place, at: datetime) -> None:
        """Buffer a place, instead of the one of its kind."""
        self.session.write(
            SAVE_PLACE, person, place.kind, place.label, place.latitude, place.longitude, place.address, at
        )

    def remove(self, person: str, kind: str) -> None:
        """Buffer the removal of a place."""
        self.session.write(REMOVE_PLACE, person, kind)
