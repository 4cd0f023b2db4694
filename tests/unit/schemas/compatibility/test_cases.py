"""Each case of the table: whom it breaks, what it is called, where; and the same with the sides changed."""

from __future__ import annotations

from collections import Counter

import pytest

from schemas.compatibility import Breaks, differences
from tests.unit.schemas.compatibility.cases import CASES, Case

LEAST = 200


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_breaks_whom_it_says(case: Case) -> None:
    found = differences(case.new, case.old, case.policy)
    assert [(each.kind, each.pointer, each.breaks) for each in found] == case.differences
    assert frozenset(side for each in found for side in each.breaks) == case.breaks
    assert all(each.sentence for each in found)


def test_taken_back_a_change_breaks_the_other_side() -> None:
    turned = {Breaks.NEW_READER: Breaks.OLD_READER, Breaks.OLD_READER: Breaks.NEW_READER}
    for case in CASES:
        found = differences(case.old, case.new, case.policy)
        assert {side for each in found for side in each.breaks} == {turned[s] for s in case.breaks}, case


def test_a_schema_is_compatible_with_itself() -> None:
    for case in CASES:
        renamed = {"$comment": "not the very same text"}
        again = case.old | renamed if isinstance(case.old, dict) else case.old
        assert differences(again, case.old, case.policy) == [], case


def test_whom_it_breaks_does_not_depend_on_what_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.compatibility.comparing.STEPS", [])
    for case in CASES:
        found = differences(case.new, case.old, case.policy)
        assert {side for each in found for side in each.breaks} == case.breaks, case
        assert {each.kind for each in found if each.breaks} <= {"COMPATIBILITY_NOT_PROVED"}


def test_the_table_is_long_enough_and_says_nothing_twice() -> None:
    assert len(CASES) >= LEAST
    told = Counter(f"{case.group}: {case.because}" for case in CASES)
    assert [reason for reason, times in told.items() if times > 1] == []
    pairs = Counter(repr((case.old, case.new, case.policy)) for case in CASES)
    assert [pair for pair, times in pairs.items() if times > 1] == []
