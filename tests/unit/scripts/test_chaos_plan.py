"""The faults of a chaos run: drawn from the seed alone, every kind among them, all over when the run is."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from scripts.chaos_run.plan import EVERY_SECONDS, LASTS, RESTARTS, TARGETS, Kind, draw

QUARTER_OF_AN_HOUR = 900.0


@pytest.mark.parametrize("seconds", [30.0, 45.0, 120.0, QUARTER_OF_AN_HOUR])
@pytest.mark.parametrize("seed", range(20))
def test_every_kind_strikes_a_target_of_its_own_within_the_run(seed: int, seconds: float) -> None:
    faults = draw(seed, seconds)
    assert {fault.kind for fault in faults} == set(Kind)
    for fault in faults:
        assert fault.target in TARGETS[fault.kind]
        assert 0 <= fault.lasts_seconds <= LASTS[fault.kind][1]
        assert fault.at_seconds + fault.lasts_seconds <= seconds + 0.01
    assert [fault.at_seconds for fault in faults] == sorted(fault.at_seconds for fault in faults)


def test_the_same_seed_draws_the_same_faults_and_another_one_others() -> None:
    assert draw(7, 120) == draw(7, 120)
    assert draw(7, 120) != draw(8, 120)


def test_a_long_run_meets_each_kind_as_often_as_the_others() -> None:
    faults = draw(1, QUARTER_OF_AN_HOUR)
    counts = Counter(fault.kind for fault in faults)
    assert len(faults) == int(QUARTER_OF_AN_HOUR / EVERY_SECONDS) >= 60
    assert max(counts.values()) - min(counts.values()) <= 1


def test_nothing_begins_while_what_was_restarted_comes_back() -> None:
    faults = draw(3, QUARTER_OF_AN_HOUR)
    for fault, following in itertools.pairwise(faults):
        if fault.kind in RESTARTS:
            assert following.at_seconds - fault.at_seconds > 15
