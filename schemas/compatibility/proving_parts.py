"""What must be shown of objects and arrays: what they hold, and how much of it."""

from __future__ import annotations

import json

from schemas.compatibility.around import evaluated
from schemas.compatibility.document import A_STRING, Node, matches, said, valid
from schemas.compatibility.members import Members
from schemas.compatibility.proving import Prover, Reading, rule
from schemas.compatibility.shape import Nodes, Shape


def _named(case: Shape) -> frozenset[str]:
    """The names that the writer says something of."""
    finite = case.all_names()
    if finite is not None:
        return finite
    return frozenset(name for members in case.members for name in members.properties) | case.required


def _content(prover: Prover, node: Node, case: Shape, name: str, reading: Reading) -> bool:
    return prover.accepts_inside((node,), case.content(name), fills=reading.fills)


def _others(prover: Prover, node: Node, ways: list[Nodes], case: Shape, reading: Reading) -> bool:
    """Whether a reader's schema accepts whatever may stand under a name that nobody declares.

    Where several schemas may speak of one name, together they may declare more than each: then none of
    them alone says what a lenient writer leaves out.
    """
    if len(case.members) > 1 or any(len(members.patterns) > 1 for members in case.members):
        return any(all(prover.strictly_accepts((node,), (way,)) for way in each) for each in ways)
    return any(
        all(prover.accepts_inside((node,), (way,), fills=reading.fills) for way in each) for each in ways
    )


