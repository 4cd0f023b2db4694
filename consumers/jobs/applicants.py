"""Use cases: who applied for one's job, and the answer to them."""

from __future__ import annotations

from consumers.domain import Decision, Turn, ask, done
from consumers.jobs import notices, texts, texts_applying, texts_posting, views
from consumers.jobs.domain import BROWSING, jobs
from consumers.jobs.rules import ANSWERS, ApplicationState, read_id, shorten
from consumers.jobs.store import JobStore
from consumers.jobs.store_applications import Application, ApplicationStore
from consumers.replies import Button, Buttons, Menu, Row
from consumers.texts import Moment, Text, render

DATE = "d MMM"
SNIPPET_LIMIT = 50  # of a message, in a row of 72


@jobs.taps("applicants")
async def applicants(turn: Turn, store: JobStore, applications: ApplicationStore) -> Decision:
    """The latest, of one of one's own jobs."""
    identity = read_id(turn.argument)
    job = None if identity is None else await store.find(identity)
    if job is None or job.poster != turn.person:
        return done(views.gone())
    found = await applications.of_job(job.id)
    if not found:
        return done(Buttons(texts_applying.no_applicants(job.title), (views.MY_JOBS, views.POST)))
    rows = tuple(_row(one, turn.locale) for one in found)
    return ask(BROWSING, Menu(texts_applying.applicants(job.title), texts_posting.applicants_button(), rows))


def _row(one: Application, locale: str) -> Row:
    message = shorten(one.message.replace("\n", " "), SNIPPET_LIMIT)
    return Row(
        jobs.tap("applicant", one.id),
        shorten(one.profile.name or render(views.who(one.profile), locale), views.ROW_TITLE_LIMIT),
        texts_applying.listed_applicant(texts_applying.ANSWERS[one.state], message),
    )


@jobs.taps("applicant")
async def applicant(turn: Turn, applications: ApplicationStore) -> Decision:
    """One of them, and what can be answered."""
    found = await _for_own_job(turn, applications)
    if found is None:
        return done(views.gone())
    body = texts_applying.applicant(
        views.who(found.profile),
        found.title,
        texts_applying.ANSWERS[found.state],
        Moment(found.applied_at, DATE),
    )
    if found.message:
        body = texts_applying.applicant_with(body, found.message)
    return done(Buttons(body, _possible(found)))


def _possible(found: Application) -> tuple[Button, ...]:
    """The buttons for one applicant: the answers that are left, a chat, and the way back."""
    titles = {
        ApplicationState.ACCEPTED: ("accept", texts_applying.accept_button()),
        ApplicationState.REFUSED: ("refuse", texts_applying.refuse_button()),
    }
    buttons = [
        Button(jobs.tap(action, found.id), title)
        for state, (action, title) in titles.items()
        if state in ANSWERS[found.state]
    ]
    buttons.append(Button(jobs.tap("talk", found.id), texts_applying.chat_button()))
    if len(buttons) < 3:
        buttons.append(Button(jobs.tap("applicants", found.job), texts_posting.applicants_button()))
    return tuple(buttons)


@jobs.taps("accept")
async def accept(turn: Turn, store: JobStore, applications: ApplicationStore) -> Decision:
    """Yes: the applicant is told, and may write to the poster."""
    found = await _for_own_job(turn, applications)
    if found is None:
        return done(views.gone())
    if ApplicationState.ACCEPTED not in ANSWERS[found.state]:
        return done(_answered_before(found))
    poster = await store.profile(turn.person)
    notice = notices.accepted(found, poster, turn.locale)
    applications.answer(found, ApplicationState.ACCEPTED, turn.now)
    body = texts_applying.accepted(views.who(found.profile))
    return _answered(found, body).tell(found.applicant, notice.reply, notice.template, *notice.variables)


@jobs.taps("refuse")
async def refuse(turn: Turn, applications: ApplicationStore) -> Decision:
    """No: the applicant is told."""
    found = await _for_own_job(turn, applications)
    if found is None:
        return done(views.gone())
    if ApplicationState.REFUSED not in ANSWERS[found.state]:
        return done(_answered_before(found))
    notice = notices.refused(found)
    applications.answer(found, ApplicationState.REFUSED, turn.now)
    body = texts_applying.refused(views.who(found.profile))
    return _answered(found, body).tell(found.applicant, notice.reply, notice.template, *notice.variables)


@jobs.taps("talk")
async def talk(turn: Turn, applications: ApplicationStore) -> Decision:
    """A chat with an applicant, who gave their number by applying."""
    found = await _for_own_job(turn, applications)
    if found is None:
        return done(views.gone())
    if found.profile.phone is None:
        return done(Buttons(texts_applying.applicant_without_number(), _possible(found)))
    greeting = texts_applying.hello_applicant(found.title)
    body = texts_applying.chat_with(views.who(found.profile))
    return done(notices.chat(body, found.profile.phone, greeting, turn.locale))


def _answered(found: Application, body: Text) -> Decision:
    others = Button(jobs.tap("applicants", found.job), texts_posting.applicants_button())
    manage = Button(jobs.tap("mine", found.job), texts.manage_button())
    return done(Buttons(body, (others, manage)))


def _answered_before(found: Application) -> Buttons:
    answer = texts_applying.ANSWERS[found.state]
    return Buttons(texts_applying.answered_before(views.who(found.profile), answer), _possible(found))


async def _for_own_job(turn: Turn, applications: ApplicationStore) -> Application | None:
    identity = read_id(turn.argument)
    found = None if identity is None else await applications.find(identity)
    return found if found is not None and found.poster == turn.person else None
