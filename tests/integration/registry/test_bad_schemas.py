"""What is no schema that we can work with: refused with 42201 and the place, whoever it is sent to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.registry.serving import Answer, ask, schema

CYCLE = {
    "properties": {"x": {"$ref": "#/$defs/a"}},
    "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}},
}
REMOTE = {"properties": {"x": {"$ref": "http://127.0.0.1:1/schema.json"}}}
LOST = {"properties": {"x": {"$ref": "#/$defs/gone"}}}
DEEP = '{"items":' * 5_000 + "{}" + "}" * 5_000

BAD: dict[str, tuple[str, str]] = {
    "no JSON": ("{type: string}", "JSON"),
    "no schema": (json.dumps({"type": "strin"}), "#/type"),
    "a schema in a wrong place": (json.dumps({"properties": {"x": {"minLength": -1}}}), "#/properties/x"),
    "a list": ("[]", "#"),
    "a cycle": (json.dumps(CYCLE), "#/$defs/"),
    "a remote reference": (json.dumps(REMOTE), "#/properties/x"),
    "a reference to nothing": (json.dumps(LOST), "#/properties/x"),
    "too deep": (DEEP, "deep"),
    "too big": (json.dumps({"description": "x" * (1024 * 1024)}), "1,048,576"),
    "no number": ('{"const": NaN}', "NaN"),
}


@pytest.mark.parametrize("name", BAD)
def test_it_is_refused_and_the_place_is_named(address: str, name: str) -> None:
    text, says = BAD[name]
    body: dict[str, Any] = {"schemaType": "JSON", "schema": text}
    ask(address, "POST", "/subjects/a/versions", schema({"type": "string"}))
    for path in ("/subjects/a", "/subjects/a/versions", "/compatibility/subjects/a/versions/latest"):
        check(ask(address, "POST", path, body), says)
    assert ask(address, "GET", "/subjects/a/versions").body == [1]


def check(answer: Answer, says: str) -> None:
    assert (answer.status, answer.code) == (422, 42201)
    assert says in answer.message
    assert len(answer.message) < 1_000
