"""Use case: a job as its poster previews it, and its going online."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from consumers.domain import Decision, Emit, Schedule, Turn, done, stay, unclaimed
from consumers.jobs import texts, texts_posting, views
from consumers.jobs.domain import PREVIEW, jobs
from consumers.jobs.listings import Listings
from consumers.jobs.places import Place
from consumers.jobs.profiles import profile_of
from consumers.jobs.rules import OPEN_FOR, OPEN_JOBS_LIMIT, Category, Kind, PayUnit
from consumers.jobs.store import Job, JobStore
from consumers.replies import Button, Buttons
from consumers.texts import Moment
from schemas import topics
from schemas.content import TextSaid
from schemas.events.jobs import JobPosted, LapseJob


def draft_of(turn: Turn, **answers: Any) -> Job:
    """The job that the answers make, with `answers` of this turn among them."""
    given = {**turn.data, **answers}
    place = Place.from_json(given["place"])
    unit = given.get("unit")
    return Job(
        id=turn.new_id("job"),
        poster=turn.person,
        title=given["title"],
        kind=Kind(given["kind"]),
        category=Category(given["trade"]),
        place=place.name,
        country=place.country,
        latitude=place.latitude,
        longitude=place.longitude,
        pay_rwf=given.get("pay") if unit else None,
        pay_unit=PayUnit(unit) if unit else None,
        description=given["description"],
        posted_at=turn.now,
        open_until=turn.now + OPEN_FOR,
    )


def preview(job: Job, now: datetime) -> Buttons:
    """How people will see it, and three ways on."""
    return Buttons(
        texts_posting.preview(views.details(job, now)),
        (
            Button(jobs.tap("confirm"), texts_posting.confirm_button()),
            Button(views.POST.id, texts_posting.again_button()),
            Button(jobs.tap("discard"), texts_posting.discard_button()),
        ),
    )


@jobs.taps("confirm")
async def confirm(turn: Turn, store: JobStore, listings: Listings) -> Decision:
    """Online for 30 days, unless this post is over already."""
    if turn.step != PREVIEW:
        return done(Buttons(texts_posting.nothing_to_post(), (views.MY_JOBS, views.POST)))
    if await store.count_open(turn.person, turn.now) >= OPEN_JOBS_LIMIT:
        return done(Buttons(texts_posting.too_many_open(OPEN_JOBS_LIMIT), (views.MY_JOBS, views.FIND)))
    job = draft_of(turn)
    store.save_profile(turn.person, profile_of(turn), turn.routed.at)
    store.add(job)
    listings.forget(job.category, job.country, job.cell)
    body = texts_posting.posted(job.title, Moment(job.open_until, "d MMM"))
    manage = Button(jobs.tap("mine", job.id), texts.manage_button())
    decision = done(Buttons(body, (manage, views.POST, views.FIND)))
    return decision.emit(_posted(job)).schedule(lapse_timer(job))


@jobs.taps("discard")
async def discard(turn: Turn) -> Decision:
    """Not posted after all."""
    if turn.step != PREVIEW:
        return done(Buttons(texts_posting.nothing_to_post(), (views.MY_JOBS, views.POST)))
    return done(views.whither(texts_posting.discarded()))


@jobs.at(PREVIEW, expects=TextSaid)
async def unsure(turn: Turn) -> Decision:
    """Words, where one of three buttons was expected."""
    return unclaimed(otherwise=preview(draft_of(turn), turn.now))


@jobs.at(PREVIEW)
async def not_an_answer(turn: Turn) -> Decision:
    """Anything else."""
    return stay(preview(draft_of(turn), turn.now))


def lapse_timer(job: Job) -> Schedule:
    """What closes the job when its time is over; a later one of the same job takes its place."""
    data = LapseJob(job=str(job.id), open_until=job.open_until)
    return Schedule(timer_name(job), job.open_until, data, key=job.poster)


def timer_name(job: Job) -> str:
    """The name of the job's only timer."""
    return f"lapse:{job.id}"


def _posted(job: Job) -> Emit:
    event = JobPosted(
        job=str(job.id),
        poster=job.poster,
        title=job.title,
        kind=str(job.kind),
        category=str(job.category),
        country=job.country,
        place=job.place,
        latitude=job.latitude,
        longitude=job.longitude,
        pay_rwf=job.pay_rwf,
        pay_unit=None if job.pay_unit is None else str(job.pay_unit),
        at=job.posted_at,
        open_until=job.open_until,
    )
    return Emit(topics.events("jobs"), str(job.id), event)
