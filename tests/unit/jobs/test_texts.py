"""What people read fits where it stands, in each language, at its longest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from consumers.core.words import words_of
from consumers.jobs import keywords, notices, publish, texts, texts_applying, views
from consumers.jobs.listings import JobCard
from consumers.jobs.places import PLACES
from consumers.jobs.rules import DESCRIPTION_LIMIT, MESSAGE_LIMIT, ApplicationState, Category, Kind, PayUnit
from consumers.jobs.store import Job, Profile
from consumers.replies import Buttons, Link, render_reply
from consumers.texts import LOCALES, Moment, render

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LONGEST_PLACE = max((p.name for country in PLACES.values() for p in country), key=len)
BODY_LIMIT = 1024  # of a message with buttons or a link


def a_job(**fields: object) -> Job:
    """The longest there can be."""
    longest: dict[str, object] = {
        "id": UUID(int=1),
        "poster": "p",
        "title": "W" * 60,
        "kind": Kind.SHORT_TERM,
        "category": Category.DRIVING,
        "place": LONGEST_PLACE,
        "country": "RW",
        "latitude": -1.9,
        "longitude": 30.1,
        "pay_rwf": 100_000_000,
        "pay_unit": PayUnit.WEEK,
        "description": "d" * DESCRIPTION_LIMIT,
        "posted_at": NOW - timedelta(days=29),
        "open_until": NOW + timedelta(days=1),
    }
    return Job(**{**longest, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("unit", PayUnit)
def test_a_row_of_a_list_fits(locale: str, unit: PayUnit) -> None:
    job = a_job()
    card = JobCard(job.id, job.title, 9_999_999, unit, job.place, -1.9, 30.1, job.posted_at, job.open_until)
    for found in (views.Found(card), views.Found(card, 19.6)):
        row = views.job_row(found, NOW)
        assert len(render(row.title, locale)) <= 24
        assert len(render(row.description, locale)) <= 72, render(row.description, locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_longest_messages_fit(locale: str) -> None:
    job, applicant = a_job(), Profile("250788123456", "N" * 100)
    message = "m" * MESSAGE_LIMIT
    who, waiting = views.who(applicant), texts_applying.ANSWERS[ApplicationState.WAITING]
    bodies = [
        publish.preview(job, NOW).body,
        texts_applying.applicant_with(
            texts_applying.applicant(who, job.title, waiting, Moment(NOW, "d MMM")),
            message,
        ),
    ]
    for notice in (
        notices.application_received(job, applicant, message, locale),
        notices.application_received(job, Profile(), message, locale),
        notices.lapsed(job),
    ):
        assert isinstance(notice.reply, Buttons | Link)
        bodies.append(notice.reply.body)
        content = render_reply(notice.reply, locale)
        assert "250788123456" not in getattr(content, "body", "")
    for body in bodies:
        assert len(render(body, locale)) <= BODY_LIMIT


@pytest.mark.parametrize("locale", LOCALES)
def test_the_words_that_people_are_told_to_write_are_keywords(locale: str) -> None:
    hint = render(texts_applying.how_to_answer(texts.gone()), locale)
    words = words_of(hint.rpartition(":")[2])
    assert words in [words_of(keyword) for keyword in keywords.MY_JOBS]


@pytest.mark.parametrize(
    ("phone", "name", "shown"),
    [
        ("250788123456", "Aline", "Aline (+250****456)"),
        ("250788123456", None, "+250****456"),
        (None, "Aline", "Aline"),
        (None, None, "Somebody on WhatsApp"),
        (None, "A" * 60, "A" * 39 + "…"),
    ],
)
def test_how_others_see_a_person(phone: str | None, name: str | None, shown: str) -> None:
    assert render(views.who(Profile(phone, name)), "en") == shown
