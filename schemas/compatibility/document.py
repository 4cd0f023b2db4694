"""A schema with places in it: each subschema is a node with its JSON pointer; references lead to nodes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote, unquote

import jsonschema_rs

from schemas.compatibility.vocabulary import Schema, UnusableSchema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
PLAIN = "/~!$&'()*+,;=:@"  # in the fragment of a URI (RFC 3986); all else is percent-encoded
ADDRESS = "urn:easymo:compared"  # what a document is called while values are validated by a part of it

KEPT = 2048  # made things that are kept, so that a service that compares for ever does not grow

# Which keywords hold subschemas: one, a list of them, or a map of them.
ONE = frozenset(
    [
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
LIST = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
MAP = frozenset(["$defs", "definitions", "dependentSchemas", "patternProperties", "properties"])
# Those that judge the same value as the schema they stand in: a reference that comes back through them
# alone would never end.
SAME_VALUE = frozenset(["allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"])


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One subschema. The same place is the same object.

    `foreign`: it narrows what somebody else wrote, who does not declare anything by it.
    """

    document: Document
    pointer: str
    schema: Schema
    foreign: bool = False

    def abroad(self) -> Node:
        """The same place, as foreign."""
        return self.document.node(self.pointer, foreign=True)

    def get(self, keyword: str, default: Any = None) -> Any:
        """The value of a keyword."""
        return self.schema.get(keyword, default) if isinstance(self.schema, dict) else default

    def has(self, keyword: str) -> bool:
        """Whether it says anything by this keyword."""
        return isinstance(self.schema, dict) and keyword in self.schema

    def child(self, *tokens: str | int) -> Node:
        """The subschema at a place below this one."""
        below = "".join(f"/{escaped(str(token))}" for token in tokens)
        return self.document.node(self.pointer + below, foreign=self.foreign)

    def children(self, keywords: frozenset[str]) -> Iterator[Node]:
        """The subschemas directly below, by those of the keywords that are there."""
        if not isinstance(self.schema, dict):
            return
        for keyword in self.schema.keys() & keywords:
            value = self.schema[keyword]
            if keyword in ONE:
                yield self.child(keyword)
            elif keyword in LIST and isinstance(value, list):
                yield from (self.child(keyword, index) for index in range(len(value)))
            elif keyword in MAP and isinstance(value, dict):
                yield from (self.child(keyword, name) for name in value)

    def target(self) -> Node | None:
        """Where its `$ref` leads. Raises UnusableSchema."""
        reference = self.get("$ref")
        if reference is None:
            return None
        found = self.document.resolve(reference, self.pointer)
        return found.abroad() if self.foreign else found


