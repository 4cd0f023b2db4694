"""Near misses: from each keyword of a schema, at every place that an example shows or could show."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Annotated, Any, ClassVar

import pytest
from pydantic import BeforeValidator

from schemas.model import EventData
from schemas.near_misses import near_misses, problems, rules

UUID = {"type": "string", "format": "uuid"}
NULLABLE = {"anyOf": [{"type": "integer", "maximum": 5}, {"type": "null"}]}
CASH = {"type": "object", "properties": {"way": {"const": "cash"}, "notes": {"type": "array"}}}
MOBILE = {"type": "object", "properties": {"way": {"const": "mobile"}, "number": {"type": "string"}}}


def misses(said: Any, example: Any, **beside: Any) -> dict[str, set[str]]:
    """What is tried at each place of a schema with one property `x`."""
    schema = {"type": "object", "properties": {"x": said}, **beside}
    found: dict[str, set[str]] = defaultdict(set)
    for miss in near_misses(schema, [json.dumps(example).encode()]):
        found[miss.pointer].add(miss.wrong)
    return found


@pytest.mark.parametrize(
    ("said", "value", "wrong"),
    [
        ({"type": "integer"}, 5, {"null", "true", "1.5", '"1"', "[]", "{}"}),
        ({"type": "number"}, 5, {"null", "true", '"1"', "[]", "{}"}),
        ({"type": "boolean"}, True, {"null", "1", "1.5", '"1"', "[]", "{}"}),
        (NULLABLE, None, {"true", "1.5", '"1"', "[]", "{}", "6"}),
        ({"minimum": 1, "maximum": 5}, 3, {"0", "6"}),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 5}, 3, {"0", "5"}),
        ({"minLength": 2, "maxLength": 4}, "abc", {'"a"', '"abccc"'}),
        ({"minItems": 1, "maxItems": 2}, [7], {"[]", "[7, 7, 7]"}),
        ({"pattern": "^[a-z]+$"}, "a", {'"a\\n"', '""', '"a!"', '" a"'}),
        ({"const": "a"}, "a", {'"ax"'}),
        ({"enum": ["a", "b"]}, "b", {'"ax"'}),
        ({"format": "uuid"}, "…", {'"7d0c6f2e"', '"7d0c6f2e-3b1a-5c44-9e0d-1f6a2b3c4d5g"'}),
        ({"type": ["string", "null"]}, "a", {"true", "1", "1.5", "[]", "{}"}),
    ],
)  # fmt: skip
def test_each_keyword_is_broken_narrowly(said: Any, value: Any, wrong: set[str]) -> None:
    assert misses(said, {"x": value})["/x"] == wrong


def test_what_is_required_is_left_out_and_what_is_closed_gets_more() -> None:
    inner = {"type": "object", "required": ["y"], "properties": {"y": UUID}, "additionalProperties": False}
    found = misses(
        {"$ref": "#/$defs/Inner"}, {"x": {"y": "…"}}, required=["x"], **{"$defs": {"Inner": inner}}
    )
    assert "nothing" in found["/x"]
    assert "nothing" in found["/x/y"]
    assert found["/x/unknown"] == {"1"}


def test_absent_fields_items_and_the_member_of_a_union_are_tried() -> None:
    assert "true" in misses({"type": "integer"}, {})["/x"]
    assert "true" in misses({"items": {"type": "integer"}}, {"x": [1, 2]})["/x/1"]
    found = misses({"oneOf": [CASH, MOBILE]}, {"x": {"way": "mobile"}})
    assert found["/x/way"] == {'"mobilex"'}
    assert "true" in found["/x/number"]
    assert "/x/notes" not in found


def test_rules_that_no_near_miss_tries_are_told() -> None:
    schema = {"properties": {"x": {"multipleOf": 5, "title": "X"}, "y": {"oneOf": [CASH, MOBILE]}}}
    tried = {rule for miss in near_misses(schema, [b'{"y":{"way":"cash"}}']) for rule in miss.rules}
    left = set(rules(schema)) - tried
    assert left == {
        "#/properties/x/multipleOf",
        "#/properties/y/oneOf/1/properties/way/const",
        "#/properties/y/oneOf/1/properties/number/type",
    }


class Sold(EventData):
    """A sale, by a reader that makes a text of anything."""

    event_type: ClassVar[str] = "shop.sold.v1"
    order: Annotated[str, BeforeValidator(str)]


def test_who_accepts_what_is_told_with_its_place() -> None:
    schema = {"type": "object", "required": ["order"], "properties": {"order": {"type": "string"}}}
    found = problems(Sold, schema, [b'{"order":"1"}'])
    assert "shop.sold/v1: true at /order is accepted by the model Sold." in found
    assert not [each for each in found if "its schema" in each]
    loose = problems(Sold, {**schema, "properties": {"order": {"format": "mac", "type": "string"}}}, [])
    assert (
        "shop.sold/v1: no near miss tries #/properties/order/format: write an example that shows it." in loose
    )
