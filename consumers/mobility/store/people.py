"""People, what they chose last, and those who drive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from consumers.domain import Store, Turn
from consumers.mobility.rules.vehicles import Vehicle
from infra.postgres.session import BulkWrite, Session
from schemas.events.mobility import Place

REMEMBERED = timedelta(minutes=30)

FIND_PERSON = "SELECT phone, locale FROM people WHERE person = $1"
FIND_RECENTS = """
SELECT person, vehicle, latitude, longitude, chosen_at FROM recents WHERE person = ANY($1::text[])"""
FIND_DRIVER = "SELECT vehicle, plate, insured_until, stars, ratings FROM drivers WHERE person = $1"

SAVE_PERSON = BulkWrite(
    """INSERT INTO people (person, phone, locale) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
    ON CONFLICT (person) DO UPDATE SET phone = excluded.phone, locale = excluded.locale
    WHERE (people.phone, people.locale) IS DISTINCT FROM (excluded.phone, excluded.locale)""",
    key=1,
    table="people",
)
SAVE_RECENT = BulkWrite(
    """INSERT INTO recents (person, vehicle, latitude, longitude, chosen_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::timestamptz[])
    ON CONFLICT (person) DO UPDATE SET vehicle = excluded.vehicle, latitude = excluded.latitude,
        longitude = excluded.longitude, chosen_at = excluded.chosen_at""",
    key=1,
    table="recents",
)
SAVE_DRIVER = BulkWrite(
    """INSERT INTO drivers (person, vehicle, plate, insured_until)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[])
    ON CONFLICT (person) DO UPDATE SET vehicle = excluded.vehicle, plate = excluded.plate,
        insured_until = excluded.insured_until""",
    key=1,
    table="drivers",
)
# Several passengers may rate one driver in the same chunk.
ADD_STARS = BulkWrite(
    """UPDATE drivers AS d SET stars = d.stars + u.stars, ratings = d.ratings + u.ratings
    FROM (SELECT person, sum(stars) AS stars, count(*) AS ratings
          FROM unnest($1::text[], $2::int[]) AS r (person, stars) GROUP BY person) AS u
    WHERE d.person = u.person"""
)


@dataclass(frozen=True, slots=True)
class Person:
    """How a person is shown to others, and the language they write in."""

    person: str
    phone: str | None = None
    locale: str = "en"


@dataclass(frozen=True, slots=True)
class Recent:
    """What a person chose last."""

    vehicle: Vehicle
    place: Place
    chosen_at: datetime


@dataclass(frozen=True, slots=True)
class Driver:
    """A person who drives, and what."""

    person: str
    vehicle: Vehicle
    plate: str
    insured_until: date | None = None
    stars: int = 0
    ratings: int = 0


class PeopleStore(Store):
    """People, their last choices, and the drivers among them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._recents: dict[str, Recent | None] = {}  # as read, until somebody chooses anew

    async def load_recents(self, persons: Iterable[str]) -> None:
        """Read what these persons chose last: nearly every conversation begins with it."""
        wanted = sorted(set(persons))
        self._recents.update(dict.fromkeys(wanted))
        for row in await self.session.fetch(FIND_RECENTS, wanted):
            place = Place(latitude=row["latitude"], longitude=row["longitude"])
            self._recents[row["person"]] = Recent(Vehicle(row["vehicle"]), place, row["chosen_at"])

    async def find(self, person: str) -> Person:
        """How to show somebody; with nothing but the id where nothing is known."""
        row = await self.session.fetch_row(FIND_PERSON, person)
        return Person(person, row["phone"], row["locale"]) if row else Person(person)

    def remember(self, turn: Turn) -> Person:
        """Note how the person who speaks is shown to others."""
        self.session.write(SAVE_PERSON, turn.person, turn.routed.phone, turn.locale)
        return Person(turn.person, turn.routed.phone, turn.locale)

    async def recent(self, person: str, now: datetime) -> Recent | None:
        """What the person chose within the last half hour."""
        if person not in self._recents:
            await self.load_recents((person,))
        last = self._recents[person]
        return last if last is not None and last.chosen_at > now - REMEMBERED else None

    def choose(self, person: str, vehicle: Vehicle, place: Place, now: datetime) -> None:
        """Note what the person chose."""
        self._recents.pop(person, None)  # should this turn fail, the old choice stands
        self.session.write(SAVE_RECENT, person, vehicle.value, place.latitude, place.longitude, now)

    async def driver(self, person: str) -> Driver | None:
        """The driver, if this person is one."""
        row = await self.session.fetch_row(FIND_DRIVER, person)
        if row is None:
            return None
        return Driver(
            person, Vehicle(row["vehicle"]), row["plate"], row["insured_until"], row["stars"], row["ratings"]
        )

    def register(self, driver: Driver) -> None:
        """Note what a person drives, and until when it is insured; their stars stay."""
        row = (driver.person, driver.vehicle.value, driver.plate, driver.insured_until)
        self.session.write(SAVE_DRIVER, *row)

    def add_stars(self, driver: str, stars: int) -> None:
        """Add a rating to a driver's."""
        self.session.write(ADD_STARS, driver, stars)