class Document:
    """One schema with all that it refers to. Raises UnusableSchema for a reference that leads nowhere."""

    def __init__(self, schema: Schema) -> None:
        """The schema is not changed, and must not be while this is used."""
        self.schema = schema
        self._nodes: dict[tuple[str, bool], Node] = {}
        self._validators: dict[frozenset[str], jsonschema_rs.Validator] = {}
        self.anchors: dict[str, str] = {}
        self.digests: dict[str, str] = {}  # what is written at a place, for comparison (meaning.py)
        self.root = self.node("#")
        self._look_around()

    def node(self, pointer: str, *, foreign: bool = False) -> Node:
        """The node at a JSON pointer (`#/properties/amount`). Raises UnusableSchema when nothing is there."""
        found = self._nodes.get((pointer, foreign))
        if found is None:
            found = self._nodes[pointer, foreign] = Node(self, pointer, self._at(pointer), foreign)
        return found

    def _at(self, pointer: str) -> Schema:
        value: Any = self.schema
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            else:
                raise UnusableSchema(f"{pointer}: nothing is there.")
        if not isinstance(value, dict | bool):
            raise UnusableSchema(f"{pointer}: there stands no schema, which is an object, true or false.")
        return value

    def resolve(self, reference: str, place: str) -> Node:
        """The node that a `$ref` at a place means. Raises UnusableSchema; never fetches anything."""
        address, _, fragment = reference.partition("#")
        own = self.root.get("$id", "").rstrip("#")
        if address not in ("", own):
            raise UnusableSchema(
                f"{place}/$ref: {reference!r} leads out of this schema, and nothing is ever fetched. "
                "Copy what it means into $defs and refer to #/$defs/… ."
            )
        fragment = unquote(fragment)
        pointer = f"#{fragment}" if not fragment or fragment[0] == "/" else self.anchors.get(fragment)
        try:
            return self.node(pointer or f"#{fragment}/")
        except UnusableSchema:
            raise UnusableSchema(
                f"{place}/$ref: {reference!r} leads to nothing. Mend the reference, or add what it means."
            ) from None

    def _look_around(self) -> None:
        """Find the anchors; then see that every reference leads somewhere, and that none goes in circles."""
        nodes = list(self.everything())
        for node in nodes:
            if node is not self.root and node.has("$id"):
                raise UnusableSchema(
                    f"{node.pointer}/$id: a schema within a schema cannot have an $id of its own here. "
                    "Take it out and refer by #/$defs/… ."
                )
            for keyword in ("$dynamicRef", "$recursiveRef"):
                if node.has(keyword):
                    raise UnusableSchema(f"{node.pointer}/{keyword}: not understood. Write a plain $ref.")
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(keyword), str):
                    self.anchors[node.get(keyword)] = node.pointer
        known = set(nodes)
        for node in nodes:
            target = node.target()
            if target is not None and target not in known:
                raise UnusableSchema(
                    f"{node.pointer}/$ref: {node.get('$ref')!r} is where no schema is. Put it into $defs."
                )
        done: set[Node] = set()
        for node in nodes:
            self._end_of(node, done)

    def everything(self) -> Iterator[Node]:
        """Every node from the root down, without following references."""
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children(ONE | LIST | MAP)

    def _end_of(self, start: Node, done: set[Node]) -> None:
        """Follow what judges the same value, and refuse to come back to where one is."""
        path: list[tuple[Node, Iterator[Node]]] = [(start, same_value(start))]
        on_path = {start}
        if start in done:
            return
        while path:
            node, ahead = path[-1]
            following = next(ahead, None)
            if following is None:
                path.pop()
                on_path.discard(node)
                done.add(node)
            elif following in on_path:
                raise UnusableSchema(
                    f"{node.pointer}: from here the references go in a circle ({following.pointer}) and "
                    "never come to anything. Let one of them say what the value is."
                )
            elif following not in done:
                path.append((following, same_value(following)))
                on_path.add(following)

    def validator(self, pointers: frozenset[str]) -> jsonschema_rs.Validator:
        """Of values that must satisfy all of these places; formats are checked."""
        found = self._validators.get(pointers)
        if found is None:
            wanted = {
                "$schema": DIALECT,
                "allOf": [{"$ref": f"{ADDRESS}#{quote(pointer[1:], safe=PLAIN)}"} for pointer in pointers],
            }
            found = jsonschema_rs.validator_for(
                wanted, registry=self._registry, validate_formats=True, ignore_unknown_formats=True
            )
            self._validators[pointers] = found
        return found

    @cached_property
    def _registry(self) -> jsonschema_rs.Registry:
        schema = self.schema
        own = self.root.get("$id", "").rstrip("#")
        if isinstance(schema, dict):
            schema = _local({key: value for key, value in schema.items() if key != "$id"}, own)
        return jsonschema_rs.Registry([(ADDRESS, schema)])


def same_value(node: Node) -> Iterator[Node]:
    """What is said of the same value one step further on, by a reference or by a part."""
    target = node.target()
    if target is not None:
        yield target
    yield from node.children(SAME_VALUE)


def _local(schema: Any, own: str) -> Any:
    """A schema with references to its document's `$id` made plain, since it is called otherwise now."""
    if not own or not isinstance(schema, dict):
        return schema
    found = mapped(schema, lambda part: _local(part, own))
    if isinstance(schema.get("$ref"), str):
        found["$ref"] = schema["$ref"].removeprefix(own) or "#"
    return found


def mapped(schema: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A copy with each subschema directly below changed; what other keywords hold is no schema, and stays."""
    found = dict(schema)
    for keyword, value in schema.items():
        if keyword in ONE:
            found[keyword] = change(value)
        elif keyword in LIST and isinstance(value, list):
            found[keyword] = [change(item) for item in value]
        elif keyword in MAP and isinstance(value, dict):
            found[keyword] = {name: change(item) for name, item in value.items()}
    return found


def escaped(token: str) -> str:
    """A name as it stands in a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def valid(nodes: tuple[Node, ...], value: Any) -> bool:
    """Whether a value satisfies all of the nodes, formats included."""
    by_document: dict[Document, set[str]] = {}
    for node in nodes:
        if isinstance(node.schema, bool):
            if not node.schema:
                return False
        else:
            by_document.setdefault(node.document, set()).add(node.pointer)
    return all(
        document.validator(frozenset(pointers)).is_valid(value) for document, pointers in by_document.items()
    )


@lru_cache(maxsize=KEPT)
def said(text: str) -> Node:
    """A node that says just this (JSON text of a schema), for what is reasoned about and written nowhere."""
    return Document(json.loads(text)).root


@lru_cache(maxsize=KEPT)
def matches(pattern: str) -> jsonschema_rs.Validator:
    """Of names that match a regular expression, as the validator understands it. Raises UnusableSchema."""
    try:
        return jsonschema_rs.validator_for({"pattern": pattern})
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise UnusableSchema(f"The pattern {pattern!r} is no regular expression.") from error


EVERYTHING = said("true")
NOTHING = said("false")
A_STRING = said('{"type": "string"}')
