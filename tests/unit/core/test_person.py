"""A person's pace, country and language."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consumers.core.countries import country_of, likely_language
from consumers.core.guess import _WORDS, guess_language
from consumers.core.person import MESSAGES_A_WINDOW, Pace, Person
from consumers.core.profile_rules import clean_label, clean_name
from consumers.core.words import words_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def a_person() -> Person:
    return Person("p", NOON, "250", "250", None, None, False, "en", "default", "RW")


def paces(person: Person, count: int, begin: datetime, apart: timedelta) -> list[Pace]:
    return [person.keep_pace(begin + apart * number) for number in range(count)]


def test_thirty_a_minute_are_fine_and_the_next_is_told_once() -> None:
    found = paces(a_person(), 40, NOON, timedelta(seconds=1))
    assert found[:MESSAGES_A_WINDOW] == [Pace.FINE] * MESSAGES_A_WINDOW
    assert found[MESSAGES_A_WINDOW:] == [Pace.TELL] + [Pace.TOO_FAST] * 9


def test_a_new_minute_begins_with_a_new_count() -> None:
    person = a_person()
    paces(person, 40, NOON, timedelta(seconds=1))
    assert paces(person, 31, NOON + timedelta(seconds=60), timedelta()) == [Pace.FINE] * 30 + [Pace.TELL]


def test_one_every_two_seconds_is_fine_for_ever() -> None:
    assert set(paces(a_person(), 200, NOON, timedelta(seconds=2))) == {Pace.FINE}


def test_a_backlog_is_judged_by_when_it_was_written() -> None:
    # However fast it is handled: the times are Meta's.
    assert set(paces(a_person(), 100, NOON, timedelta(minutes=5))) == {Pace.FINE}


def test_what_is_a_little_late_counts_to_the_minute_at_hand() -> None:
    person = a_person()
    person.keep_pace(NOON)
    assert paces(person, 30, NOON - timedelta(seconds=60), timedelta())[-1] is Pace.TELL


def test_what_comes_long_after_it_was_sent_is_fine_and_not_counted() -> None:
    person = a_person()
    person.keep_pace(NOON)
    assert set(paces(person, 100, NOON - timedelta(seconds=61), timedelta())) == {Pace.FINE}
    assert paces(person, 30, NOON, timedelta()) == [Pace.FINE] * 29 + [Pace.TELL]


@pytest.mark.parametrize(
    ("phone", "user_id", "country"),
    [
        ("250788000001", None, "RW"),
        ("256772000001", None, "UG"),
        ("254712000001", None, "KE"),
        ("255712000001", None, "TZ"),
        ("25779000001", None, "BI"),
        ("243812000001", None, "CD"),
        ("12025550123", None, "US"),
        ("14165550123", None, "CA"),
        ("33612345678", "RW.1", "FR"),
        ("999", None, "RW"),
        ("", None, "RW"),
        (None, "UG.123456", "UG"),
        (None, "nonsense", "RW"),
        (None, None, "RW"),
    ],
)
def test_the_country_of_a_number(phone: str | None, user_id: str | None, country: str) -> None:
    assert country_of(phone, user_id) == country


def test_the_language_to_begin_with() -> None:
    assert [likely_language(c) for c in ("RW", "UG", "KE", "TZ", "BI", "CD", "US")] == [
        "en", "en", "en", "sw", "fr", "fr", "en",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I need a ride please", "en"),
        ("find jobs", "en"),
        ("Bonjour", "fr"),
        ("je cherche un emploi", "fr"),
        ("Où est le marché", "fr"),
        ("Muraho", "rw"),
        ("Ndashaka moto", "rw"),
        ("nkeneye inzu yo gukodesha", "rw"),
        ("Habari", "sw"),
        ("natafuta kazi", "sw"),
        ("hi", None),
        ("taxi moto", None),
        ("", None),
        ("muraho, I need a ride", "en"),
        ("muraho please", None),
    ],
)
def test_the_guess_of_a_language(text: str, language: str | None) -> None:
    assert guess_language(words_of(text)) == language


def test_a_telling_word_belongs_to_one_language() -> None:
    words = [word for each in _WORDS.values() for word in set(each.split())]
    assert len(words) == len(set(words))
    assert all(words_of(word) == [word] for word in words)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ange", "Ange"),
        ("  Ange \n Uwera ", "Ange Uwera"),
        ("Jean-Népomuscène", "Jean-Népomuscène"),
        ("محمد", "محمد"),
        ("A", None),
        ("1234", None),
        ("🙂🙂", None),
        ("x" * 60, "x" * 60),
        ("x" * 61, None),
    ],
)
def test_names(text: str, name: str | None) -> None:
    assert clean_name(text) == name


@pytest.mark.parametrize(
    ("text", "label"), [("Gym", "Gym"), (" ", None), ("x" * 24, "x" * 24), ("x" * 25, None)]
)
def test_labels(text: str, label: str | None) -> None:
    assert clean_label(text) == label
