"""Which fields a schema declares and its records have: what is seen and not declared, and the reverse."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

FIELDS_LIMIT = 200  # undeclared ones that are told of, by type: keys that are data would have no end
FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")  # what a field is called, and no person
DEPTH_LIMIT = 32  # of nested objects and lists that are looked into


@dataclass(slots=True)
class Field:
    """One declared place: what may lie below it."""

    pointer: str
    properties: dict[str, Field] = field(default_factory=dict)
    items: Field | None = None
    is_free: bool = False  # whatever lies below is allowed by the schema itself
    seen: int = 0

    def below(self) -> list[Field]:
        """This place's fields and theirs, without itself."""
        found = []
        for one in self.properties.values():
            found += [one, *one.below()]
        if self.items is not None:
            found += self.items.below()
        return found


@dataclass(slots=True)
class Undeclared:
    """A field that records have and the schema does not: how often, and what the first one looked like."""

    pointer: str
    times: int
    example: str


def declared(schema: dict[str, Any]) -> Field:
    """The places that a JSON Schema with local references declares, unions taken together."""
    root = Field("")
    _declare(root, schema, schema.get("$defs", {}), 0)
    return root


def _declare(place: Field, said: Any, definitions: dict[str, Any], depth: int) -> None:
    if depth > DEPTH_LIMIT or not isinstance(said, dict):
        place.is_free = True  # a schema that is true, or one that contains itself
        return
    if "$ref" in said:
        _declare(place, definitions.get(said["$ref"].rpartition("/")[2], True), definitions, depth + 1)
    for union in ("anyOf", "oneOf", "allOf"):
        for one in said.get(union, ()):
            _declare(place, one, definitions, depth + 1)
    for name, one in said.get("properties", {}).items():
        escaped = name.replace("~", "~0").replace("/", "~1")
        below = place.properties.setdefault(name, Field(f"{place.pointer}/{escaped}"))
        _declare(below, one, definitions, depth + 1)
    for items in (*said.get("prefixItems", ()), *([said["items"]] if "items" in said else [])):
        place.items = place.items or Field(f"{place.pointer}/*")
        _declare(place.items, items, definitions, depth + 1)
    holds_anything = said.get("type") == "object" and "properties" not in said
    if (
        holds_anything
        or said.get("additionalProperties")
        or not said.keys() - {"title", "description", "default"}
    ):
        place.is_free = True


class Drift:
    """Counts, for the records of one schema, what is declared and what is not."""

    def __init__(self, schema: dict[str, Any]) -> None:
        """`schema`: as published."""
        self._root = declared(schema)
        self.undeclared: dict[str, Undeclared] = {}
        self.left_off = 0  # sightings of further undeclared fields, beyond the limit

    def look(self, value: Any) -> None:
        """Count the fields of one value."""
        self._look(value, self._root, 0)

    def _look(self, value: Any, place: Field, depth: int) -> None:
        if isinstance(value, dict):
            properties = place.properties
            for name, item in value.items():
                found = properties.get(name)
                if found is None:
                    if not place.is_free:
                        self._note(place, name, item)
                    continue
                found.seen += 1
                if item.__class__ is dict or item.__class__ is list:
                    self._look(item, found, depth + 1)
        elif isinstance(value, list) and place.items is not None and depth < DEPTH_LIMIT:
            for item in value:
                self._look(item, place.items, depth + 1)

    def _note(self, place: Field, name: str, item: Any) -> None:
        pointer = f"{place.pointer}/{named(name)}"
        known = self.undeclared.get(pointer)
        if known is not None:
            known.times += 1
        elif len(self.undeclared) < FIELDS_LIMIT:
            self.undeclared[pointer] = Undeclared(pointer, 1, masked(item))
        else:
            self.left_off += 1

    def never_seen(self) -> list[str]:
        """The pointers of declared fields that no value had; of several within each other the outermost."""
        never = [place.pointer for place in self._root.below() if not place.seen]
        return [one for one in never if not any(one.startswith(f"{other}/") for other in never)]


def named(name: str) -> str:
    """A name that looks like a field's; of any other the length, since it may be somebody's own."""
    return name if FIELD.fullmatch(name) else f"a name of {len(name)} characters"


def masked(value: Any) -> str:
    """What a value looks like, without any of it: no number, no word of it can be read."""
    if value is None or isinstance(value, bool):
        return str(value).lower() if value is not None else "null"
    if isinstance(value, int):
        return f"an integer of {len(str(abs(value)))} digits"
    if isinstance(value, float):
        return "a number with a fraction"
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    return f"a list of {len(value)}" if isinstance(value, list) else f"an object of {len(value)} fields"
