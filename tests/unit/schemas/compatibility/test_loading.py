"""What is no usable schema is refused with the place and what to do; nothing is fetched."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.compatibility import UnusableSchema, differences, load
from schemas.compatibility.loading import BYTES_LIMIT, DEPTH_LIMIT


def nested(levels: int) -> str:
    return '{"not":' * levels + "{}" + "}" * levels


def in_dialect(dialect: str, keyword: str, value: Any) -> str:
    return json.dumps({"$schema": dialect, "properties": {"a": {keyword: value}}})


DRAFT_6, DRAFT_7 = "http://json-schema.org/draft-06/schema", "http://json-schema.org/draft-07/schema#"
DRAFT_2019 = "https://json-schema.org/draft/2019-09/schema"
UNKNOWN_THERE: list[tuple[str | bytes, str]] = [
    (in_dialect(dialect, keyword, value), f"#/properties/a/{keyword}: .* does not know it")
    for dialect, keyword, value in (
        (DRAFT_7, "dependentRequired", {}),
        (DRAFT_7, "dependentSchemas", {}),
        (DRAFT_7, "unevaluatedProperties", False),
        (DRAFT_7, "unevaluatedItems", False),
        (DRAFT_7, "prefixItems", [True]),
        (DRAFT_7, "minContains", 2),
        (DRAFT_7, "maxContains", 2),
        (DRAFT_6, "maxContains", 1),
        (DRAFT_6, "if", {}),
        (DRAFT_6, "then", {}),
        (DRAFT_6, "else", {}),
        (DRAFT_2019, "prefixItems", [True]),
    )
]

REFUSED: list[tuple[str | bytes, str]] = [
    ("{", "#: this is no JSON"),
    (b"\xff{}", "#: this is no JSON"),
    ('{"minimum": NaN}', "NaN is no number"),
    ('{"a": 1, "a": 2}', "the name 'a' stands twice"),
    ('{"const": ' + "9" * 5000 + "}", "a number of more than 4300 digits[.]$"),
    ('{"const": -' + "9" * 4301 + "}", "a number of more than 4300 digits[.]$"),
    ("[]", "#: this is no schema"),
    ('"string"', "#: this is no schema"),
    ('{"type": "strin"}', "#/type: "),
    ('{"properties": {"a/b": {"minLength": -1}}}', "#/properties/a~1b/minLength: "),
    ('{"properties": {"a": 5}}', "#/properties/a: "),
    ('{"minimum": 1e999}', "#/minimum: this number is too great"),
    ('{"pattern": "("}', r"#/pattern: The pattern '\(' is no regular expression"),
    ('{"patternProperties": {"[": {}}}', r"#/patternProperties/\[: The pattern"),
    ('{"$ref": "https://example.com/x.json"}', "#/[$]ref: .* nothing is ever fetched"),
    ('{"properties": {"a": {"$ref": "file:///etc/passwd"}}}', "#/properties/a/[$]ref: .*leads out"),
    ('{"items": {"$ref": "other.json#/a"}}', "#/items/[$]ref: .*leads out"),
    ('{"$ref": "#/$defs/missing"}', "#/[$]ref: .* leads to nothing"),
    ('{"$ref": "#missing"}', "#/[$]ref: .* leads to nothing"),
    ('{"required": ["a"], "items": {"$ref": "#/required"}}', "#/items/[$]ref: .* leads to nothing"),
    ('{"$ref": "#/x", "x": {}}', "#/[$]ref: .* no schema"),
    ('{"$ref": "#"}', "#: from here the references go in a circle"),
    ('{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}', "#/[$]defs/.: .* circle"),
    ('{"anyOf": [{"type": "null"}, {"$ref": "#"}]}', "#/anyOf/1: .* circle"),
    ('{"not": {"$ref": "#"}}', "#/not: .* circle"),
    ('{"dependentSchemas": {"a": {"$ref": "#"}}}', "#/dependentSchemas/a: .* circle"),
    ('{"properties": {"a": {"$id": "urn:other"}}}', "#/properties/a/[$]id: "),
    ('{"$dynamicRef": "#x"}', "#/[$]dynamicRef: not understood"),
    ('{"$schema": "https://example.com/mine"}', "#/[$]schema: .* not known"),
    ('{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{}]}', "#/items: "),
    ('{"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {}}', "#/dependencies: not in"),
    (
        '{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}, '
        '"items": {"$ref": "#/definitions/a", "type": "string"}}',
        "#/items: beside a .*ref.* ignores type",
    ),
    *UNKNOWN_THERE,
    (nested(DEPTH_LIMIT + 1), "nested deeper than"),
    (nested(100_000), "nested deeper than"),
    (json.dumps({"title": "x" * 5_000_000}), "5,000,013 bytes"),
]


@pytest.mark.parametrize(("text", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_is_unusable_is_refused_with_its_place(text: str | bytes, said: str) -> None:
    with pytest.raises(UnusableSchema, match=said):
        load(text)


ACCEPTED: list[Any] = [
    True,
    {},
    {"properties": {"next": {"$ref": "#"}}},
    {"$defs": {"a": {"$anchor": "a", "type": "null"}}, "items": {"$ref": "#a"}},
    {"$id": "urn:x", "$defs": {"a": {}}, "items": {"$ref": "urn:x#/$defs/a"}},
    {"$defs": {"a b": {}}, "items": {"$ref": "#/$defs/a%20b"}},
    {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}, "items": {
        "$ref": "#/definitions/a"}},
    {"$schema": DRAFT_7, "if": {"required": ["a"]}, "then": {"required": ["b"]}, "properties": {"if": {}}},
    {"$schema": DRAFT_6, "properties": {"if": {"const": 1}}},
    {"$schema": DRAFT_2019, "dependentRequired": {"a": ["b"]}, "contains": {}, "minContains": 2},
    {"const": {"$ref": "https://example.com/that-is-a-value"}},
    {"x-anything": {"$ref": "https://example.com/that-nobody-reads"}},
]  # fmt: skip


@pytest.mark.parametrize("schema", ACCEPTED, ids=json.dumps)
def test_what_is_usable_is_returned_as_it_is(schema: Any) -> None:
    assert load(json.dumps(schema)) == schema
    assert differences(load(json.dumps(schema)), schema) == []


def test_as_many_bytes_and_levels_as_are_allowed() -> None:
    empty = len(json.dumps({"title": ""}))
    assert load(json.dumps({"title": "x" * (BYTES_LIMIT - empty)}))
    assert load(nested(DEPTH_LIMIT))
    assert load('{"const": -' + "9" * 4300 + "}")
    assert differences(load(nested(DEPTH_LIMIT)), load(nested(DEPTH_LIMIT - 2)))
