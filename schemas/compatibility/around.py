"""What several schemas say of one value: those that must hold, and those that may."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from schemas.compatibility.document import Node, same_value


def flattened(node: Node) -> Iterator[Node]:
    """The node and all that it refers to or consists of, each of which must be satisfied."""
    waiting, seen = [node], {node}
    while waiting:
        each = waiting.pop(0)
        if each.schema is not True:
            yield each
        parts = [each.child("allOf", index) for index in range(len(each.get("allOf", ())))]
        target = each.target()
        for part in parts if target is None else [target, *parts]:
            if part not in seen:
                seen.add(part)
                waiting.append(part)


@dataclass(frozen=True, slots=True)
class Seen:
    """The names and patterns that `unevaluatedProperties` finds dealt with."""

    properties: frozenset[str]
    patterns: frozenset[str]


def evaluated(node: Node) -> Seen | None:
    """What stands beside `unevaluatedProperties`; None where that depends on the value, or everything is."""
    properties: set[str] = set()
    patterns: set[str] = set()
    for each in flattened(node):
        if any(each.has(keyword) for keyword in ("anyOf", "oneOf", "if", "dependentSchemas")):
            return None
        if each.has("additionalProperties") or (each is not node and each.has("unevaluatedProperties")):
            return None
        properties |= set(each.get("properties", ()))
        patterns |= set(each.get("patternProperties", ()))
    return Seen(frozenset(properties), frozenset(patterns))


def possible(nodes: tuple[Node, ...]) -> Seen | None:
    """The names and patterns that a value may have by these schemas and all that is in them; None: any."""
    around = dict.fromkeys(nodes)
    waiting = list(around)
    while waiting:
        new = dict.fromkeys(each for each in same_value(waiting.pop()) if each not in around)
        around |= new
        waiting += new
    if any(opens(each) for each in around):
        return None
    return Seen(
        frozenset(name for each in around for name in (*each.get("properties", ()), *listed(each))),
        frozenset(pattern for each in around for pattern in each.get("patternProperties", ())),
    )


def listed(node: Node) -> frozenset[str]:
    """The names that have to be there, always or beside another."""
    needed = node.get("dependentRequired", {}).values()
    return frozenset(node.get("required", ())).union(*needed)


def opens(node: Node) -> bool:
    """Whether it says that names which it does not declare may be there."""
    said = (node.get(keyword, False) for keyword in ("additionalProperties", "unevaluatedProperties"))
    return any(schema is not False for schema in said)
