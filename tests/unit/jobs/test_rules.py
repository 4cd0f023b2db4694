"""Tables of the rules of jobs."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.jobs import rules
from consumers.jobs.rules import ANSWERS, ApplicationState, Obstacle

latitudes = st.floats(-60, 60)
longitudes = st.floats(-179, 179)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("5000", 5000),
        ("5,000", 5000),
        ("5.000 Frw", 5000),
        ("RWF 5 000", 5000),
        ("1,250,000 rwf", 1_250_000),
        ("5k", 5000),
        ("5 K", 5000),
        ("  800 francs. ", 800),
        ("5\u202f000", 5000),
        ("100000000", 100_000_000),
        ("100000001", None),
        ("0", None),
        ("5.5", None),
        ("5,00", None),
        ("-5000", None),
        ("five", None),
        ("5000 or more", None),
        ("0788123456 5000", None),
        ("", None),
        ("٥٠٠٠", 5000),  # Arabic digits are digits
        ("9" * 5000, None),
    ],
)
def test_an_amount_is_read_or_refused(text: str, amount: int | None) -> None:
    assert rules.read_pay(text) == amount


@given(st.text(max_size=80))
def test_any_text_is_an_amount_within_bounds_or_none(text: str) -> None:
    amount = rules.read_pay(text)
    assert amount is None or 1 <= amount <= rules.PAY_LIMIT_RWF


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  Cook\tfor\na  restaurant ", "Cook for a restaurant"),
        ("Mason\x00\x1b[31m", "Mason [31m"),
        ("\u202eevil", "evil"),
        ("👨‍🍳 cook", "👨‍🍳 cook"),
        ("\n\n", ""),
    ],
)
def test_a_title_is_one_clean_line(text: str, line: str) -> None:
    assert rules.tidy(text) == line


def test_a_description_keeps_its_lines() -> None:
    assert rules.tidy_lines(" one \r\n\n\n\n two\t2 \n") == "one\n\ntwo 2"


@given(st.text(max_size=100), st.integers(1, 80))
def test_shortened_text_fits(text: str, limit: int) -> None:
    short = rules.shorten(text, limit)
    assert len(short) <= limit
    assert short == text or short.endswith("…")


@pytest.mark.parametrize(
    ("own", "applied", "open_now", "expected"),
    [
        (False, False, True, None),
        (False, False, False, Obstacle.NOT_OPEN),
        (False, True, True, Obstacle.APPLIED),
        (False, True, False, Obstacle.APPLIED),
        (True, False, True, Obstacle.OWN),
        (True, True, False, Obstacle.OWN),
    ],
)
def test_who_may_apply(own: bool, applied: bool, open_now: bool, expected: Obstacle | None) -> None:
    assert rules.obstacle(own=own, applied=applied, open_now=open_now) is expected


def test_an_acceptance_is_final_and_nobody_waits_again() -> None:
    allowed = {(old, new) for old, new in product(ApplicationState, repeat=2) if new in ANSWERS[old]}
    assert allowed == {
        (ApplicationState.WAITING, ApplicationState.ACCEPTED),
        (ApplicationState.WAITING, ApplicationState.REFUSED),
        (ApplicationState.REFUSED, ApplicationState.ACCEPTED),
    }


@pytest.mark.parametrize(
    ("at", "now", "days"),
    [
        ("2026-03-01T08:00", "2026-03-01T20:00", 0),
        ("2026-03-01T21:59", "2026-03-01T22:01", 1),  # midnight in Kigali is 22:00 UTC
        ("2026-03-01T22:01", "2026-03-02T21:59", 0),
        ("2026-02-25T12:00", "2026-03-01T12:00", 4),
        ("2026-03-02T12:00", "2026-03-01T12:00", 0),  # a clock that is behind
    ],
)
def test_days_are_counted_in_kigali(at: str, now: str, days: int) -> None:
    moments = (datetime.fromisoformat(value).replace(tzinfo=UTC) for value in (at, now))
    assert rules.days_ago(*moments) == days


def test_distances() -> None:
    assert rules.distance_km(-1.9499, 30.0588, -1.4998, 29.6350) == pytest.approx(68.8, abs=1)  # to Musanze
    assert rules.distance_km(-1.9, 30, -1.9, 30) == 0


@given(latitudes, longitudes)
def test_cells_fit_a_bigint(latitude: float, longitude: float) -> None:
    assert 0 < rules.job_cell(latitude, longitude) < 2**63
    assert 0 < rules.search_cell(latitude, longitude) < 2**63


@given(
    latitude=st.floats(-5, 3),
    longitude=st.floats(28, 40),
    bearing=st.floats(0, 360),
    kilometres=st.floats(0, rules.RADIUS_KM),
)
def test_every_job_within_reach_lies_in_the_cells_read(
    latitude: float, longitude: float, bearing: float, kilometres: float
) -> None:
    there = _moved(latitude, longitude, bearing, kilometres)
    assert rules.job_cell(*there) in rules.cells_around(rules.search_cell(latitude, longitude))


def _moved(latitude: float, longitude: float, bearing: float, kilometres: float) -> tuple[float, float]:
    from math import asin, atan2, cos, degrees, radians, sin

    angle, turn = kilometres / rules.EARTH_RADIUS_KM, radians(bearing)
    north = radians(latitude)
    there = asin(sin(north) * cos(angle) + cos(north) * sin(angle) * cos(turn))
    east = atan2(sin(turn) * sin(angle) * cos(north), cos(angle) - sin(north) * sin(there))
    return degrees(there), longitude + degrees(east)


@pytest.mark.parametrize("text", ["", "x", "not-an-id", "'; DROP TABLE job; --"])
def test_what_is_no_id_is_none(text: str) -> None:
    assert rules.read_id(text) is None


def test_words_in_a_chat_link_are_escaped() -> None:
    link = rules.chat_link("250788123456", "Hello! “Cook” & more")
    assert link == "https://wa.me/250788123456?text=Hello%21%20%E2%80%9CCook%E2%80%9D%20%26%20more"
