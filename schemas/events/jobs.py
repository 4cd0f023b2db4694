"""Facts about jobs and applications, and the timer that ends a job."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from schemas.model import EventData


class JobPosted(EventData):
    """A job is open to applicants."""

    event_type: ClassVar[str] = "jobs.job_posted.v1"

    job: str
    poster: str = Field(description="the person who offers it")
    title: str
    kind: str = Field(description="one_day, short_term, part_time, full_time, contract or gig")
    category: str
    country: str = Field(description="ISO 3166 alpha-2, of the place")
    place: str = Field(description="the named place nearest to it")
    latitude: float = Field(description="degrees")
    longitude: float = Field(description="degrees")
    pay_rwf: int | None = Field(default=None, description="Rwandan francs a pay_unit; none: to be agreed")
    pay_unit: str | None = Field(default=None, description="hour, day, week, month or whole")
    at: AwareDatetime
    open_until: AwareDatetime


class JobRenewed(EventData):
    """A job is open until a later time: it was renewed while open, or opened again."""

    event_type: ClassVar[str] = "jobs.job_renewed.v1"

    job: str
    poster: str
    at: AwareDatetime
    open_until: AwareDatetime


class JobClosed(EventData):
    """A job takes no more applications."""

    event_type: ClassVar[str] = "jobs.job_closed.v1"

    job: str
    poster: str
    reason: Literal["by_poster", "lapsed"] = Field(description="lapsed: its time was over")
    at: AwareDatetime


class JobApplied(EventData):
    """A person applied for a job."""

    event_type: ClassVar[str] = "jobs.job_applied.v1"

    application: str
    job: str
    poster: str
    applicant: str
    at: AwareDatetime


class LapseJob(EventData):
    """A timer: the job's time is over, unless it was renewed since."""

    event_type: ClassVar[str] = "jobs.lapse_job.v1"

    job: str
    open_until: AwareDatetime = Field(description="the end that this timer stands for")
