"""Near misses of every field: an example with one thing wrong that a keyword of the schema forbids.

They are made from the schema and its examples, of nested fields and absent ones too, so that each rule of a
schema is tried on the schema and on the model that reads for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from schemas.instances import unreadable, validator
from schemas.model import EventData

Put = Callable[[Any], Any]  # makes the whole value, with another one at a place
Member = tuple[str, dict[str, Any]]  # a schema and its JSON pointer

# Of each type the value that a reader of another type would convert the soonest.
OF_TYPE: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 1,
    "number": 1.5,
    "string": "1",
    "array": [],
    "object": {},
}
NOT_OF_FORMAT: dict[str, tuple[str, ...]] = {
    "date-time": ("yesterday", "2026-05-01", "2026-05-01T08:30:00", "2026-02-30T08:30:00Z"),
    "uuid": ("7d0c6f2e", "7d0c6f2e-3b1a-5c44-9e0d-1f6a2b3c4d5g"),
}
# Each keyword that limits a value: from what it says and what the example has to what is just beyond.
BEYOND: dict[str, Callable[[Any, Any], Iterable[Any]]] = {
    "minimum": lambda said, _: (said - 1,),
    "maximum": lambda said, _: (said + 1,),
    "exclusiveMinimum": lambda said, _: (said,),
    "exclusiveMaximum": lambda said, _: (said,),
    "minLength": lambda said, value: ((value or "")[: said - 1],),
    "maxLength": lambda said, value: ((value or "x").ljust(said + 1, (value or "x")[-1]),),
    "minItems": lambda said, value: ((value or [])[: said - 1],),
    "maxItems": lambda said, value: ([value[0]] * (said + 1),) if value else (),
    "pattern": lambda said, value: _unlike(said, value or ""),
    "const": lambda said, _: (f"{said}x",),
    "enum": lambda said, _: (f"{said[0]}x",),
    "format": lambda said, _: NOT_OF_FORMAT.get(said, ()),
}
SILENT = {"$schema", "$id", "$defs", "title", "description", "default", "examples", "discriminator"}


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Where the example is changed, to what, the whole value, and which rules of the schema forbid it."""

    pointer: str
    wrong: str
    value: Any
    rules: frozenset[str]  # JSON pointers to the keywords


def problems(model: type[EventData], schema: dict[str, Any], examples: Iterable[bytes]) -> list[str]:
    """The near misses that the model or the schema takes, and the rules that no example lets us try."""
    name, compiled = model.dataschema(), validator(schema)
    untried, found = set(rules(schema)), []
    for miss in near_misses(schema, examples):
        untried -= miss.rules
        takes = {
            f"the model {model.__name__}": unreadable(model, json.dumps(miss.value).encode()) is None,
            "its schema": compiled.is_valid(miss.value),
        }
        found += [
            f"{name}: {miss.wrong} at {miss.pointer or 'the top'} is accepted by {by}."
            for by, is_taken in takes.items()
            if is_taken
        ]
    return found + [
        f"{name}: no near miss tries {rule}: write an example that shows it." for rule in sorted(untried)
    ]


def near_misses(schema: dict[str, Any], examples: Iterable[bytes]) -> Iterator[NearMiss]:
    """Those of all examples, each once."""
    seen = set()
    for example in examples:
        for miss in _Walk(schema).at("", "#", schema, json.loads(example), lambda wrong: wrong):
            known = (miss.pointer, miss.wrong, miss.rules)
            if known not in seen:
                seen.add(known)
                yield miss


def rules(schema: Any, place: str = "#") -> Iterator[str]:
    """JSON pointers to everything in a schema that refuses values."""
    for keyword, said in schema.items():
        at = f"{place}/{keyword}"
        if keyword in ("properties", "$defs"):
            for name, each in said.items():
                yield from rules(each, f"{at}/{name}")
        elif keyword in ("anyOf", "oneOf"):
            for index, each in enumerate(said):
                yield from rules(each, f"{at}/{index}")
        elif keyword == "items":
            yield from rules(said, at)
        elif keyword == "required":
            yield from (f"{at}/{name}" for name in said)
        elif keyword == "additionalProperties":
            yield from [] if said is True else [at]
        elif keyword not in SILENT and keyword != "$ref":
            yield at  # where it is unknown here, no near miss will try it


