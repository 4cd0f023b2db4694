"""Use cases: one job in full, and applying for it."""

from __future__ import annotations

from consumers.domain import Decision, Emit, Turn, ask, done, stay
from consumers.jobs import texts, texts_applying, views
from consumers.jobs.domain import MESSAGE, jobs
from consumers.jobs.notices import application_received
from consumers.jobs.profiles import profile_of
from consumers.jobs.rules import MESSAGE_LIMIT, Obstacle, obstacle, read_id, tidy_lines
from consumers.jobs.store import Job, JobStore
from consumers.jobs.store_applications import Application, ApplicationStore
from consumers.replies import Button, Buttons, Say
from consumers.texts import Text
from schemas import topics
from schemas.content import TextSaid
from schemas.events.jobs import JobApplied


@jobs.taps("view")
async def view(turn: Turn, store: JobStore, applications: ApplicationStore) -> Decision:
    """One job in full, with what this person can do about it."""
    job = await _job_of(turn.argument, store)
    if job is None:
        return done(views.gone())
    body = views.details(job, turn.now)
    hindered = await hindrance(turn, job, applications)
    if hindered is None:
        return done(Buttons(body, (Button(jobs.tap("apply", job.id), texts.apply_button()), views.FIND)))
    return done(Say(body), hindered)


@jobs.taps("apply")
async def apply(turn: Turn, store: JobStore, applications: ApplicationStore) -> Decision:
    """Wants to apply: a few words about oneself?"""
    job = await _job_of(turn.argument, store)
    if job is None:
        return done(views.gone())
    hindered = await hindrance(turn, job, applications)
    return done(hindered) if hindered else ask(MESSAGE, ask_message(turn, job), job=str(job.id))


@jobs.taps("send")
async def send_without_message(turn: Turn, store: JobStore, applications: ApplicationStore) -> Decision:
    """Applies with no message."""
    return await send(turn, turn.argument, "", store, applications)


@jobs.at(MESSAGE, expects=TextSaid)
async def message_written(turn: Turn, store: JobStore, applications: ApplicationStore) -> Decision:
    """Applies with a message."""
    message = tidy_lines(turn.text)
    if len(message) > MESSAGE_LIMIT:
        return stay(_send_without(turn.data["job"], texts.too_long(MESSAGE_LIMIT, len(message))))
    return await send(turn, turn.data["job"], message, store, applications)


@jobs.at(MESSAGE)
async def message_missing(turn: Turn, store: JobStore) -> Decision:
    """Something else than words: a picture, a place."""
    job = await _job_of(turn.data["job"], store)
    return stay(ask_message(turn, job)) if job else done(views.gone())


async def send(
    turn: Turn, argument: str, message: str, store: JobStore, applications: ApplicationStore
) -> Decision:
    """The application goes out, once a job; the poster is told."""
    job = await _job_of(argument, store)
    if job is None:
        return done(views.gone())
    hindered = await hindrance(turn, job, applications)
    if hindered is not None:
        return done(hindered)
    application = turn.new_id("application")
    profile = profile_of(turn)
    store.save_profile(turn.person, profile, turn.routed.at)
    applications.add(job=job.id, applicant=turn.person, application=application, message=message, at=turn.now)
    event = JobApplied(
        application=str(application),
        job=str(job.id),
        poster=job.poster,
        applicant=turn.person,
        at=turn.now,
    )
    notice = application_received(job, profile, message, turn.locale)
    sent = Buttons(texts_applying.applied(job.title), (views.MY_APPLICATIONS, views.FIND))
    decision = done(sent).emit(Emit(topics.events("jobs"), str(job.id), event))
    return decision.tell(job.poster, notice.reply, notice.template, *notice.variables)


async def hindrance(turn: Turn, job: Job, applications: ApplicationStore) -> Buttons | None:
    """Why this person cannot apply for this job, said kindly; None: they can."""
    application = await applications.find_of_person(job.id, turn.person)
    match obstacle(
        own=job.poster == turn.person,
        applied=application is not None,
        open_now=job.takes_applications(turn.now),
    ):
        case Obstacle.OWN:
            manage = Button(jobs.tap("mine", job.id), texts.manage_button())
            return Buttons(texts.own_job(), (manage, views.FIND))
        case Obstacle.APPLIED if application is not None:
            return _applied_before(application)
        case Obstacle.NOT_OPEN:
            return Buttons(texts.not_open(), (views.FIND, views.POST))
    return None


def _applied_before(application: Application) -> Buttons:
    state = texts_applying.ANSWERS[application.state]
    see = Button(jobs.tap("application", application.id), texts_applying.see_application_button())
    return Buttons(texts_applying.already_applied(state), (see, views.FIND))


def ask_message(turn: Turn, job: Job) -> Buttons:
    """A few words about oneself, or none; who has no number is asked how to be reached."""
    known = turn.routed.phone is not None
    ask_it = texts_applying.ask_message if known else texts_applying.ask_message_without_phone
    return _send_without(str(job.id), ask_it(job.title, MESSAGE_LIMIT))


def _send_without(job: str, body: Text) -> Buttons:
    return Buttons(
        body,
        (
            Button(jobs.tap("send", job), texts_applying.send_without_button()),
            Button(jobs.tap("view", job), texts_applying.back_button()),
        ),
    )


async def _job_of(argument: str, store: JobStore) -> Job | None:
    job = read_id(argument)
    return None if job is None else await store.find(job)
