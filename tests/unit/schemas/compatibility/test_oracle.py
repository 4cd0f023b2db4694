"""Values that writers may write contradict nothing that is said of their readers; and the oracle can tell.

In full, with 10,000 values for each reader and writer, it is a command: `easymo schemas oracle`.
"""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from schemas.compatibility import Breaks, Difference, Policy, UnusableSchema, differences, load
from schemas.compatibility.document import Document
from schemas.publishing import Registry, meaning
from scripts.contracts import judging
from scripts.contracts.instances import Generator, drawn
from scripts.contracts.judging import Judgement, Oracle, reads
from scripts.contracts.oracle import of_subjects
from scripts.contracts.twisting import twisted
from scripts.contracts.writing import in_draft_7, written
from tests.unit.schemas.compatibility.cases import CASES, Case

QUICK = Oracle(seeds=0, values=30)
CONFIRMED_SHARE = 0.9  # of the broken sides that a value can show, with so few values


def judged(case: Case, oracle: Oracle) -> list[Judgement]:
    return oracle.judge(str(case), case.new, case.old, case.policy)


def test_no_value_contradicts_a_case_and_most_confirm_it() -> None:
    found = [(case, each) for case in CASES for each in judged(case, QUICK)]
    assert [each for _, each in found if each.contradicts] == []
    broken = [each for case, each in found if not each.said_compatible and not case.shown_by_no_value]
    assert sum(each.found for each in broken) >= CONFIRMED_SHARE * len(broken)


def test_values_of_hypothesis_contradict_no_case() -> None:
    oracle = Oracle(seeds=5, values=20)
    found = [each for case in CASES[::25] for each in judged(case, oracle)]
    assert [each for each in found if each.contradicts] == []
    assert sum(each.seeds for each in found) > len(found)


def test_no_value_contradicts_a_subject_against_changed_copies_of_itself() -> None:
    found = [
        judgement
        for each in of_subjects(None, twists=1, seed=1)
        for judgement in QUICK.judge(each.name, each.new, each.old, Policy(each.policy), each.examples)
    ]
    assert [each for each in found if each.contradicts] == []
    assert sum(each.values for each in found if each.said_compatible) > 1000
    assert any(each.found for each in found)


def test_no_value_contradicts_a_pair_of_changed_cases() -> None:
    chance = random.Random(6)
    found: list[Judgement] = []
    while len(found) < 150:
        old = twisted(chance.choice(CASES).old, chance, chance.randint(0, 3))
        new = twisted(old, chance, chance.randint(1, 3))
        try:
            pair = (load(json.dumps(new)), load(json.dumps(old)))
        except UnusableSchema:
            continue
        found += QUICK.judge("changed", *pair, chance.choice(list(Policy)))
    assert [each for each in found if each.contradicts] == []
    assert sum(each.said_compatible for each in found) > 50


def test_the_oracle_notices_what_is_wrongly_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def always_compatible(*_: Any) -> list[Difference]:
        return []

    monkeypatch.setattr(judging, "differences", always_compatible)
    found = [each for case in CASES if case.breaks == frozenset(Breaks) for each in judged(case, QUICK)]
    assert sum(each.contradicts for each in found) > len(found) / 2


def test_a_lenient_writer_writes_what_is_declared() -> None:
    schema = {
        "properties": {
            "a": {"properties": {"b": {}}},
            "map": {"type": "object", "additionalProperties": True},
        },
        "required": ["c"],
    }
    values = Generator(written(schema, Policy.LENIENT))
    assert values.allows({"a": {"b": 1}, "c": 1, "map": {"x": 1}})
    assert not values.allows({"a": {"x": 1}, "c": 1})
    assert not values.allows({"x": 1, "c": 1})
    assert Generator(written(schema, Policy.STRICT)).allows({"x": 1, "c": 1})


def test_parts_of_a_whole_are_closed_together() -> None:
    schema: dict[str, Any] = {"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}
    values = Generator(written(schema, Policy.LENIENT))
    assert values.allows({"a": 1, "b": 1})
    assert not values.allows({"a": 1, "c": 1})


def test_what_a_condition_asks_for_is_declared_and_alternatives_are_closed_each_by_itself() -> None:
    then: dict[str, Any] = {
        "properties": {"a": {}},
        "if": {"required": ["a"]},
        "then": {"properties": {"b": {}}},
    }
    assert Generator(written(then, Policy.LENIENT)).allows({"a": 1, "b": 1})
    assert not Generator(written(then, Policy.LENIENT)).allows({"a": 1, "c": 1})
    either: dict[str, Any] = {"anyOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]}
    assert Generator(written(either, Policy.LENIENT)).allows({"b": 1})
    assert not Generator(written(either, Policy.LENIENT)).allows({"a": 1, "b": 1})


def test_a_reader_fills_in_what_it_has_defaults_for() -> None:
    inner = {"properties": {"a": {"default": 1, "type": "integer"}}, "required": ["a"]}
    node = Document({"properties": {"o": inner}, "items": inner}).root
    assert reads(node, {"o": {}})
    assert reads(node, [{}, {"a": 2}])
    assert not reads(node, {"o": {"a": "x"}})
    bad = Document({"properties": {"a": {"default": "x", "type": "integer"}}, "required": ["a"]}).root
    assert not reads(bad, {})


def test_hypothesis_is_asked_in_draft_7_and_recursion_ends() -> None:
    schema = {
        "$defs": {
            "tree": {"type": "object", "properties": {"kids": {"prefixItems": [{"$ref": "#/$defs/tree"}]}}}
        },
        "$ref": "#/$defs/tree",
        "dependentRequired": {"a": ["b"]},
    }
    older = json.dumps(in_draft_7(schema))
    assert "$ref" not in older
    assert "prefixItems" not in older
    assert '"dependencies"' in older
    assert len(drawn(in_draft_7(schema), 5, 0)) >= 5


def test_what_nothing_satisfies_gives_no_values() -> None:
    assert drawn({"allOf": [{"type": "string"}, {"type": "null"}]}, 5, 0) == []
    assert list(Generator({"minLength": 5, "maxLength": 4, "type": "string"}).spread([], 10, True)) == []


def test_a_subject_is_compatible_with_itself_in_other_words() -> None:
    for name, text in Registry().published().items():
        schema = load(text)
        found = differences(meaning(schema), schema)
        assert {each.kind for each in found} <= {
            "TITLE_CHANGED",
            "DESCRIPTION_CHANGED",
            "EXAMPLES_CHANGED",
        }, name
        assert found, name
