"""When planned trips happen, for any moment at which they are planned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.mobility.rules.calendar import (
    EACH,
    KIGALI,
    Recurrence,
    When,
    first_time,
    next_time,
    read_recurrence,
    read_when,
    reminder_time,
)

MOMENTS = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis wants it without a zone
    max_value=datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
RECURRENCES = st.sampled_from(list(Recurrence))
WHENS = st.sampled_from(list(When))


def kigali(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KIGALI)


@given(when=WHENS, recurrence=RECURRENCES, now=MOMENTS)
def test_a_first_trip_is_never_in_the_past(when: When, recurrence: Recurrence, now: datetime) -> None:
    due = first_time(when, recurrence, now)
    assert due == now if when is When.NOW else due > now
    assert due - now <= timedelta(days=4)


@given(when=st.sampled_from(list(EACH)), recurrence=RECURRENCES, now=MOMENTS)
def test_each_morning_is_the_next_one_allowed(when: When, recurrence: Recurrence, now: datetime) -> None:
    due = first_time(when, recurrence, now).astimezone(KIGALI)
    assert due.time() == EACH[when]
    if recurrence is Recurrence.WEEKDAYS:
        assert due.weekday() < 5
    else:
        assert due - now <= timedelta(days=1)


@given(when=WHENS, recurrence=RECURRENCES, now=MOMENTS, late=st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_recurring_trip_comes_back(
    when: When, recurrence: Recurrence, now: datetime, late: timedelta
) -> None:
    """At the same local time, after both its own time and the present, with no day left out in between."""
    due = first_time(when, recurrence, now)
    following = next_time(due, recurrence, due + late)
    if recurrence is Recurrence.ONCE:
        assert following is None
        return
    assert following is not None
    assert following > due + late
    assert following.astimezone(KIGALI).time() == due.astimezone(KIGALI).time()
    before = following - timedelta(days=1)
    if recurrence is Recurrence.DAILY:
        assert before <= due + late
    else:
        assert following.astimezone(KIGALI).weekday() < 5
        skipped = before.astimezone(KIGALI).weekday() < 5 and before > due + late
        assert not skipped


@given(now=MOMENTS, days=st.integers(1, 60))
def test_weekdays_are_five_of_seven(now: datetime, days: int) -> None:
    due = first_time(When.EACH_MORNING, Recurrence.WEEKDAYS, now)
    end, count = due + timedelta(weeks=days), 0
    while due < end:
        count += 1
        following = next_time(due, Recurrence.WEEKDAYS, due)
        assert following is not None
        due = following
    assert count == 5 * days


@given(now=MOMENTS, left=st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_reminder_lies_between_now_and_the_trip(now: datetime, left: timedelta) -> None:
    due = now + left
    remind_at = reminder_time(due, now)
    if remind_at is None:
        assert left < timedelta(minutes=4)
        return
    assert now < remind_at < due
    assert due - remind_at == min(timedelta(minutes=30), left / 2)


@pytest.mark.parametrize(
    ("when", "recurrence", "now", "due"),
    [
        (When.TOMORROW_MORNING, Recurrence.ONCE, "2025-08-05T23:59", "2025-08-06T08:00"),
        (When.TOMORROW_EVENING, Recurrence.ONCE, "2025-08-05T00:01", "2025-08-06T18:00"),
        (When.TOMORROW_MORNING, Recurrence.WEEKDAYS, "2025-08-08T10:00", "2025-08-09T08:00"),  # a Saturday
        (When.EACH_MORNING, Recurrence.DAILY, "2025-08-05T07:29", "2025-08-05T07:30"),
        (When.EACH_MORNING, Recurrence.DAILY, "2025-08-05T07:30", "2025-08-06T07:30"),
        (When.EACH_EVENING, Recurrence.WEEKDAYS, "2025-08-08T18:00", "2025-08-11T17:30"),  # over a weekend
        (When.IN_5_HOURS, Recurrence.DAILY, "2025-08-05T22:00", "2025-08-06T03:00"),
    ],
)
def test_times_in_kigali(when: When, recurrence: Recurrence, now: str, due: str) -> None:
    assert first_time(when, recurrence, kigali(now)) == kigali(due)


def test_what_nobody_saw_to_is_left_out() -> None:
    due, back = kigali("2025-08-05T07:30"), kigali("2025-08-15T12:00")  # ten days down, until a Friday
    assert next_time(due, Recurrence.WEEKDAYS, back) == kigali("2025-08-18T07:30")


@pytest.mark.parametrize("value", ["", "sometimes", None, 7])
def test_other_answers_are_none(value: object) -> None:
    assert read_when(value) is None
    assert read_recurrence(value) is None