class _Walk:
    """Goes through an example and its schema together."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._definitions = schema.get("$defs", {})

    def at(self, pointer: str, place: str, said: dict[str, Any], value: Any, put: Put) -> Iterator[NearMiss]:
        """Of a place and of all below it. `value` is None where the example has none."""
        members = list(self._members(place, said))
        yield from _of_other_types(pointer, members, put)
        for at, member in _meant(members, value):
            for keyword, wrongs in BEYOND.items():
                for wrong in wrongs(member[keyword], value) if keyword in member else ():
                    yield _miss(pointer, wrong, put, f"{at}/{keyword}")
            if isinstance(value, dict):
                yield from self._in_object(pointer, at, member, value, put)
            elif isinstance(value, list) and "items" in member:
                for index, item in enumerate(value):
                    there = partial(_with_item, value, index, put)
                    yield from self.at(f"{pointer}/{index}", f"{at}/items", member["items"], item, there)

    def _in_object(
        self, pointer: str, place: str, said: dict[str, Any], value: dict[str, Any], put: Put
    ) -> Iterator[NearMiss]:
        for name in said.get("required", ()):
            without = {key: each for key, each in value.items() if key != name}
            rule = frozenset({f"{place}/required/{name}"})
            yield NearMiss(f"{pointer}/{name}", "nothing", put(without), rule)
        for name, each in said.get("properties", {}).items():
            there = partial(_with_property, value, name, put)
            yield from self.at(
                f"{pointer}/{name}", f"{place}/properties/{name}", each, value.get(name), there
            )
        if said.get("additionalProperties") is False:
            there = partial(_with_property, value, "unknown", put)
            yield _miss(f"{pointer}/unknown", 1, there, f"{place}/additionalProperties")

    def _members(self, place: str, said: dict[str, Any]) -> Iterator[Member]:
        """The alternatives of a place, references followed."""
        if "$ref" in said:
            name = said["$ref"].rpartition("/")[2]
            place, said = f"#/$defs/{name}", self._definitions[name]
        keyword = next((each for each in ("anyOf", "oneOf") if each in said), None)
        if keyword is None:
            yield place, said
        else:
            for index, each in enumerate(said[keyword]):
                yield from self._members(f"{place}/{keyword}/{index}", each)


def _miss(pointer: str, wrong: Any, put: Put, *forbidding: str) -> NearMiss:
    return NearMiss(pointer, json.dumps(wrong), put(wrong), frozenset(forbidding))


def _with_property(value: dict[str, Any], name: str, put: Put, wrong: Any) -> Any:
    return put({**value, name: wrong})


def _with_item(value: list[Any], index: int, put: Put, wrong: Any) -> Any:
    return put([*value[:index], wrong, *value[index + 1 :]])


def _of_other_types(pointer: str, members: list[Member], put: Put) -> Iterator[NearMiss]:
    said = [member.get("type") for _, member in members]
    types = {name for each in said for name in (each if isinstance(each, list) else [each])}
    taken = types | {"integer"} if "number" in types else types
    for name, wrong in OF_TYPE.items() if None not in types else ():
        if name not in taken:
            yield _miss(pointer, wrong, put, *(f"{place}/type" for place, _ in members))


def _meant(members: list[Member], value: Any) -> list[Member]:
    """The alternative that a value is of, by its tag where there are several; none where nothing tells."""
    found = [(place, member) for place, member in members if member.get("type") != "null"]
    if len(found) > 1:
        found = [(place, member) for place, member in found if _is_tagged(member, value)]
    return found if len(found) == 1 else []


def _is_tagged(member: dict[str, Any], value: Any) -> bool:
    tags = {name: said["const"] for name, said in member.get("properties", {}).items() if "const" in said}
    return bool(tags) and isinstance(value, dict) and tags.items() <= value.items()


def _unlike(pattern: str, value: str) -> Iterator[str]:
    """A line break at the end, which Python's `$` takes and no schema does, and what Python's finds wrong."""
    yield f"{value}\n"
    for wrong in ("", f"{value}!", f" {value}"):
        if not re.search(pattern, wrong):
            yield wrong
