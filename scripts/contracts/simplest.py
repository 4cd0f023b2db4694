"""The simplest values that a schema seems to ask for; whoever uses them checks that it allows them."""

from __future__ import annotations

import math
from typing import Any

from schemas.compatibility.cases import cases_of
from schemas.compatibility.document import Node
from schemas.compatibility.shape import Shape

DEEP = 12  # levels; a recursion that asks for more is not simple
FORMATS = {
    "date": "2026-11-28",
    "date-time": "2026-11-28T12:00:00Z",
    "email": "a@b.rw",
    "uri": "https://a.rw/b",
    "uuid": "01890a5d-ac96-774b-bcce-b302099a8057",
}
ORDER = ("object", "array", "string", "integer", "fraction", "boolean", "null")


def simplest(node: Node) -> list[Any]:
    """For each alternative one value with what is required alone, and one with all that is declared."""
    return [_value(case, full, 0) for case in cases_of(Shape((node,))) for full in (False, True)]


def _value(shape: Shape, full: bool, level: int) -> Any:
    if shape.values:
        return shape.values[0]
    kind = next((kind for kind in ORDER if kind in shape.kinds), "null")
    if level > DEEP or kind in ("boolean", "null"):
        return True if kind == "boolean" else None
    if kind == "object":
        return _object(shape, full, level)
    if kind == "array":
        least = shape.least("minItems")
        count = max(least, len(shape.elements[0].prefix) if full and shape.elements else 0, int(full))
        wanted = [_part((atom.child("contains"),), full, level) for atom, _ in shape.facts("contains")]
        return wanted + [_part(shape.item(index), full, level) for index in range(min(count, DEEP))]
    if kind == "string":
        known = next((FORMATS[name] for name in shape.numbers("format") if name in FORMATS), "")
        return known or "a" * shape.least("minLength")
    low = shape.lower or shape.upper
    number = math.ceil(low.value) if low and shape.lower else math.floor(low.value) if low else 1
    step = next(iter(shape.numbers("multipleOf")), 1)
    return step * math.ceil(number / step)


def _object(shape: Shape, full: bool, level: int) -> Any:
    names = set(shape.required)
    if full and level < DEEP / 2:
        names |= {name for members in shape.members for name in members.properties}
    names |= {f"x{number}" for number in range(shape.least("minProperties") - len(names))}
    return {name: _part(shape.content(name), full, level) for name in sorted(names)}


def _part(nodes: tuple[Node, ...], full: bool, level: int) -> Any:
    return _value(cases_of(Shape(nodes))[0], full, level + 1)
