"""Use cases: the jobs one posted; closing, renewing and reopening one; the end of its time."""

from __future__ import annotations

from consumers.domain import Context, Decision, Emit, Turn, ask, done, nothing
from consumers.jobs import keywords, notices, texts, texts_posting, views
from consumers.jobs.domain import BROWSING, jobs
from consumers.jobs.listings import Listings
from consumers.jobs.profiles import refresh
from consumers.jobs.publish import lapse_timer, timer_name
from consumers.jobs.rules import OPEN_FOR, OPEN_JOBS_LIMIT, JobState, read_id, shorten
from consumers.jobs.store import Job, JobStore, OwnJob
from consumers.replies import Button, Buttons, Menu, Row
from consumers.texts import Moment, Text
from schemas import topics
from schemas.events.jobs import JobClosed, JobRenewed, LapseJob

DATE = "d MMM"


@jobs.starts("my_jobs", keywords=keywords.MY_JOBS)
async def my_jobs(turn: Turn, store: JobStore) -> Decision:
    """The latest ones, with the number of applicants."""
    own = await store.own_jobs(turn.person)
    refresh(turn, store)
    if not own:
        return done(Buttons(texts_posting.no_jobs(), (views.POST, views.FIND)))
    rows = tuple(
        Row(
            jobs.tap("mine", one.job.id),
            shorten(one.job.title, views.ROW_TITLE_LIMIT),
            standing(one, turn),
        )
        for one in own
    )
    return ask(BROWSING, Menu(texts_posting.my_jobs(), texts.choose_button(), rows))


def standing(own: OwnJob, turn: Turn) -> Text:
    """Whether the job is open, and how many applied."""
    if own.job.takes_applications(turn.now):
        return texts_posting.listed_open(Moment(own.job.open_until, DATE), own.applicants)
    return texts_posting.listed_closed(own.applicants)


@jobs.taps("mine")
async def mine(turn: Turn, store: JobStore) -> Decision:
    """One of them, and what can be done with it."""
    job = await _own(turn, store)
    if job is None:
        return done(views.gone())
    own = OwnJob(job, await store.count_applicants(job.id))
    body = texts_posting.my_job(views.details(job, turn.now), standing(own, turn))
    applicants = Button(jobs.tap("applicants", job.id), texts_posting.applicants_button())
    if job.takes_applications(turn.now):
        renew = Button(jobs.tap("renew", job.id), texts_posting.renew_button())
        close = Button(jobs.tap("close", job.id), texts_posting.close_button())
        return done(Buttons(body, (applicants, renew, close)))
    reopen = Button(jobs.tap("renew", job.id), texts_posting.reopen_button())
    return done(Buttons(body, (applicants, reopen, views.MY_JOBS)))


@jobs.taps("close")
async def close(turn: Turn, store: JobStore, listings: Listings) -> Decision:
    """Takes no more applications; those there are stay, and can still be answered."""
    job = await _own(turn, store)
    if job is None:
        return done(views.gone())
    reopen = Button(jobs.tap("renew", job.id), texts_posting.reopen_button())
    applicants = Button(jobs.tap("applicants", job.id), texts_posting.applicants_button())
    ways_on = (applicants, reopen, views.MY_JOBS)
    if job.state is not JobState.OPEN:
        return done(Buttons(texts_posting.closed_before(job.title), ways_on))
    store.save_state(job, JobState.CLOSED, job.open_until)
    listings.forget(job.category, job.country, job.cell)
    event = JobClosed(job=str(job.id), poster=job.poster, reason="by_poster", at=turn.now)
    decision = done(Buttons(texts_posting.closed(job.title), ways_on))
    return decision.emit(Emit(topics.events("jobs"), str(job.id), event)).cancel(timer_name(job))


@jobs.taps("renew")
async def renew(turn: Turn, store: JobStore, listings: Listings) -> Decision:
    """Open for the whole time from now on, whether it was open, closed or lapsed."""
    job = await _own(turn, store)
    if job is None:
        return done(views.gone())
    opens = not job.takes_applications(turn.now)
    if opens and await store.count_open(turn.person, turn.now) >= OPEN_JOBS_LIMIT:
        return done(Buttons(texts_posting.too_many_open(OPEN_JOBS_LIMIT), (views.MY_JOBS, views.FIND)))
    job = store.save_state(job, JobState.OPEN, turn.now + OPEN_FOR)
    listings.forget(job.category, job.country, job.cell)
    event = JobRenewed(job=str(job.id), poster=job.poster, at=turn.now, open_until=job.open_until)
    body = texts_posting.renewed(job.title, Moment(job.open_until, DATE))
    applicants = Button(jobs.tap("applicants", job.id), texts_posting.applicants_button())
    decision = done(Buttons(body, (applicants, views.MY_JOBS)))
    return decision.emit(Emit(topics.events("jobs"), str(job.id), event)).schedule(lapse_timer(job))


@jobs.handles(LapseJob)
async def lapse(data: LapseJob, context: Context, store: JobStore, listings: Listings) -> Decision:
    """The time is over, unless the job was renewed or closed since this timer was set."""
    identity = read_id(data.job)
    job = None if identity is None else await store.find(identity)
    if job is None or job.state is not JobState.OPEN or job.open_until > data.open_until:
        return nothing()
    store.save_state(job, JobState.LAPSED, job.open_until)
    listings.forget(job.category, job.country, job.cell)
    event = JobClosed(job=str(job.id), poster=job.poster, reason="lapsed", at=context.now)
    notice = notices.lapsed(job)
    return (
        Decision()
        .emit(Emit(topics.events("jobs"), str(job.id), event))
        .tell(job.poster, notice.reply, notice.template, *notice.variables)
    )


async def _own(turn: Turn, store: JobStore) -> Job | None:
    identity = read_id(turn.argument)
    job = None if identity is None else await store.find(identity)
    return job if job is not None and job.poster == turn.person else None
