"""What becomes of a letter, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consumers.dead_letters.rules import LOOK_LEAST, LOOK_MOST, Status, look_again_at, status_of

NOW = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("waits", "outcome", "status"),
    [
        ("deferred", None, Status.WAITING),
        ("timer", None, Status.WAITING),
        ("parked", None, Status.PARKED),
        ("parked", "deferred", Status.PARKED),  # the row is what counts, while there is one
        (None, "processed", Status.RESOLVED),
        (None, "superseded", Status.SUPERSEDED),
        (None, "dead", None),  # its own letter tells more, and is on its way
        (None, None, Status.SUPERSEDED),  # a timer that was cancelled
        (None, "parked", Status.SUPERSEDED),  # the same, after it had been held back
    ],
)
def test_what_the_tables_say_is_where_a_letter_stands(
    waits: str | None, outcome: str | None, status: Status | None
) -> None:
    assert status_of(waits, outcome) == status


def test_a_letter_is_looked_at_when_it_is_due_and_then_ever_less_often() -> None:
    assert look_again_at(NOW + timedelta(hours=4), NOW) == NOW + timedelta(hours=4)
    assert look_again_at(NOW, NOW) == NOW + LOOK_LEAST
    assert look_again_at(None, NOW) == NOW + LOOK_LEAST
    assert look_again_at(NOW - timedelta(minutes=4), NOW) == NOW + timedelta(minutes=1)
    assert look_again_at(NOW - timedelta(days=4), NOW) == NOW + LOOK_MOST
