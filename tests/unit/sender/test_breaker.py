"""The circuit breaker, on a clock of its own."""

from __future__ import annotations

import pytest

from infra.whatsapp.breaker import (
    ASK_AGAIN_SECONDS,
    OPEN_SECONDS,
    OPEN_SECONDS_LIMIT,
    TRIAL_SECONDS,
    Breaker,
    Circuit,
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def states() -> list[Circuit]:
    return []


@pytest.fixture
def breaker(clock: Clock, states: list[Circuit]) -> Breaker:
    return Breaker(clock, failures_to_open=3, changed=states.append)


def _fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        assert breaker.wait() == 0
        breaker.failed()


def test_it_opens_after_failures_in_a_row(breaker: Breaker, states: list[Circuit]) -> None:
    _fail(breaker, 2)
    breaker.succeeded()
    _fail(breaker, 2)
    assert states == []
    breaker.failed()
    assert states == [Circuit.OPEN]
    assert breaker.wait() == OPEN_SECONDS


def test_one_trial_at_a_time_passes_then(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker, 3)
    clock.now += OPEN_SECONDS
    assert breaker.wait() == 0
    assert breaker.state is Circuit.HALF_OPEN
    assert breaker.wait() == ASK_AGAIN_SECONDS


def test_a_trial_that_succeeds_closes_it(breaker: Breaker, clock: Clock, states: list[Circuit]) -> None:
    _fail(breaker, 3)
    clock.now += OPEN_SECONDS
    breaker.wait()
    breaker.succeeded()
    assert breaker.wait() == 0
    assert states == [Circuit.OPEN, Circuit.HALF_OPEN, Circuit.CLOSED]


def test_trials_that_fail_are_further_and_further_apart(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker, 3)
    waits = []
    for _ in range(6):
        waits.append(breaker.wait())
        clock.now += waits[-1]
        assert breaker.wait() == 0
        breaker.failed()
    assert waits == [5, 10, 20, 40, OPEN_SECONDS_LIMIT, OPEN_SECONDS_LIMIT]


def test_a_trial_that_nobody_reports_on_is_replaced(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker, 3)
    clock.now += OPEN_SECONDS
    assert breaker.wait() == 0
    clock.now += TRIAL_SECONDS
    assert breaker.wait() == 0


def test_failures_of_calls_begun_before_do_not_prolong_it(breaker: Breaker, clock: Clock) -> None:
    _fail(breaker, 3)
    clock.now += 4
    for _ in range(100):
        breaker.failed()
    assert breaker.wait() == 1


def test_it_is_tripped_at_once(breaker: Breaker) -> None:
    breaker.trip(60)
    assert breaker.wait() == 60
