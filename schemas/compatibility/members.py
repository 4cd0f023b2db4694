"""What one schema says of an object's properties and of an array's items."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from schemas.compatibility.around import evaluated
from schemas.compatibility.document import EVERYTHING, KEPT, Node, matches

MEMBERS = ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties")


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """`properties`, `patternProperties` and `additionalProperties` of one schema, which work together."""

    node: Node
    properties: dict[str, Node]
    patterns: dict[str, Node]
    additional: Node | None

    @staticmethod
    @lru_cache(maxsize=KEPT)
    def of(node: Node) -> Members | None:
        """Of a schema; None when it says nothing of them.

        `unevaluatedProperties` counts as `additionalProperties` where it sees no properties but its own; what
        it sees through others is added up by `evaluated`.
        """
        if not any(node.has(keyword) for keyword in MEMBERS):
            return None
        properties = {name: node.child("properties", name) for name in node.get("properties", ())}
        patterns = {
            pattern: node.child("patternProperties", pattern) for pattern in node.get("patternProperties", ())
        }
        additional = node.child("additionalProperties") if node.has("additionalProperties") else None
        if additional is None and node.has("unevaluatedProperties"):
            seen = evaluated(node)
            if seen is not None:
                properties = dict.fromkeys(seen.properties, EVERYTHING) | properties
                patterns = dict.fromkeys(seen.patterns, EVERYTHING) | patterns
                additional = node.child("unevaluatedProperties")
        return Members(node, properties, patterns, additional)

    @property
    def declares(self) -> bool:
        """Whether it names anything, so that what it does not name stands out."""
        return self.node.has("properties") or self.node.has("patternProperties")

    def patterned(self, name: str) -> list[Node]:
        """What the patterns say of a name."""
        return [node for pattern, node in self.patterns.items() if matches(pattern).is_valid(name)]

    def content(self, name: str) -> list[Node]:
        """What the value under this name has to satisfy."""
        found = [self.properties[name]] if name in self.properties else []
        found += self.patterned(name)
        if not found and self.additional is not None:
            found = [self.additional]
        return found

    def only_names(self) -> frozenset[str] | None:
        """The names that are allowed, where they are listed."""
        if self.patterns or self.additional is None or self.additional.schema is not False:
            return None
        return frozenset(self.properties)

    def others(self, besides: frozenset[str], among: str | None) -> tuple[Node, ...]:
        """What the value under a name that is not among `properties` may be: one of these.

        `besides`: patterns that it does not match; `among`: one that it matches.
        """
        if among in self.patterns:
            return (self.patterns[among],)
        found = [node for pattern, node in self.patterns.items() if pattern not in besides]
        return (*found, self.additional if self.additional is not None else EVERYTHING)


@dataclass(frozen=True, slots=True, eq=False)
class Elements:
    """`prefixItems` and `items` of one schema, which work together."""

    node: Node
    prefix: tuple[Node, ...]
    rest: Node | None

    @staticmethod
    @lru_cache(maxsize=KEPT)
    def of(node: Node) -> Elements | None:
        """Of a schema; None when it says nothing of them."""
        if not (node.has("prefixItems") or node.has("items")):
            return None
        prefix = tuple(node.child("prefixItems", index) for index in range(len(node.get("prefixItems", ()))))
        return Elements(node, prefix, node.child("items") if node.has("items") else None)

    def content(self, index: int | None) -> list[Node]:
        """What the item at an index has to satisfy; None: any after the tuple."""
        if index is not None and index < len(self.prefix):
            return [self.prefix[index]]
        return [] if self.rest is None else [self.rest]
