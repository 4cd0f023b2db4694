"""Faults: how often they strike, whom they meet, what is out of bounds."""

from __future__ import annotations

from typing import Any

import pytest

from infra.simulator.faults import REQUEST_KINDS, Faults, Kind


def test_the_next_n_only() -> None:
    faults = Faults()
    faults.add(Kind.ERROR, times=2)
    struck = [faults.meets(REQUEST_KINDS) is not None for _ in range(4)]
    assert struck == [True, True, False, False]
    assert not faults.on


def test_a_share_of_all() -> None:
    faults = Faults(seed=7)
    faults.add(Kind.ERROR, share=0.25)
    struck = sum(faults.meets(REQUEST_KINDS) is not None for _ in range(4_000))
    assert 850 < struck < 1_150


def test_one_person_only() -> None:
    faults = Faults()
    faults.add("error", to="250788123456")
    assert faults.meets(REQUEST_KINDS, "250788000001") is None
    assert faults.meets(REQUEST_KINDS, "250788123456") is not None


def test_media_are_apart_from_messages() -> None:
    faults = Faults()
    faults.add(Kind.SLOW, on="media")
    assert faults.meets(REQUEST_KINDS) is None
    assert faults.meets(REQUEST_KINDS, on="media") is not None


def test_the_first_that_fits_strikes() -> None:
    faults = Faults()
    statuses = faults.add(Kind.LOSE_STATUSES)
    first, second = faults.add(Kind.ERROR, code=1), faults.add(Kind.ERROR, code=2)
    assert faults.meets(REQUEST_KINDS) is first
    assert (statuses.hits, first.hits, second.hits) == (0, 1, 0)
    assert faults.clear(first.id) == 1
    assert faults.meets(REQUEST_KINDS) is second
    assert faults.clear() == 2
    assert not faults.on


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "flood"},
        {"kind": "error", "share": 0},
        {"kind": "error", "share": 1.1},
        {"kind": "error", "times": 0},
        {"kind": "slow", "seconds": 601},
        {"kind": "slow", "seconds": -1},
        {"kind": "duplicate", "copies": 0},
        {"kind": "http", "status": 200},
        {"kind": "error", "on": "webhooks"},
    ],
)
def test_out_of_bounds(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Faults().add(**values)


def test_there_are_not_too_many() -> None:
    faults = Faults()
    for _ in range(100):
        faults.add(Kind.ERROR)
    with pytest.raises(ValueError, match="at most"):
        faults.add(Kind.ERROR)
