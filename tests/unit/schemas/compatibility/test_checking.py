"""Modes: which versions count, and which side; what a subject's next version must be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from schemas.compatibility import Breaks, Mode, Policy, UnusableSchema, check, checking, differences, mode_of
from schemas.compatibility.succession import problems

ANY: dict[str, Any] = {"type": "object", "properties": {"a": {}}}
TEXT: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}}}
SHORT: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}}
WIDER = {1: SHORT, 2: TEXT}  # each version reads the one before


@pytest.mark.parametrize(
    ("mode", "new", "against"),
    [
        (Mode.NONE, SHORT, []),
        (Mode.BACKWARD, TEXT, []),
        (Mode.BACKWARD, SHORT, [2]),
        (Mode.BACKWARD_TRANSITIVE, SHORT, [2]),
        (Mode.FORWARD, SHORT, []),
        (Mode.FORWARD, TEXT, []),
        (Mode.FORWARD_TRANSITIVE, TEXT, [1]),
        (Mode.FORWARD, ANY, [2]),
        (Mode.FORWARD_TRANSITIVE, ANY, [1, 2]),
        (Mode.FULL, TEXT, []),
        (Mode.FULL_TRANSITIVE, TEXT, [1]),
        (Mode.FULL_TRANSITIVE, SHORT, [2]),
    ],
)
def test_a_mode_says_which_versions_count_and_which_side(mode: Mode, new: Any, against: list[int]) -> None:
    found = check(new, WIDER, mode)
    assert sorted({each.version for each in found}) == against
    assert all(each.difference.breaks & mode.forbids for each in found)


def test_the_first_version_is_compatible_with_nothing() -> None:
    assert check(TEXT, {}, Mode.FULL_TRANSITIVE) == []


def test_an_optional_field_more_is_fully_compatible_for_our_writers() -> None:
    more = {"type": "object", "properties": TEXT["properties"] | {"b": {"type": "string"}}}
    assert check(more, {1: TEXT}, Mode.FULL_TRANSITIVE) == []
    strict = check(more, {1: TEXT}, Mode.FULL_TRANSITIVE, Policy.STRICT)
    assert [(each.difference.pointer, each.difference.breaks) for each in strict] == [
        ("#/properties/b", frozenset({Breaks.NEW_READER}))
    ]


def test_subjects_have_the_strictest_mode_unless_said_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mode_of("wallet.posted") is Mode.FULL_TRANSITIVE
    path = tmp_path / "modes.json"
    monkeypatch.setattr(checking, "MODES", path)
    checking._modes.cache_clear()
    try:
        path.write_text('{"*": "FULL", "shop.sold": "NONE"}')
        assert (mode_of("shop.sold"), mode_of("shop.bought")) == (Mode.NONE, Mode.FULL)
        checking._modes.cache_clear()
        path.write_text('{"*": "SIDEWAYS"}')
        with pytest.raises(UnusableSchema, match=r"modes\.json: 'SIDEWAYS' is not"):
            mode_of("shop.sold")
    finally:
        checking._modes.cache_clear()


OURS = {"shop.sold/v1": json.dumps(TEXT)}


@pytest.mark.parametrize(
    ("name", "schema", "said"),
    [
        ("shop.sold/v2", TEXT, []),
        ("shop.sold/v2", ANY, ["shop.sold/v2 breaks FULL_TRANSITIVE, against v1: #/properties/a/type: a: "]),
        ("shop.sold/v3", TEXT, ["shop.sold/v3 skips v2"]),
        ("shop.lost/v2", TEXT, ["shop.lost/v2 skips v1"]),
        ("shop.lost/v1", TEXT, []),
        ("Shop.sold/v1", TEXT, ["Shop.sold/v1: a subject is"]),
        ("../x.y/v1", TEXT, ["../x.y/v1: a subject is"]),
        ("shop.sold out/v1", TEXT, ["shop.sold out/v1: a subject is"]),
        ("shop/v1", TEXT, ["shop/v1: a subject is"]),
        ("shop.sold/v02", TEXT, ["shop.sold/v02: a version is"]),
        ("shop.sold/vx", TEXT, ["shop.sold/vx: a version is"]),
        ("shop.lost/v1", {"type": "x"}, ["shop.lost/v1: #/type: "]),
    ],
)
def test_what_stands_in_the_way_of_the_next_version(name: str, schema: Any, said: list[str]) -> None:
    found = problems(name, json.dumps(schema), OURS)
    assert len(found) == len(said)
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True))


def test_a_longer_list_of_problems_is_cut_short() -> None:
    old = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(9)}}
    new = {"type": "object", "properties": {f"p{n}": {"type": "integer"} for n in range(9)}}
    found = problems("shop.sold/v2", json.dumps(new), {"shop.sold/v1": json.dumps(old)})
    assert len(found) == 6
    assert "and 4 more" in found[-1]


def test_what_takes_too_long_to_prove_is_not_said_to_be_compatible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemas.compatibility.proving.STEPS_LIMIT", 1)
    found = differences(SHORT | {"allOf": [{"maxProperties": 3}]}, SHORT | {"maxProperties": 3})
    assert {side for each in found for side in each.breaks} == set(Breaks)
    assert "COMPATIBILITY_NOT_PROVED" in {each.kind for each in found}


def hard(limit: int) -> dict[str, Any]:
    """What takes a while to compare: each way of one choice with each of the others."""
    choices = [
        {"anyOf": [{"properties": {f"{n}{m}": {"maxLength": limit}}, "required": [f"{n}"]} for m in range(4)]}
        for n in range(12)
    ]
    return {"type": "object", "allOf": choices}


def test_all_versions_share_one_time_and_what_it_does_not_suffice_for_is_not_proved() -> None:
    versions = {number: hard(number) for number in range(1, 200)}
    began = monotonic()
    found = check(hard(0), versions, Mode.FULL_TRANSITIVE, seconds=0.2)
    assert monotonic() - began < 5
    assert {each.version for each in found} == set(versions)
    last = [each.difference for each in found if each.version == 199]
    assert [(each.kind, each.breaks) for each in last] == [("COMPATIBILITY_NOT_PROVED", frozenset(Breaks))]
    assert check(hard(1), {1: hard(1)}, Mode.FULL_TRANSITIVE, seconds=0) == []


def test_what_is_nested_too_deep_is_not_said_to_be_compatible() -> None:
    deep: dict[str, Any] = {"type": "integer"}
    for _ in range(5000):
        deep = {"properties": {"a": deep}}
    (found,) = differences(deep, True)
    assert (found.kind, found.pointer, found.breaks) == ("COMPATIBILITY_NOT_PROVED", "#", frozenset(Breaks))


def test_a_wide_schema_and_many_alternatives_take_no_age() -> None:
    wide = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(300)}}
    assert differences(wide | {"title": "x"}, wide)
    many = {
        "anyOf": [{"type": "object", "properties": {"k": {"const": n}}, "required": ["k"]} for n in range(30)]
    }
    found = differences({"oneOf": many["anyOf"]}, many)
    assert [(each.kind, each.breaks) for each in found] == [("COMBINED_TYPE_CHANGED", frozenset())]


def test_consumers_do_not_load_it() -> None:
    """A validator and a comparison are no part of starting a consumer."""
    program = (
        "import sys, consumers.runtime.service, schemas.publishing, consumers.dead_letters.acts;"
        "print([m for m in sys.modules if m.startswith(('schemas.compatibility', 'jsonschema_rs'))])"
    )
    shown = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert shown.stdout.strip() == "[]"
