"""Whether two schemas say the same, by what is written in them."""

from __future__ import annotations

from typing import Any

from schemas.compatibility.document import LIST, MAP, ONE, Node, mapped
from schemas.compatibility.values import json_key
from schemas.compatibility.vocabulary import Schema

# They say nothing of which values are valid.
WORDS = frozenset(
    [
        "$anchor",
        "$comment",
        "$id",
        "$schema",
        "$vocabulary",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "default",
        "deprecated",
        "description",
        "discriminator",
        "example",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    ]
)
DEFINITIONS = frozenset(("$defs", "definitions"))  # count where they are referred to


def same(one: Node, other: Node) -> bool:
    """Whether two nodes are written alike but for words, and so is all that they refer to."""
    if one is other:
        return True
    agreed: set[tuple[Node, Node]] = set()
    waiting = [(one, other)]
    while waiting:
        pair = waiting.pop()
        if pair in agreed or pair[0] is pair[1]:
            continue
        agreed.add(pair)
        if _digest(pair[0]) != _digest(pair[1]):
            return False
        waiting += zip(_referred(pair[0]), _referred(pair[1]), strict=True)
    return True


def _digest(node: Node) -> str:
    found = node.document.digests.get(node.pointer)
    if found is None:
        found = node.document.digests[node.pointer] = json_key(_bare(node.schema))
    return found


def _bare(schema: Any) -> Any:
    """Without words, and without where the references lead; what is no schema is taken as it stands."""
    if not isinstance(schema, dict):
        return schema
    bare = mapped({key: schema[key] for key in schema.keys() - WORDS - DEFINITIONS}, _bare)
    return bare | {"$ref": ""} if "$ref" in bare else bare


def _referred(node: Node) -> list[Node]:
    """Where the references in a node lead, in an order that depends on its keys alone."""
    found: list[Node] = []
    _collect(node, node.schema, found)
    return found


def _collect(node: Node, schema: Any, found: list[Node]) -> None:
    if not isinstance(schema, dict):
        return
    for key in sorted(schema.keys() - WORDS - DEFINITIONS):
        value = schema[key]
        if key == "$ref":
            found.append(node.document.resolve(value, node.pointer))
        elif key in ONE:
            _collect(node, value, found)
        elif key in LIST and isinstance(value, list):
            for item in value:
                _collect(node, item, found)
        elif key in MAP and isinstance(value, dict):
            for name in sorted(value):
                _collect(node, value[name], found)


def reworded(new: Schema, old: Schema) -> list[str]:
    """Which words differ between two schemas, at this very place."""
    if not (isinstance(new, dict) and isinstance(old, dict)):
        return []
    return [word for word in sorted(WORDS) if _differ(new, old, word)]


def _differ(new: dict[str, Any], old: dict[str, Any], word: str) -> bool:
    return (word in new) != (word in old) or json_key(new.get(word)) != json_key(old.get(word))
