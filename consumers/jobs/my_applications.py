"""Use cases: what one applied for, and what became of it; a chat with who accepted."""

from __future__ import annotations

from consumers.domain import Decision, Turn, done
from consumers.jobs import keywords, texts, texts_applying, views
from consumers.jobs.domain import jobs
from consumers.jobs.notices import chat
from consumers.jobs.profiles import refresh
from consumers.jobs.rules import ApplicationState, read_id, shorten
from consumers.jobs.store import JobStore
from consumers.jobs.store_applications import Application, ApplicationStore
from consumers.replies import Button, Buttons, Menu, Row
from consumers.texts import Moment, Text

DATE = "d MMM"


@jobs.starts("my_applications", keywords=keywords.MY_APPLICATIONS)
async def my_applications(turn: Turn, applications: ApplicationStore, store: JobStore) -> Decision:
    """The last ten, with how they stand."""
    found = await applications.of_person(turn.person)
    refresh(turn, store)
    if not found:
        return done(Buttons(texts_applying.no_applications(), (views.FIND, views.POST)))
    rows = tuple(
        Row(
            jobs.tap("application", one.id),
            shorten(one.title, views.ROW_TITLE_LIMIT),
            texts_applying.listed_application(state_of(one, turn), Moment(one.applied_at, DATE)),
        )
        for one in found
    )
    return done(Menu(texts_applying.my_applications(), texts.choose_button(), rows))


@jobs.taps("application")
async def application(turn: Turn, applications: ApplicationStore) -> Decision:
    """One of them."""
    found = await _own(turn, applications)
    if found is None:
        return done(views.gone())
    body = texts_applying.my_application(found.title, state_of(found, turn), Moment(found.applied_at, DATE))
    see = Button(jobs.tap("view", found.job), texts_applying.see_job_button())
    if found.state is ApplicationState.ACCEPTED:
        talk = Button(jobs.tap("contact", found.id), texts_applying.chat_button())
        return done(Buttons(body, (talk, see, views.MY_APPLICATIONS)))
    return done(Buttons(body, (see, views.MY_APPLICATIONS, views.FIND)))


@jobs.taps("contact")
async def contact(turn: Turn, applications: ApplicationStore, store: JobStore) -> Decision:
    """A chat with the poster, for whom they accepted and nobody else: others never learn the number."""
    found = await _own(turn, applications)
    if found is None or found.state is not ApplicationState.ACCEPTED:
        return done(views.gone())
    poster = await store.profile(found.poster)
    if poster.phone is None:
        return done(Buttons(texts_applying.poster_without_number(), (views.MY_APPLICATIONS, views.FIND)))
    greeting = texts_applying.hello_poster(found.title)
    return done(chat(texts_applying.chat_with(views.who(poster)), poster.phone, greeting, turn.locale))


def state_of(found: Application, turn: Turn) -> Text:
    """How an application stands, for the applicant."""
    if found.state is ApplicationState.WAITING and not found.can_be_answered_yet(turn.now):
        return texts_applying.waiting_for_nothing()
    return texts_applying.ANSWERS[found.state]


async def _own(turn: Turn, applications: ApplicationStore) -> Application | None:
    identity = read_id(turn.argument)
    found = None if identity is None else await applications.find(identity)
    return found if found is not None and found.applicant == turn.person else None
