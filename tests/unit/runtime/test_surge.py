"""The surge guard: many keys at once stop the consumer, one contact's rubbish does not."""

from __future__ import annotations

import pytest

from consumers.runtime.records import Outcome, Result
from consumers.runtime.surge import Surge, SurgeGuard
from tests.unit.runtime.made import a_record


def dead(key: bytes | None, outcome: Outcome = Outcome.DEAD, *, repeated: bool = False) -> Result:
    return Result(a_record(key), outcome, repeated=repeated)


def keys(count: int, start: int = 0) -> list[bytes]:
    return [b"%d" % number for number in range(start, start + count)]


def test_too_many_keys_stop_the_consumer() -> None:
    guard = SurgeGuard(keys_limit=10)
    guard.note(dead(key) for key in keys(10))
    with pytest.raises(Surge, match="11 keys"):
        guard.note([dead(b"one more")])


def test_one_key_may_die_as_often_as_it_likes() -> None:
    guard = SurgeGuard(keys_limit=10)
    guard.note(dead(b"same") for _ in range(5_000))
    assert guard.keys() == 1


def test_one_key_that_dies_often_hides_no_other() -> None:
    guard = SurgeGuard(keys_limit=10)
    guard.note(dead(key) for key in keys(10))
    guard.note(dead(b"0") for _ in range(5_000))
    with pytest.raises(Surge):
        guard.note([dead(b"one more")])


def test_what_died_long_ago_does_not_count() -> None:
    now = 0.0
    guard = SurgeGuard(keys_limit=10, window_seconds=60, clock=lambda: now)
    guard.note(dead(key) for key in keys(10))
    now = 61.0
    guard.note(dead(key) for key in keys(10, start=10))
    assert guard.keys() == 10


@pytest.mark.parametrize(
    "result", [*(dead(b"x", o) for o in Outcome if o is not Outcome.DEAD), dead(b"x", repeated=True)]
)
def test_only_what_dies_now_counts(result: Result) -> None:
    guard = SurgeGuard(keys_limit=0)
    guard.note([result])
    assert guard.keys() == 0


def test_the_keys_that_die_are_those_of_the_window() -> None:
    now = 0.0
    guard = SurgeGuard(window_seconds=60, clock=lambda: now)
    guard.note(dead(key) for key in keys(3))
    now = 30.0
    guard.note([dead(b"2"), dead(b"3")])
    assert guard.keys() == 4
    now = 61.0
    assert guard.keys() == 2
    now = 91.0
    assert guard.keys() == 0


def test_who_was_resumed_lets_one_surge_pass_and_stops_at_the_next() -> None:
    now = 0.0
    guard = SurgeGuard(resumed=True, keys_limit=10, window_seconds=60, clock=lambda: now)
    for now in (500.0, 550.0, 600.0):  # one surge, begun late, that goes on for a while
        guard.note(dead(key) for key in keys(11, start=int(now)))
    now = 661.0
    guard.note(dead(key) for key in keys(10))
    with pytest.raises(Surge):
        guard.note([dead(b"one more")])


def test_who_was_resumed_and_met_no_surge_is_on_guard_again() -> None:
    now = 0.0
    guard = SurgeGuard(resumed=True, keys_limit=10, window_seconds=60, clock=lambda: now)
    now = 601.0
    with pytest.raises(Surge):
        guard.note(dead(key) for key in keys(11))
