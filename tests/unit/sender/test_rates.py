"""Rates, as arithmetic on one point in time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.whatsapp.rates import PAIR, WAIT_SECONDS_LIMIT, NumberRate, Rate


def test_a_pair_has_a_burst_of_45_and_then_one_in_six_seconds() -> None:
    bucket, now = 0.0, 1_700_000_000.0
    for _ in range(45):
        assert PAIR.wait(bucket, now) == 0
        bucket = PAIR.take(bucket, now)
    assert PAIR.wait(bucket, now) == 6
    assert PAIR.wait(bucket, now + 6) == 0
    assert PAIR.wait(PAIR.take(bucket, now + 6), now + 6) == 6


@given(st.floats(0.01, 10), st.integers(1, 50), st.lists(st.floats(0, 20), min_size=1, max_size=200))
def test_no_stretch_of_time_holds_more_than_its_share(each: float, burst: int, gaps: list[float]) -> None:
    rate, bucket, now = Rate(each, burst), 0.0, 1000.0
    sent: list[float] = []
    for gap in gaps:
        now += gap
        if rate.wait(bucket, now) == 0:
            bucket = rate.take(bucket, now)
            sent.append(now)
    for first, start in enumerate(sent):
        for last in range(first, len(sent)):
            assert last - first + 1 <= burst + (sent[last] - start) / each + 1e-6


def test_a_number_lets_wait_for_a_while_and_then_turns_away() -> None:
    rate = NumberRate(10)
    waits = [rate.reserve(5.0) for _ in range(41)]
    assert all(taken for taken, _ in waits[:40])
    assert [seconds for _, seconds in waits[9:12]] == pytest.approx([0, 0.1, 0.2])
    taken, seconds = waits[40]
    assert not taken
    assert seconds > WAIT_SECONDS_LIMIT


def test_what_people_send_counts_too() -> None:
    rate = NumberRate(2)
    rate.heard(1.0)
    rate.heard(1.0)
    _, seconds = rate.reserve(1.0)
    assert seconds == pytest.approx(0.5)


def test_when_meta_says_too_fast_nothing_goes_for_a_while() -> None:
    rate = NumberRate(80)
    rate.throttled(10.0, 9.9)
    taken, seconds = rate.reserve(10.0)
    assert taken
    assert seconds == pytest.approx(1.0)


def _pause(rate: NumberRate, now: float) -> float:
    """Meta says "too fast" of a call made just now; returns for how long nothing goes."""
    rate.throttled(now + 0.5, now)
    return rate.reserve(now + 0.5)[1]


def test_a_pause_that_did_not_help_is_followed_by_one_twice_as_long_up_to_a_minute() -> None:
    rate, now, pauses = NumberRate(80), 10.0, []
    for _ in range(9):
        pauses.append(_pause(rate, now))
        now += 0.5 + pauses[-1]
    assert pauses == pytest.approx([1, 2, 4, 8, 16, 32, 60, 60, 60])


def test_what_was_under_way_when_a_pause_began_makes_it_no_longer() -> None:
    rate = NumberRate(80)
    rate.throttled(10.0, 9.7)
    for answered in (10.1, 10.9, 12.0):  # the last one is slow: the pause is over
        rate.throttled(answered, 9.8)
    assert rate.reserve(11.0)[1] == pytest.approx(0)
    assert _pause(rate, 13.0) == pytest.approx(2)


def test_an_answer_within_a_pause_makes_it_no_longer() -> None:
    rate = NumberRate(80)
    rate.throttled(10.0, 9.7)
    rate.throttled(10.8, 10.2)  # an upload, which waits for no pause
    assert rate.reserve(11.0)[1] == pytest.approx(0)
    assert _pause(rate, 11.0) == pytest.approx(2)


def test_once_meta_takes_something_the_next_pause_is_short_again() -> None:
    rate = NumberRate(80)
    for now in (10.0, 20.0, 30.0):
        _pause(rate, now)
    rate.accepted(asked_at=30.2)  # before the pause of 4 s, which it says nothing about
    assert _pause(rate, 40.0) == pytest.approx(8)
    rate.accepted(asked_at=50.0)
    assert _pause(rate, 60.0) == pytest.approx(1)


def test_a_place_reserved_before_a_pause_is_good_only_after_it() -> None:
    rate = NumberRate(1)
    rate.reserve(9.0)
    assert rate.reserve(9.0) == (True, 1.0)
    rate.throttled(9.5, 9.0)
    assert rate.pause_left(10.0, reserved_at=9.0) == pytest.approx(0.5)
    assert rate.pause_left(10.5, reserved_at=9.0) == 0
    assert rate.pause_left(10.0, reserved_at=9.6) == 0  # it takes the pause into account


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        NumberRate(0)
