"""Names what differs in arrays: the places of tuples, and what must be contained."""

from __future__ import annotations

from schemas.compatibility.comparing import NOBODY, Comparison, Pair, Sides, place, step
from schemas.compatibility.meaning import same
from schemas.compatibility.shape import Nodes
from schemas.compatibility.vocabulary import Breaks


@step
def tuples(comparison: Comparison, pair: Pair) -> Sides:
    """ITEM_ADDED_TO_… and ITEM_REMOVED_FROM_… a content model, and what differs in items that stay."""
    explained = NOBODY
    lengths = [
        max((len(each.prefix) for each in shape.elements), default=0)
        for shape in (pair.new_shape, pair.old_shape)
    ]
    broken = comparison.broken(pair, "prefixItems", "items")
    for index in range(max(lengths)):
        new, old = pair.new_shape.item(index), pair.old_shape.item(index)
        if index < min(lengths):
            explained |= comparison.compare(new, old, broken)
            continue
        added = index < lengths[0]
        kind = _tuple_change(comparison, new, old, added=added)
        here = frozenset(side for side in broken if not _takes_item(comparison, pair, index, side))
        explained |= comparison.name(kind, (new if added else old)[0].pointer, here)
    return explained


def _takes_item(comparison: Comparison, pair: Pair, index: int, side: Breaks) -> bool:
    reader, writer = pair.sides(side)
    content = comparison.prover.shape(reader).item(index)
    return all(
        comparison.prover.accepts_inside(content, case.item(index), fills=True)
        for case in comparison.unread(reader, writer)
    )


def _tuple_change(comparison: Comparison, new: Nodes, old: Nodes, *, added: bool) -> str:
    inside, outside = (new, old) if added else (old, new)
    change, model = ("ADDED", "TO") if added else ("REMOVED", "FROM")
    if not outside:
        empty = added and all(node.schema in (True, {}) for node in inside)
        return f"ITEM_{'WITH_EMPTY_SCHEMA_' if empty else ''}{change}_{model}_OPEN_CONTENT_MODEL"
    if not comparison.prover.empty(outside):
        covers = comparison.prover.accepts_inside(new, old, fills=True)
        return f"ITEM_{change}_{'IS' if covers else 'NOT'}_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL"
    false = not added and any(node.schema is False for node in inside)
    return f"ITEM_{'WITH_FALSE_' if false else ''}{change}_{model}_CLOSED_CONTENT_MODEL"


@step
def contained(comparison: Comparison, pair: Pair) -> Sides:
    """CONTAINS_ADDED, _REMOVED, _CHANGED, and MIN_CONTAINS_… and MAX_CONTAINS_…."""
    new = [node for node, _ in pair.new_shape.facts("contains")]
    old = [node for node, _ in pair.old_shape.facts("contains")]
    if not new and not old:
        return NOBODY
    broken = comparison.broken(pair, "contains")
    if not new or not old:
        pointer = place((new or old)[0], "contains")
        return comparison.name(f"CONTAINS_{'ADDED' if new else 'REMOVED'}", pointer, broken)
    now, before = new[0], old[0]
    explained = NOBODY
    if not same(now.child("contains"), before.child("contains")):
        explained |= comparison.name("CONTAINS_CHANGED", place(now, "contains"), broken)
    for keyword, missing in (("minContains", 1), ("maxContains", None)):
        ends = (now.get(keyword, missing), before.get(keyword, missing))
        if ends[0] != ends[1]:
            change = (
                "ADDED"
                if ends[1] is None
                else "REMOVED"
                if ends[0] is None
                else "INCREASED"
                if ends[0] > ends[1]
                else "DECREASED"
            )
            node = now if now.has(keyword) else before
            prefix = "MIN_CONTAINS" if missing else "MAX_CONTAINS"
            explained |= comparison.name(f"{prefix}_{change}", place(node, keyword), broken)
    return explained
