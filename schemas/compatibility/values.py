"""JSON values: what kind they are, and when two of them are the same."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

# `number` is split in two, so that kinds do not overlap: 1.0 is an integer in JSON Schema.
KINDS = frozenset({"null", "boolean", "integer", "fraction", "string", "array", "object"})


def kinds_named(named: str | list[str]) -> frozenset[str]:
    """The kinds that a `type` allows."""
    kinds = set([named] if isinstance(named, str) else named)
    if "number" in kinds:
        kinds = (kinds - {"number"}) | {"integer", "fraction"}
    return frozenset(kinds)


def kind_of(value: Any) -> str:
    """The kind of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) or value.is_integer() else "fraction"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def json_key(value: Any) -> str:
    """The same for equal values, as JSON Schema means it: 1 is 1.0, and true is not 1."""
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def divides(step: Any, number: Any) -> bool:
    """Whether a number is a multiple of a step, as their decimal digits say."""
    return (Fraction(str(number)) / Fraction(str(step))).denominator == 1
