"""When planned trips happen, in Kigali's time."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

KIGALI = ZoneInfo("Africa/Kigali")
REMIND_BEFORE = timedelta(minutes=30)
SHORTEST_NOTICE = timedelta(minutes=2)  # a reminder closer to the trip than this would say nothing new


class Recurrence(StrEnum):
    """How often a planned trip comes back."""

    ONCE = "once"
    WEEKDAYS = "weekdays"
    DAILY = "daily"


class When(StrEnum):
    """The times that a person can choose."""

    NOW = "now"
    IN_30_MINUTES = "in_30m"
    IN_1_HOUR = "in_1h"
    IN_2_HOURS = "in_2h"
    IN_5_HOURS = "in_5h"
    TOMORROW_MORNING = "tomorrow_0800"
    TOMORROW_EVENING = "tomorrow_1800"
    EACH_MORNING = "each_0730"
    EACH_EVENING = "each_1730"


_AFTER = {
    When.NOW: timedelta(0),
    When.IN_30_MINUTES: timedelta(minutes=30),
    When.IN_1_HOUR: timedelta(hours=1),
    When.IN_2_HOURS: timedelta(hours=2),
    When.IN_5_HOURS: timedelta(hours=5),
}
_TOMORROW = {When.TOMORROW_MORNING: time(8), When.TOMORROW_EVENING: time(18)}
EACH = {When.EACH_MORNING: time(7, 30), When.EACH_EVENING: time(17, 30)}


def read_when(value: object) -> When | None:
    """The time that a tap or an earlier answer holds, or None for anything else."""
    try:
        return When(str(value))
    except ValueError:
        return None


def read_recurrence(value: object) -> Recurrence | None:
    """The recurrence that a tap holds, or None for anything else."""
    try:
        return Recurrence(str(value))
    except ValueError:
        return None


def first_time(when: When, recurrence: Recurrence, now: datetime) -> datetime:
    """When the first trip happens.

    A time that names its day (in 2 hours, tomorrow) is taken at its word even on a weekend; "each morning"
    is the next one that the recurrence allows.
    """
    if when in _AFTER:
        return now + _AFTER[when]
    today = now.astimezone(KIGALI)
    if when in _TOMORROW:
        return datetime.combine(today.date() + timedelta(days=1), _TOMORROW[when], KIGALI)
    return _next_at(EACH[when], recurrence, now)


def next_time(due: datetime, recurrence: Recurrence, now: datetime) -> datetime | None:
    """The trip after the one that was due, at the same local time; None when it does not come back.

    Whatever should have happened while nobody was there to see to it is left out.
    """
    if recurrence is Recurrence.ONCE:
        return None
    return _next_at(due.astimezone(KIGALI).time(), recurrence, max(due, now))


def reminder_time(due: datetime, now: datetime) -> datetime | None:
    """Half an hour before the trip, or half of what is left when that is less; None when it is too close."""
    left = due - now
    if left < 2 * SHORTEST_NOTICE:
        return None
    return due - min(REMIND_BEFORE, left / 2)


def _next_at(clock: time, recurrence: Recurrence, after: datetime) -> datetime:
    today = after.astimezone(KIGALI).date()
    days = (today + timedelta(days=ahead) for ahead in range(4))  # past the hour today, then a weekend
    return next(
        at
        for day in days
        if (at := datetime.combine(day, clock, KIGALI)) > after
        and (recurrence is not Recurrence.WEEKDAYS or day.weekday() < 5)
    )