@rule("properties")
def properties(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """Each declared property accepts what the writer writes under its name."""
    return "object" not in case.kinds or all(
        _content(prover, atom.child("properties", name), case, name, reading)
        for name in atom.get("properties")
    )


@rule("patternProperties")
def pattern_properties(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """Each pattern accepts what the writer writes under the names that match it."""
    if "object" not in case.kinds:
        return True
    names = _named(case) | frozenset(atom.get("properties", ()))
    for pattern in atom.get("patternProperties"):
        node = atom.child("patternProperties", pattern)
        matching = [name for name in sorted(names) if matches(pattern).is_valid(name)]
        if not all(_content(prover, node, case, name, reading) for name in matching):
            return False
        if case.all_names() is None and not _others(
            prover, node, case.others(frozenset(), pattern), case, reading
        ):
            return False
    return True


@rule("additionalProperties")
def additional_properties(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """What is not declared accepts what the writer writes there."""
    return _additional(prover, atom, case, reading)


@rule("unevaluatedProperties")
def unevaluated_properties(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """The same, where what was evaluated does not depend on the value; otherwise nothing is shown."""
    if "object" not in case.kinds or atom.has("additionalProperties"):
        return True
    if atom.get("unevaluatedProperties") is True:
        return True
    return evaluated(atom) is not None and _additional(prover, atom, case, reading)


def _additional(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    members = Members.of(atom)
    if "object" not in case.kinds or members is None or members.additional is None:
        return True
    strangers = [n for n in sorted(_named(case)) if n not in members.properties and not members.patterned(n)]
    if not all(_content(prover, members.additional, case, name, reading) for name in strangers):
        return False
    if case.all_names() is not None:
        return True
    return _others(prover, members.additional, case.others(frozenset(members.patterns)), case, reading)


@rule("required")
def required(_: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """The writer always writes them, or the reader fills them in."""
    return "object" not in case.kinds or set(atom.get("required")) <= case.required | reading.filled


@rule("minProperties")
def min_properties(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer writes at least as many."""
    return "object" not in case.kinds or case.least("minProperties") >= atom.get("minProperties")


@rule("maxProperties")
def max_properties(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer writes at most as many."""
    most = case.most("maxProperties")
    return "object" not in case.kinds or (most is not None and most <= atom.get("maxProperties"))


@rule("propertyNames")
def property_names(prover: Prover, atom: Node, case: Shape, _: Reading) -> bool:
    """Every name that the writer may write is allowed."""
    if "object" not in case.kinds:
        return True
    node, finite = atom.child("propertyNames"), case.all_names()
    if finite is not None:
        return all(valid((node,), name) for name in finite if _may_hold(prover, case, name))
    known = [other.child("propertyNames") for other, _ in case.facts("propertyNames")]
    return prover.accepts_inside((node,), (A_STRING, *known), fills=False)


def _may_hold(prover: Prover, case: Shape, name: str) -> bool:
    return not prover.empty(case.content(name))


@rule("dependentRequired")
def dependent_required(prover: Prover, atom: Node, case: Shape, _: Reading) -> bool:
    """With each name that the writer may write, it writes those that depend on it."""
    if "object" not in case.kinds:
        return True
    for name, wanted in atom.get("dependentRequired").items():
        written = set(case.required)
        for _other, needed in case.facts("dependentRequired"):
            written |= set(needed.get(name, ()))
        if not set(wanted) <= written and _may_hold(prover, case, name):
            return False
    return True


@rule("dependentSchemas")
def dependent_schemas(prover: Prover, atom: Node, case: Shape, _: Reading) -> bool:
    """Where the writer writes the name, the whole satisfies what depends on it."""
    if "object" not in case.kinds:
        return True
    for name in atom.get("dependentSchemas"):
        present = said(json.dumps({"type": "object", "required": [name]}))
        if _may_hold(prover, case, name) and not prover.accepts_all(
            (atom.child("dependentSchemas", name),), case.narrowed(present, foreign=True), fills=False
        ):
            return False
    return True


def _reaches(case: Shape, index: int) -> bool:
    """Whether the writer's arrays may have an item at this index."""
    most = case.most("maxItems")
    return most is None or most > index


@rule("prefixItems")
def prefix_items(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """Each place of the tuple accepts what the writer writes there."""
    return "array" not in case.kinds or all(
        not _reaches(case, index)
        or prover.accepts_inside((atom.child("prefixItems", index),), case.item(index), fills=reading.fills)
        for index in range(len(atom.get("prefixItems")))
    )


@rule("items")
def items(prover: Prover, atom: Node, case: Shape, reading: Reading) -> bool:
    """All items after the tuple are accepted, wherever the writer's tuple ends."""
    if "array" not in case.kinds:
        return True
    start = len(atom.get("prefixItems", ()))
    end = max([start, *(len(each.prefix) for each in case.elements)])
    written = [case.item(index) for index in range(start, end) if _reaches(case, index)]
    if _reaches(case, end):
        written.append(case.item(None))
    return all(prover.accepts_inside((atom.child("items"),), each, fills=reading.fills) for each in written)


@rule("unevaluatedItems")
def unevaluated_items(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """Nothing is shown of it, unless the writer has no arrays, or `items` leaves it none."""
    return "array" not in case.kinds or atom.get("unevaluatedItems") is True or atom.has("items")


@rule("minItems")
def min_items(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's arrays are at least as long."""
    return "array" not in case.kinds or case.least("minItems") >= atom.get("minItems")


@rule("maxItems")
def max_items(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's arrays are at most as long."""
    most = case.most("maxItems")
    return "array" not in case.kinds or (most is not None and most <= atom.get("maxItems"))


@rule("uniqueItems")
def unique_items(_: Prover, atom: Node, case: Shape, __: Reading) -> bool:
    """The writer's items differ too, or there is at most one."""
    most = case.most("maxItems")
    return (
        "array" not in case.kinds
        or not atom.get("uniqueItems")
        or True in case.numbers("uniqueItems")
        or (most is not None and most <= 1)
    )


@rule("contains")
def contains(prover: Prover, atom: Node, case: Shape, _: Reading) -> bool:
    """The writer's arrays hold enough such items, and not too many."""
    if "array" not in case.kinds:
        return True
    return _enough(prover, atom, case) and _not_too_many(prover, atom, case)


def _enough(prover: Prover, atom: Node, case: Shape) -> bool:
    wanted, least = atom.child("contains"), int(atom.get("minContains", 1))
    if least == 0:
        return True
    for other, _ in case.facts("contains"):
        # Strictly: what is contained is written by what is said of items, which may declare more.
        if int(other.get("minContains", 1)) >= least and prover.strictly_accepts(
            (wanted,), (other.child("contains"),)
        ):
            return True
    places = range(max((len(each.prefix) for each in case.elements), default=0))
    written = [*(case.item(index) for index in places), case.item(None)]
    return case.least("minItems") >= least and all(
        prover.accepts_inside((wanted,), each, fills=False) for each in written
    )


def _not_too_many(prover: Prover, atom: Node, case: Shape) -> bool:
    if not atom.has("maxContains"):
        return True
    counted, limit, most = atom.child("contains"), int(atom.get("maxContains")), case.most("maxItems")
    if most is not None and most <= limit:
        return True
    return any(
        other.has("maxContains")
        and int(other.get("maxContains")) <= limit
        and prover.strictly_accepts((other.child("contains"),), (counted,))
        for other, _ in case.facts("contains")
    )
