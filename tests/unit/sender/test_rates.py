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
    rate.throttled(10.0, 1.0)
    taken, seconds = rate.reserve(10.0)
    assert taken
    assert seconds == pytest.approx(1.0)


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        NumberRate(0)
