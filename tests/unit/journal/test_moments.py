"""Points in time as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from infra.journal.moments import NoMoment, parse_moment

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", NOW),
        ("90m", NOW - timedelta(minutes=90)),
        ("3 d", NOW - timedelta(days=3)),
        ("45s", NOW - timedelta(seconds=45)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01T14:30", datetime(2026, 3, 1, 14, 30, tzinfo=UTC)),
        ("2026-03-01T14:30+02:00", datetime(2026, 3, 1, 12, 30, tzinfo=UTC)),
    ],
)
def test_what_is_a_moment(text: str, moment: datetime) -> None:
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "yesterday", "5", "5w", "-5m", "999999d", "2026-13-01"])
def test_what_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(NoMoment, match="write it as"):
        parse_moment(text, NOW)
