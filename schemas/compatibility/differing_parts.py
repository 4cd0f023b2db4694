"""Names what differs in objects: properties, content models, names, dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.compatibility.comparing import NOBODY, Comparison, Pair, Sides, place, step
from schemas.compatibility.document import Node, escaped
from schemas.compatibility.shape import Nodes, Shape
from schemas.compatibility.vocabulary import Breaks

CONTENT = ("properties", "patternProperties", "additionalProperties", "unevaluatedProperties")


def _declared(shape: Shape) -> dict[str, Node]:
    return {name: node for members in shape.members for name, node in members.properties.items()}


@step
def properties(comparison: Comparison, pair: Pair) -> Sides:
    """Properties that are new or gone, by the content model; the others, each in itself."""
    new, old = _declared(pair.new_shape), _declared(pair.old_shape)
    explained = NOBODY
    broken = comparison.broken(pair, *CONTENT)
    for name in dict.fromkeys([*new, *old]):
        if name not in old:
            explained |= _added(comparison, pair, name, new[name], broken)
        elif name not in new:
            explained |= _removed(comparison, pair, name, old[name], broken)
        else:
            explained |= comparison.compare(pair.new_shape.stated(name), pair.old_shape.stated(name), broken)
    return explained


def _refused(comparison: Comparison, pair: Pair, name: str, sides: Sides) -> Sides:
    """Who refuses what the other side may write under a name."""
    return frozenset(side for side in sides if not _takes(comparison, pair, name, side))


def _takes(comparison: Comparison, pair: Pair, name: str, side: Breaks) -> bool:
    reader, writer = pair.sides(side)
    content = comparison.prover.shape(reader).content(name)
    return all(
        comparison.prover.accepts_inside(content, case.content(name), fills=True)
        for case in comparison.unread(reader, writer)
    )


def _added(comparison: Comparison, pair: Pair, name: str, node: Node, broken: Sides) -> Sides:
    before = pair.old_shape.content(name)
    refused = _refused(comparison, pair, name, broken)
    needed = _missing(comparison, pair, name)
    default = "_WITH_DEFAULT" if pair.new_shape.required and _filled(comparison, pair, name) else ""
    if not before and name not in pair.new_shape.required:
        empty = node.schema in (True, {})
        kind = "PROPERTY_WITH_EMPTY_SCHEMA_ADDED" if empty else "OPTIONAL_PROPERTY_ADDED"
        return comparison.name(f"{kind}_TO_OPEN_CONTENT_MODEL", node.pointer, refused | needed)
    if not before:
        kind = f"REQUIRED_PROPERTY{default}_ADDED_TO_OPEN_CONTENT_MODEL"
        return comparison.name(kind, node.pointer, refused | needed)
    explained = NOBODY
    if not comparison.prover.empty(before):
        covered = "NOT_COVERED" if Breaks.NEW_READER in refused else "IS_COVERED"
        kind = f"PROPERTY_ADDED_{covered}_BY_PARTIALLY_OPEN_CONTENT_MODEL"
        explained |= comparison.name(kind, node.pointer, refused | (needed - {Breaks.NEW_READER}))
        refused = NOBODY
    if name in pair.new_shape.required:
        kind = f"REQUIRED_PROPERTY{default}_ADDED_TO_UNOPEN_CONTENT_MODEL"
        return explained | comparison.name(kind, node.pointer, refused | needed)
    if explained or not comparison.prover.empty(before):
        return explained
    return comparison.name("OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL", node.pointer, refused | needed)


def _removed(comparison: Comparison, pair: Pair, name: str, node: Node, broken: Sides) -> Sides:
    now = pair.new_shape.content(name)
    refused = _refused(comparison, pair, name, broken) | _missing(comparison, pair, name)
    if not now:
        kind = "PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL"
    elif not comparison.prover.empty(now):
        covered = "NOT_COVERED" if Breaks.NEW_READER in refused else "IS_COVERED"
        kind = f"PROPERTY_REMOVED_{covered}_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    elif node.schema is False:
        kind = "PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL"
    else:
        kind = "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL"
    return comparison.name(kind, node.pointer, refused)


def _missing(comparison: Comparison, pair: Pair, name: str) -> Sides:
    """Who needs a property that the other side need not write."""
    return frozenset(side for side in pair.live if _misses(comparison, pair, name, side))


def _misses(comparison: Comparison, pair: Pair, name: str, side: Breaks) -> bool:
    reader, writer = pair.sides(side)
    if name not in comparison.prover.shape(reader).required:
        return False
    if name in comparison.prover.reading(reader, fills=True).filled:
        return False
    return any(
        "object" in case.kinds and name not in case.required for case in comparison.unread(reader, writer)
    )


def _filled(comparison: Comparison, pair: Pair, name: str) -> bool:
    return name in comparison.prover.reading(pair.new, fills=True).filled


@step
def required(comparison: Comparison, pair: Pair) -> Sides:
    """REQUIRED_ATTRIBUTE_ADDED, _WITH_DEFAULT_ADDED, _REMOVED: where both declare it, or neither."""
    new, old = _declared(pair.new_shape), _declared(pair.old_shape)
    explained = NOBODY
    for name in sorted(pair.new_shape.stated_required ^ pair.old_shape.stated_required):
        if (name in new) != (name in old):
            continue
        added = name in pair.new_shape.stated_required
        kind = "REQUIRED_ATTRIBUTE_REMOVED"
        if added:
            default = "_WITH_DEFAULT" if _filled(comparison, pair, name) else ""
            kind = f"REQUIRED_ATTRIBUTE{default}_ADDED"
        shape = pair.new_shape if added else pair.old_shape
        pointer = new[name].pointer if name in new else _listing(shape, name)
        explained |= comparison.name(kind, pointer, _missing(comparison, pair, name))
    return explained


def _listing(shape: Shape, name: str) -> str:
    node, names = next(fact for fact in shape.facts("required") if name in fact[1])
    return f"{place(node, 'required')}/{names.index(name)}"


@step
def open_models(comparison: Comparison, pair: Pair) -> Sides:
    """ADDITIONAL_PROPERTIES_…, UNEVALUATED_…, ADDITIONAL_ITEMS_…, SCHEMA_…: what is not declared."""
    explained = NOBODY
    for keyword in ("additionalProperties", "unevaluatedProperties", "unevaluatedItems", "items"):
        new = [node.child(keyword) for node, _ in pair.new_shape.facts(keyword)]
        old = [node.child(keyword) for node, _ in pair.old_shape.facts(keyword)]
        if not new and not old:
            continue
        broken = comparison.broken(pair, keyword)
        kinds = [_openness(each) for each in (new, old)]
        if kinds == ["schema", "schema"]:
            explained |= comparison.compare(tuple(new), tuple(old), broken)
        elif kinds[0] != kinds[1]:
            pointer = (new or old)[0].pointer
            explained |= comparison.name(_opening(pair, keyword, *kinds), pointer, broken)
    return explained


def _openness(nodes: list[Node]) -> str:
    if all(node.schema in (True, {}) for node in nodes):
        return "open"
    return "closed" if any(node.schema is False for node in nodes) else "schema"


def _opening(pair: Pair, keyword: str, new: str, old: str) -> str:
    prefix = {
        "additionalProperties": "ADDITIONAL_PROPERTIES",
        "unevaluatedProperties": "UNEVALUATED_PROPERTIES",
        "unevaluatedItems": "UNEVALUATED_ITEMS",
        "items": "ADDITIONAL_ITEMS",
    }[keyword]
    tuples = any(each.prefix for shape in (pair.new_shape, pair.old_shape) for each in shape.elements)
    if keyword == "items" and not tuples and "closed" not in (new, old):
        return "SCHEMA_ADDED" if old == "open" else "SCHEMA_REMOVED"
    if "closed" in (new, old):
        return f"{prefix}_{'REMOVED' if new == 'closed' else 'ADDED'}"
    return f"{prefix}_{'EXTENDED' if new == 'open' else 'NARROWED'}"


@step
def maps(comparison: Comparison, pair: Pair) -> Sides:
    """PATTERN_PROPERTY_…, DEPENDENCY_SCHEMA_…: ADDED and REMOVED, and what differs in those that stay."""
    explained = NOBODY
    for keyword, prefix in (
        ("patternProperties", "PATTERN_PROPERTY"),
        ("dependentSchemas", "DEPENDENCY_SCHEMA"),
    ):
        new, old = dict(_entries(pair.new_shape, keyword)), dict(_entries(pair.old_shape, keyword))
        broken = comparison.broken(pair, keyword)
        for name in dict.fromkeys([*new, *old]):
            if name in new and name in old:
                explained |= comparison.compare(new[name], old[name], broken)
            else:
                change, there = ("ADDED", new) if name in new else ("REMOVED", old)
                here = broken
                if keyword == "patternProperties":
                    side = Breaks.OLD_READER if name in new else Breaks.NEW_READER
                    here = broken - {side} | _kept_out(comparison, pair, there[name], side)
                explained |= comparison.name(f"{prefix}_{change}", there[name][0].pointer, here)
    return explained


def _kept_out(comparison: Comparison, pair: Pair, nodes: Nodes, side: Breaks) -> Sides:
    """Whether the side that does not know a pattern refuses what may stand under such names."""
    reader = comparison.prover.shape(pair.sides(side)[0])
    limits = [members.additional for members in reader.members if members.additional is not None]
    refused = any(not comparison.prover.accepts_inside((each,), nodes, fills=True) for each in limits)
    return pair.live & {side} if refused else NOBODY


def _entries(shape: Shape, keyword: str) -> Iterator[tuple[str, Nodes]]:
    names = dict.fromkeys(name for value in shape.numbers(keyword) for name in value)
    for name in names:
        yield name, tuple(n.child(keyword, name) for n, value in shape.facts(keyword) if name in value)


@step
def dependencies(comparison: Comparison, pair: Pair) -> Sides:
    """DEPENDENCY_ARRAY_ADDED, _REMOVED, _EXTENDED, _NARROWED, _CHANGED."""
    new, old = _arrays(pair.new_shape), _arrays(pair.old_shape)
    explained = NOBODY
    broken = comparison.broken(pair, "dependentRequired")
    for name in dict.fromkeys([*new, *old]):
        now, before = new.get(name), old.get(name)
        if now is not None and before is not None and now[1] == before[1]:
            continue
        if now is None or before is None:
            change = "ADDED" if now else "REMOVED"
        else:
            change = "EXTENDED" if now[1] > before[1] else "NARROWED" if now[1] < before[1] else "CHANGED"
        pointer = (now or before or ("", frozenset()))[0]
        explained |= comparison.name(f"DEPENDENCY_ARRAY_{change}", pointer, broken)
    return explained


def _arrays(shape: Shape) -> dict[str, tuple[str, frozenset[str]]]:
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for node, needed in shape.facts("dependentRequired"):
        for name, names in needed.items():
            pointer, before = found.get(
                name, (f"{place(node, 'dependentRequired')}/{escaped(name)}", frozenset())
            )
            found[name] = (pointer, before | frozenset(names))
    return found


@step
def names(comparison: Comparison, pair: Pair) -> Sides:
    """PROPERTY_NAMES_ADDED, _REMOVED, and what differs in it."""
    new, old = (
        tuple(n.child("propertyNames") for n, _ in shape.facts("propertyNames"))
        for shape in (pair.new_shape, pair.old_shape)
    )
    if new and old:
        return comparison.compare(new, old, comparison.broken(pair, "propertyNames"))
    if not new and not old:
        return NOBODY
    change = "ADDED" if new else "REMOVED"
    broken = comparison.broken(pair, "propertyNames")
    return comparison.name(f"PROPERTY_NAMES_{change}", (new or old)[0].pointer, broken)
