"""How jobs look in a chat: lists of jobs, one job, and where to go from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consumers.jobs import texts
from consumers.jobs.domain import jobs
from consumers.jobs.listings import JobCard
from consumers.jobs.places import Place
from consumers.jobs.rules import OPEN_DAYS, RADIUS_KM, days_ago, distance_km, shorten
from consumers.jobs.store import Job, Profile
from consumers.replies import AskLocation, Button, Buttons, Menu, Reply, Row
from consumers.texts import Renderable, Text
from infra.telemetry.masking import mask_phone

ROW_TITLE_LIMIT = 24  # WhatsApp's, see facts/whatsapp.md
NAME_LIMIT = 40
ON_THE_BOARD = 6  # with the four rows above them one list of ten
SHORT_LIST = 9  # a list of so many still has room for a row that widens the search

FIND = Button(jobs.tap("find_jobs"), texts.find_button())
POST = Button(jobs.tap("post_job"), texts.post_button())
MY_APPLICATIONS = Button(jobs.tap("my_applications"), texts.my_applications_button())
MY_JOBS = Button(jobs.tap("my_jobs"), texts.my_jobs_button())


@dataclass(slots=True, frozen=True)
class Found:
    """A job of a listing, and how far it is from where somebody looks."""

    card: JobCard
    kilometres: float | None = None


def near(cards: Sequence[JobCard], place: Place) -> list[Found]:
    """The jobs within reach of a place: the nearest first, then the newest."""
    found = [Found(c, distance_km(place.latitude, place.longitude, c.latitude, c.longitude)) for c in cards]
    reached = [f for f in found if f.kilometres is not None and f.kilometres <= RADIUS_KM]
    return sorted(reached, key=lambda f: (round(f.kilometres or 0, 1), -f.card.posted_at.timestamp()))


def whither(body: Text) -> Buttons:
    """A few words, and the ways on."""
    return Buttons(body, (FIND, POST, MY_JOBS))


def gone() -> Buttons:
    """The row that was tapped leads to nothing any more."""
    return whither(texts.gone())


def home(cards: Sequence[JobCard], now: datetime) -> Menu:
    """What one can do, and the newest jobs."""
    rows = (
        Row(FIND.id, FIND.title, texts.find_about()),
        Row(POST.id, POST.title, texts.post_about(OPEN_DAYS)),
        Row(MY_APPLICATIONS.id, MY_APPLICATIONS.title, texts.my_applications_about()),
        Row(MY_JOBS.id, MY_JOBS.title, texts.my_jobs_about()),
        *(job_row(Found(card), now) for card in cards[:ON_THE_BOARD]),
    )
    return Menu(texts.home() if cards else texts.home_without_jobs(), texts.choose_button(), rows)


def job_row(found: Found, now: datetime) -> Row:
    """One job of a list."""
    card = found.card
    last = (
        texts.age(days_ago(card.posted_at, now))
        if found.kilometres is None
        else texts.distance(found.kilometres)
    )
    return Row(
        jobs.tap("view", card.id),
        shorten(card.title, ROW_TITLE_LIMIT),
        texts.listed(texts.pay(card.pay_rwf, card.pay_unit), card.place, last),
    )


def categories() -> Menu:
    """The kinds of work to look for."""
    rows = [
        Row(jobs.tap("in", category), title, texts.CATEGORY_ABOUTS[category])
        for category, title in texts.CATEGORY_ROWS.items()
    ]
    rows.append(Row(jobs.tap("in", "all"), texts.every_category_row()))
    return Menu(texts.ask_category(), texts.choose_button(), tuple(rows))


def where(category: str) -> tuple[Reply, ...]:
    """Where to look: a location, or one of two buttons."""
    return AskLocation(texts.ask_where()), or_where(category, texts.ask_where_else())


def or_where(category: str, body: Text) -> Buttons:
    """Where to look, for those who send no location."""
    return Buttons(
        body,
        (
            Button(jobs.tap("districts", category), texts.districts_button()),
            Button(jobs.tap("near", f"{category}.any"), texts.everywhere_button()),
        ),
    )


def districts(places: Sequence[Place], action: str, prefix: str = "") -> Menu:
    """Named places to choose from."""
    rows = tuple(Row(jobs.tap(action, prefix + place.key), place.name) for place in places)
    return Menu(texts.ask_district(), texts.choose_button(), rows)


def results(body: Text, found: Sequence[Found], now: datetime, *, wider: str = "") -> Menu:
    """The jobs of a search; a short list ends with a row that widens it (`wider`, the row's id)."""
    rows = [job_row(one, now) for one in found]
    if wider and len(rows) <= SHORT_LIST:
        rows.append(Row(wider, texts.search_everywhere_button()))
    return Menu(body, texts.jobs_button(), tuple(rows))


def nothing_found(body: Text, *, wider: str = "") -> Buttons:
    """An empty search, and what else to try."""
    other = Button(FIND.id, texts.other_work_button())
    everywhere = (Button(wider, texts.search_everywhere_button()),) if wider else ()
    return Buttons(body, (*everywhere, other, POST))


def details(job: Job, now: datetime) -> Text:
    """One job in full."""
    return texts.details(
        title=job.title,
        kind=texts.KIND_ROWS[job.kind],
        category=texts.CATEGORY_ROWS[job.category],
        amount=texts.pay(job.pay_rwf, job.pay_unit),
        place=job.place,
        age=texts.age(days_ago(job.posted_at, now)),
        description=job.description,
    )


def who(profile: Profile) -> Renderable:
    """A person as others see them: a name, and the number masked."""
    name = shorten(profile.name, NAME_LIMIT) if profile.name else ""
    number = mask_phone(profile.phone) if profile.phone else ""
    if name and number:
        return f"{name} ({number})"
    return name or number or texts.somebody()
