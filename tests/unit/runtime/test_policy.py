"""When an event is tried again, and when it is given up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consumers.decision import Reject, Retry
from consumers.runtime.policy import RETRY_DELAYS, HandlerTimeout, RetryPolicy
from consumers.runtime.records import Outcome
from tests.unit.runtime.made import NOW

POLICY = RetryPolicy()


@pytest.mark.parametrize(("tries", "minutes"), [(0, 5), (1, 15), (2, 60), (3, 240), (4, 720)])
@pytest.mark.parametrize("error", [Retry("x"), HandlerTimeout("x"), ZeroDivisionError("x")])
def test_a_failure_is_tried_again_ever_later(error: Exception, tries: int, minutes: int) -> None:
    verdict = POLICY.judge(error, tries, NOW)
    assert verdict.outcome is Outcome.DEFERRED
    assert verdict.due == NOW + timedelta(minutes=minutes)
    assert verdict.tries == tries + 1


def test_the_tries_end_after_17_hours_and_20_minutes() -> None:
    assert sum(RETRY_DELAYS, timedelta()) == timedelta(hours=17, minutes=20)
    verdict = POLICY.judge(Retry("x"), 5, NOW)
    assert verdict.outcome is Outcome.DEAD
    assert verdict.reason == "given up after 6 tries: Retry: x"


@pytest.mark.parametrize("tries", [0, 3])
def test_what_is_rejected_dies_at_once(tries: int) -> None:
    verdict = POLICY.judge(Reject("never"), tries, NOW)
    assert verdict.outcome is Outcome.DEAD
    assert verdict.due is None


def test_a_wait_of_its_own_counts_like_any_other() -> None:
    verdict = POLICY.judge(Retry("x", after=timedelta(seconds=2)), 4, NOW)
    assert (verdict.outcome, verdict.due, verdict.tries) == (Outcome.DEFERRED, NOW + timedelta(seconds=2), 5)
    assert POLICY.judge(Retry("x", after=timedelta(seconds=2)), 5, NOW).outcome is Outcome.DEAD


@pytest.mark.parametrize("counts", [True, False])
def test_a_wait_of_no_time_is_a_wait_of_no_time(counts: bool) -> None:
    assert POLICY.judge(Retry("x", after=timedelta(0), counts=counts), 0, NOW).due == NOW


@pytest.mark.parametrize("tries", [0, 5, 50])
def test_a_wait_that_is_nobodys_fault_uses_up_no_try(tries: int) -> None:
    verdict = POLICY.judge(Retry("rate", after=timedelta(seconds=2), counts=False), tries, NOW)
    assert (verdict.outcome, verdict.tries) == (Outcome.DEFERRED, tries)


def test_a_long_reason_is_cut() -> None:
    assert len(POLICY.judge(Retry("x" * 10_000), 0, NOW).reason) == 500
