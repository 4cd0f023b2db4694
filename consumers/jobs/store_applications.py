"""The table `application`, and the folding of two persons into one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from consumers.domain import Store
from consumers.jobs.rules import ApplicationState, JobState
from consumers.jobs.store import Profile
from infra.postgres.session import BulkWrite

OWN_APPLICATIONS_LIMIT = 10  # one list
APPLICANTS_LIMIT = 90  # what a conversation remembers of a long list

FIND = """
SELECT a.*, j.title, j.poster, j.state AS job_state, j.open_until, p.phone, p.name
FROM application AS a JOIN job AS j ON j.id = a.job LEFT JOIN profile AS p ON p.person = a.applicant
WHERE a.id = $1"""

FIND_OF_PERSON = """
SELECT a.*, j.title, j.poster, j.state AS job_state, j.open_until, p.phone, p.name
FROM application AS a JOIN job AS j ON j.id = a.job LEFT JOIN profile AS p ON p.person = a.applicant
WHERE a.job = $1 AND a.applicant = $2"""

OF_PERSON = """
SELECT a.*, j.title, j.poster, j.state AS job_state, j.open_until, p.phone, p.name
FROM application AS a JOIN job AS j ON j.id = a.job LEFT JOIN profile AS p ON p.person = a.applicant
WHERE a.applicant = $1 ORDER BY a.applied_at DESC LIMIT $2"""

OF_JOB = """
SELECT a.*, j.title, j.poster, j.state AS job_state, j.open_until, p.phone, p.name
FROM application AS a JOIN job AS j ON j.id = a.job LEFT JOIN profile AS p ON p.person = a.applicant
WHERE a.job = $1 ORDER BY a.applied_at DESC LIMIT $2"""

# The share lock keeps the job open until the application is in; an applicant who is in already, or a job
# that was closed meanwhile, is missed, and the turn is handled again on what stands then.
ADD = BulkWrite(
    """INSERT INTO application (job, applicant, id, message, applied_at)
    SELECT u.* FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[])
        AS u (job, applicant, id, message, applied_at)
    JOIN job AS j ON j.id = u.job AND j.state = 'open' ORDER BY j.id FOR SHARE OF j
    ON CONFLICT (job, applicant) DO NOTHING""",
    key=2,
    all_or_conflict=True,
)

ANSWER = BulkWrite(
    """UPDATE application AS t SET state = u.state, answered_at = u.answered_at, version = t.version + 1
    FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[])
        AS u (id, expected, state, answered_at)
    WHERE t.id = u.id AND t.version = u.expected""",
    key=1,
    all_or_conflict=True,
)

HAS_ROWS = """
SELECT EXISTS (SELECT FROM profile WHERE person = $1) OR EXISTS (SELECT FROM job WHERE poster = $1)
    OR EXISTS (SELECT FROM application WHERE applicant = $1)"""

# Both applied for one job: the application that got further stays, the kept person's when none did.
FOLD_DOUBLES = BulkWrite(
    """WITH worse AS (
        SELECT CASE WHEN a.state = 'accepted' AND b.state <> 'accepted' THEN b.id ELSE a.id END AS id
        FROM unnest($1::text[], $2::text[]) AS u (folded, kept)
        JOIN application AS a ON a.applicant = u.folded
        JOIN application AS b ON b.applicant = u.kept AND b.job = a.job)
    DELETE FROM application AS t USING worse WHERE t.id = worse.id""",
    key=1,
)

# One of them applied for the other's job: nobody can apply for their own.
FOLD_OWN = BulkWrite(
    """WITH own AS (
        SELECT a.id FROM unnest($1::text[], $2::text[]) AS u (folded, kept)
        JOIN application AS a ON a.applicant = u.folded JOIN job AS j ON j.id = a.job AND j.poster = u.kept
        UNION ALL
        SELECT a.id FROM unnest($1::text[], $2::text[]) AS u (folded, kept)
        JOIN application AS a ON a.applicant = u.kept JOIN job AS j ON j.id = a.job AND j.poster = u.folded)
    DELETE FROM application AS t USING own WHERE t.id = own.id""",
    key=1,
)

FOLD_APPLICATIONS = BulkWrite(
    """UPDATE application AS t SET applicant = u.kept, version = t.version + 1
    FROM unnest($1::text[], $2::text[]) AS u (folded, kept) WHERE t.applicant = u.folded""",
    key=1,
)

FOLD_JOBS = BulkWrite(
    """UPDATE job AS t SET poster = u.kept, version = t.version + 1
    FROM unnest($1::text[], $2::text[]) AS u (folded, kept) WHERE t.poster = u.folded""",
    key=1,
)

FOLD_PROFILE = BulkWrite(
    """WITH gone AS (
        DELETE FROM profile AS t USING unnest($1::text[], $2::text[]) AS u (folded, kept)
        WHERE t.person = u.folded RETURNING u.kept, t.phone, t.name, t.seen_at)
    INSERT INTO profile (person, phone, name, seen_at) SELECT kept, phone, name, seen_at FROM gone
    ON CONFLICT (person) DO UPDATE
    SET phone = coalesce(profile.phone, excluded.phone), name = coalesce(profile.name, excluded.name),
        seen_at = greatest(profile.seen_at, excluded.seen_at)""",
    key=1,
)


@dataclass(slots=True, frozen=True)
class Application:
    """One application, with what both sides need to see of the job and the applicant."""

    id: UUID
    job: UUID
    applicant: str
    message: str
    state: ApplicationState
    applied_at: datetime
    version: int
    title: str  # the job's
    poster: str
    job_state: JobState
    job_open_until: datetime
    profile: Profile  # the applicant's

    def can_be_answered_yet(self, now: datetime) -> bool:
        """Whether an answer is still to be expected of an open job."""
        return self.job_state is JobState.OPEN and self.job_open_until > now


class ApplicationStore(Store):
    """Applications."""

    async def find(self, application: UUID) -> Application | None:
        """One application."""
        row = await self.session.fetch_row(FIND, application)
        return None if row is None else _application(row)

    async def find_of_person(self, job: UUID, person: str) -> Application | None:
        """What a person has to do with a job."""
        row = await self.session.fetch_row(FIND_OF_PERSON, job, person)
        return None if row is None else _application(row)

    async def of_person(self, person: str) -> list[Application]:
        """A person's last ten."""
        rows = await self.session.fetch(OF_PERSON, person, OWN_APPLICATIONS_LIMIT)
        return [_application(row) for row in rows]

    async def of_job(self, job: UUID) -> list[Application]:
        """The latest of a job."""
        return [_application(row) for row in await self.session.fetch(OF_JOB, job, APPLICANTS_LIMIT)]

    def add(self, *, job: UUID, applicant: str, application: UUID, message: str, at: datetime) -> None:
        """Buffer a new application for a job that is open."""
        self.session.write(ADD, job, applicant, application, message, at)

    def answer(self, application: Application, state: ApplicationState, at: datetime) -> None:
        """Buffer the poster's answer, given that it is not answered meanwhile."""
        self.session.write(ANSWER, application.id, application.version, str(state), at)

    async def fold(self, kept: str, folded: str) -> None:
        """What belonged to one person belongs to another from now on: profile, jobs, applications."""
        # The read also flushes an earlier folding of the chunk, on which this one may build.
        row = await self.session.fetch_row(HAS_ROWS, folded)
        if row is None or not row[0]:
            return
        for statement in (FOLD_DOUBLES, FOLD_OWN, FOLD_APPLICATIONS, FOLD_JOBS, FOLD_PROFILE):
            self.session.write(statement, folded, kept)


def _application(row: Any) -> Application:
    return Application(
        id=row["id"],
        job=row["job"],
        applicant=row["applicant"],
        message=row["message"],
        state=ApplicationState(row["state"]),
        applied_at=row["applied_at"],
        version=row["version"],
        title=row["title"],
        poster=row["poster"],
        job_state=JobState(row["job_state"]),
        job_open_until=row["open_until"],
        profile=Profile(row["phone"], row["name"]),
    )
