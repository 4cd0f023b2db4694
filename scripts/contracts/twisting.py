"""Makes a version of a schema that differs in a few places, as hands and accidents make them."""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from schemas.compatibility import Schema
from schemas.compatibility.document import LIST, MAP, ONE

TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")
LIMITS = {
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
FORMATS = ("date-time", "date", "uuid", "email", "uri")
PATTERNS = ("^[a-z]", "[0-9]$", "^.{1,3}$")


def twisted(schema: Schema, chance: random.Random, times: int) -> Schema:
    """A copy with so many changes, most of which mean something."""
    copy = deepcopy(schema)
    for _ in range(times):
        places = _places(copy)
        if places:
            chance.choice(TWISTS)(chance.choice(places), chance)
    return copy


def _places(schema: Any) -> list[dict[str, Any]]:
    """Every subschema that is an object."""
    found, waiting = [], [schema]
    while waiting:
        each = waiting.pop()
        if not isinstance(each, dict):
            continue
        found.append(each)
        for keyword, value in each.items():
            if keyword in ONE:
                waiting.append(value)
            elif keyword in LIST and isinstance(value, list):
                waiting += value
            elif keyword in MAP and isinstance(value, dict):
                waiting += value.values()
    return found


def _kind(place: dict[str, Any], chance: random.Random) -> str:
    named = place.get("type", chance.choice(TYPES))
    return named if isinstance(named, str) else chance.choice(named or TYPES)


def _limit(place: dict[str, Any], chance: random.Random) -> None:
    keyword = chance.choice(LIMITS.get(_kind(place, chance), ("minimum",)))
    place[keyword] = chance.randint(1, 9) if keyword == "multipleOf" else chance.randint(0, 9)


def _limit_moved(place: dict[str, Any], chance: random.Random) -> None:
    known = [word for words in LIMITS.values() for word in words if word in place and word != "multipleOf"]
    if known:
        keyword = chance.choice(known)
        place[keyword] = max(0, place[keyword] + chance.choice((-1, 1)))


def _keyword_gone(place: dict[str, Any], chance: random.Random) -> None:
    known = sorted(place.keys() - {"$defs", "definitions", "$schema", "$id"})
    if known:
        del place[chance.choice(known)]


def _type(place: dict[str, Any], chance: random.Random) -> None:
    place["type"] = chance.choice((chance.choice(TYPES), chance.sample(TYPES, 2)))


def _required(place: dict[str, Any], chance: random.Random) -> None:
    names = sorted(place.get("properties", {}))
    if names:
        name, listed = chance.choice(names), list(place.get("required", []))
        place["required"] = [n for n in listed if n != name] if name in listed else [*listed, name]


def _property(place: dict[str, Any], chance: random.Random) -> None:
    properties = place.get("properties")
    if isinstance(properties, dict):
        if properties and chance.random() < 0.5:
            del properties[chance.choice(sorted(properties))]
        else:
            properties[chance.choice("abcxyz")] = _small(chance)


def _content(place: dict[str, Any], chance: random.Random) -> None:
    keyword = chance.choice(
        ("additionalProperties", "items", "propertyNames", "contains", "not", "unevaluatedProperties")
    )
    place[keyword] = chance.choice((True, False, _small(chance)))


def _listed(place: dict[str, Any], chance: random.Random) -> None:
    values = list(place.get("enum", ["a", 1, None, True, [0], {"a": 0}]))
    place["enum"] = chance.sample(values, max(1, len(values) - 1))


def _choice(place: dict[str, Any], chance: random.Random) -> None:
    keyword = chance.choice(("anyOf", "oneOf", "allOf"))
    listed = place.get(keyword)
    if not listed:
        place[keyword] = [_small(chance), _small(chance)]
    elif len(listed) > 1 and chance.random() < 0.5:
        listed.pop(chance.randrange(len(listed)))
    else:
        listed.append(_small(chance))


def _text(place: dict[str, Any], chance: random.Random) -> None:
    keyword, values = chance.choice((("format", FORMATS), ("pattern", PATTERNS)))
    place[keyword] = chance.choice(values)


def _names(place: dict[str, Any], chance: random.Random) -> None:
    keyword = chance.choice(
        ("dependentRequired", "dependentSchemas", "patternProperties", "if", "prefixItems")
    )
    if keyword == "dependentRequired":
        place[keyword] = {chance.choice("abc"): [chance.choice("abc")]}
    elif keyword == "if":
        place |= {"if": _small(chance), "then": _small(chance), "else": _small(chance)}
    elif keyword == "prefixItems":
        place[keyword] = [_small(chance), *place.get("prefixItems", [])][:3]
    else:
        place[keyword] = {chance.choice("abc"): _small(chance)}


def _small(chance: random.Random) -> dict[str, Any]:
    kind = chance.choice(TYPES)
    found: dict[str, Any] = {"type": kind}
    if kind == "object":
        found["properties"] = {name: {"type": chance.choice(TYPES)} for name in chance.sample("abc", 2)}
        if chance.random() < 0.5:
            found["required"] = [chance.choice("abc")]
        if chance.random() < 0.3:
            found["additionalProperties"] = chance.choice((False, {"type": chance.choice(TYPES)}))
    elif chance.random() < 0.3:
        _limit(found, chance)
    return found


Twist = Callable[[dict[str, Any], random.Random], None]
TWISTS: tuple[Twist, ...] = (
    _limit, _limit_moved, _limit_moved, _keyword_gone, _keyword_gone, _type, _required, _required, _property,
    _property, _content, _listed, _choice, _text, _names,
)  # fmt: skip
