"""The tables `job` and `profile`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from consumers.domain import Store
from consumers.jobs.listings import JobCard, Listings, Search
from consumers.jobs.rules import (
    LISTED_LIMIT,
    Category,
    JobState,
    Kind,
    PayUnit,
    cells_around,
    job_cell,
    middle,
)
from infra.postgres.session import BulkWrite

OWN_JOBS_LIMIT = 45  # five pages: more than anybody goes through

NEAR = """
SELECT id, title, pay_rwf, pay_unit, place, latitude, longitude, posted_at, open_until FROM job
WHERE state = 'open' AND open_until > $1 AND cell = ANY($2::bigint[])
ORDER BY (latitude - $3::float8) ^ 2 + ((longitude - $4::float8) * $5::float8) ^ 2, posted_at DESC LIMIT $6"""

NEAR_OF_CATEGORY = """
SELECT id, title, pay_rwf, pay_unit, place, latitude, longitude, posted_at, open_until FROM job
WHERE state = 'open' AND open_until > $1 AND cell = ANY($2::bigint[]) AND category = $7
ORDER BY (latitude - $3::float8) ^ 2 + ((longitude - $4::float8) * $5::float8) ^ 2, posted_at DESC LIMIT $6"""

NEWEST = """
SELECT id, title, pay_rwf, pay_unit, place, latitude, longitude, posted_at, open_until FROM job
WHERE state = 'open' AND open_until > $1 AND country = $2
ORDER BY posted_at DESC LIMIT $3"""

NEWEST_OF_CATEGORY = """
SELECT id, title, pay_rwf, pay_unit, place, latitude, longitude, posted_at, open_until FROM job
WHERE state = 'open' AND open_until > $1 AND country = $2 AND category = $4
ORDER BY posted_at DESC LIMIT $3"""

FIND_JOB = "SELECT * FROM job WHERE id = $1"

COUNT_OPEN = "SELECT count(*) FROM job WHERE poster = $1 AND state = 'open' AND open_until > $2"

OWN_JOBS = """
SELECT j.*, (SELECT count(*) FROM application AS a WHERE a.job = j.id) AS applicants
FROM job AS j WHERE j.poster = $1 ORDER BY j.posted_at DESC LIMIT $2"""

COUNT_APPLICANTS = "SELECT count(*) FROM application WHERE job = $1"

FIND_PROFILE = "SELECT phone, name FROM profile WHERE person = $1"

ADD_JOB = BulkWrite(
    """INSERT INTO job (id, poster, title, kind, category, place, country, latitude, longitude, cell,
        pay_rwf, pay_unit, description, posted_at, open_until)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::float8[], $9::float8[], $10::bigint[], $11::int[], $12::text[], $13::text[], $14::timestamptz[],
        $15::timestamptz[])"""
)

# Its poster writes a job, and a timer that may come at the same moment.
SAVE_STATE = BulkWrite(
    """UPDATE job AS t SET state = u.state, open_until = u.open_until, version = t.version + 1
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[])
        AS u (id, expected, state, open_until)
    WHERE t.id = u.id AND t.version = u.expected""",
    key=1,
    all_or_conflict=True,
)

SAVE_PROFILE = BulkWrite(
    """INSERT INTO profile (person, phone, name, seen_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
    ON CONFLICT (person) DO UPDATE
    SET phone = coalesce(excluded.phone, profile.phone), name = coalesce(excluded.name, profile.name),
        seen_at = excluded.seen_at
    WHERE profile.seen_at IS NULL OR excluded.seen_at >= profile.seen_at""",
    key=1,
    table="profile",
)

# For whoever comes by; most of them never posted or applied, and have no row. What is told of a number comes
# again after newer words, in the same chunk perhaps: the latest known of each stands, so there is no `key`.
REFRESH_PROFILE = BulkWrite(
    """UPDATE profile AS t
    SET phone = coalesce(u.phone, t.phone), name = coalesce(u.name, t.name), seen_at = u.at
    FROM (
        SELECT person, max(at) AS at,
            (array_agg(phone ORDER BY at DESC, place DESC) FILTER (WHERE phone IS NOT NULL))[1] AS phone,
            (array_agg(name ORDER BY at DESC, place DESC) FILTER (WHERE name IS NOT NULL))[1] AS name
        FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
            WITH ORDINALITY AS n (person, phone, name, at, place)
        GROUP BY person ORDER BY person
    ) AS u
    WHERE t.person = u.person AND (t.seen_at IS NULL OR u.at >= t.seen_at)""",
    table="profile",
)

# At any time: better no number until they come by again than one that is another's.
LOSE_PHONE = BulkWrite(
    """UPDATE profile AS t SET phone = NULL FROM unnest($1::text[], $2::text[]) AS u (person, phone)
    WHERE t.person = u.person AND t.phone = u.phone""",
    key=2,
)


@dataclass(slots=True, frozen=True)
class Job:
    """One job. Pay in whole Rwandan francs a unit, or neither: to be agreed."""

    id: UUID
    poster: str
    title: str
    kind: Kind
    category: Category
    place: str
    country: str
    latitude: float
    longitude: float
    pay_rwf: int | None
    pay_unit: PayUnit | None
    description: str
    posted_at: datetime
    open_until: datetime
    state: JobState = JobState.OPEN
    version: int = 1

    @property
    def cell(self) -> int:
        """The H3 cell under which it is kept."""
        return job_cell(self.latitude, self.longitude)

    def takes_applications(self, now: datetime) -> bool:
        """Open, and its time is not over (the timer that says so may come late)."""
        return self.state is JobState.OPEN and self.open_until > now


@dataclass(slots=True, frozen=True)
class OwnJob:
    """A job as its poster sees it."""

    job: Job
    applicants: int


@dataclass(slots=True, frozen=True)
class Profile:
    """How others see and reach a person: a phone number (digits only) and a name, either may be unknown."""

    phone: str | None = None
    name: str | None = None


class JobStore(Store):
    """Jobs, and the people behind them."""

    async def listed(self, search: Search, now: datetime, listings: Listings) -> tuple[JobCard, ...]:
        """The open jobs of a search, at most LISTED_LIMIT, from the kept listing where there is one."""
        cards = listings.get(search, now)
        if cards is None:
            cards = await self._search(search, now)
            listings.keep(search, cards, now)
        return cards

    async def _search(self, search: Search, now: datetime) -> tuple[JobCard, ...]:
        of_category = () if search.category is None else (str(search.category),)
        if search.cell is None:
            sql = NEWEST_OF_CATEGORY if of_category else NEWEST
            rows = await self.session.fetch(sql, now, search.country, LISTED_LIMIT, *of_category)
        else:
            latitude, longitude = middle(search.cell)
            narrowing = math.cos(math.radians(latitude))  # a degree of longitude, in degrees of latitude
            rows = await self.session.fetch(
                NEAR_OF_CATEGORY if of_category else NEAR,
                now,
                cells_around(search.cell),
                latitude,
                longitude,
                narrowing,
                LISTED_LIMIT,
                *of_category,
            )
        return tuple(JobCard(**{**dict(row), "pay_unit": _unit(row["pay_unit"])}) for row in rows)

    async def find(self, job: UUID) -> Job | None:
        """One job, in whatever state."""
        row = await self.session.fetch_row(FIND_JOB, job)
        return None if row is None else _job(row)

    async def count_open(self, person: str, now: datetime) -> int:
        """How many jobs of a person take applications."""
        row = await self.session.fetch_row(COUNT_OPEN, person, now)
        return int(row[0]) if row else 0

    async def own_jobs(self, person: str) -> list[OwnJob]:
        """A person's latest jobs, with the number of applicants of each."""
        rows = await self.session.fetch(OWN_JOBS, person, OWN_JOBS_LIMIT)
        return [OwnJob(_job(row), row["applicants"]) for row in rows]

    async def count_applicants(self, job: UUID) -> int:
        """How many applied for a job."""
        row = await self.session.fetch_row(COUNT_APPLICANTS, job)
        return int(row[0]) if row else 0

    async def profile(self, person: str) -> Profile:
        """How to reach a person, as far as is known."""
        row = await self.session.fetch_row(FIND_PROFILE, person)
        return Profile(row["phone"], row["name"]) if row else Profile()

    def add(self, job: Job) -> None:
        """Buffer a new job."""
        self.session.write(
            ADD_JOB,
            job.id,
            job.poster,
            job.title,
            str(job.kind),
            str(job.category),
            job.place,
            job.country,
            job.latitude,
            job.longitude,
            job.cell,
            job.pay_rwf,
            None if job.pay_unit is None else str(job.pay_unit),
            job.description,
            job.posted_at,
            job.open_until,
        )

    def save_state(self, job: Job, state: JobState, open_until: datetime) -> Job:
        """Buffer a job's new state, given that nobody else changes it; returns the job as it will be."""
        self.session.write(SAVE_STATE, job.id, job.version, str(state), open_until)
        return replace(job, state=state, open_until=open_until, version=job.version + 1)

    def save_profile(self, person: str, profile: Profile, at: datetime) -> None:
        """Buffer how to reach somebody who posts or applies, as Meta told at `at`.

        What is unknown leaves the old in place; what is older than that changes nothing.
        """
        self.session.write(SAVE_PROFILE, person, profile.phone, profile.name, at)

    def lose_phone(self, person: str, phone: str) -> None:
        """Buffer that a number is this person's no more; a contact that is no number changes nothing."""
        self.session.write(LOSE_PHONE, person, phone)

    def refresh_profile(self, person: str, profile: Profile, at: datetime) -> None:
        """Buffer the same, for a person who may never have posted or applied."""
        self.session.write(REFRESH_PROFILE, person, profile.phone, profile.name, at)


def _unit(value: str | None) -> PayUnit | None:
    return None if value is None else PayUnit(value)


def _job(row: Any) -> Job:
    return Job(
        id=row["id"],
        poster=row["poster"],
        title=row["title"],
        kind=Kind(row["kind"]),
        category=Category(row["category"]),
        place=row["place"],
        country=row["country"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        pay_rwf=row["pay_rwf"],
        pay_unit=_unit(row["pay_unit"]),
        description=row["description"],
        posted_at=row["posted_at"],
        open_until=row["open_until"],
        state=JobState(row["state"]),
        version=row["version"],
    )
