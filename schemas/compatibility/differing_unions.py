"""Names what differs in alternatives (`anyOf`, `oneOf`): which are new or gone, and what is in each."""

from __future__ import annotations

from itertools import zip_longest

from schemas.compatibility.comparing import NOBODY, Comparison, Pair, Sides, place, step
from schemas.compatibility.document import Node
from schemas.compatibility.meaning import same
from schemas.compatibility.shape import Nodes, Shape
from schemas.compatibility.vocabulary import Breaks

UNIONS = ("anyOf", "oneOf")
Union = tuple[Node, str]


@step
def unions(comparison: Comparison, pair: Pair) -> Sides:
    """SUM_TYPE_EXTENDED and _NARROWED for each alternative, COMBINED_TYPE_CHANGED for how they join."""
    explained = NOBODY
    for new, old in zip_longest(_unions(pair.new_shape), _unions(pair.old_shape)):
        if new and old and new[1] != old[1]:
            broken = comparison.broken(pair, *UNIONS)
            explained |= comparison.name(
                "COMBINED_TYPE_CHANGED", place(*new), broken, f"{new[1]}, was {old[1]}"
            )
        explained |= _branches(comparison, pair, new, old)
    found = [*_unions(pair.new_shape), *_unions(pair.old_shape)]
    rest = comparison.broken(pair, *UNIONS) - explained
    if rest:  # each alternative is read, but not by exactly one, or not all of it by one
        explained |= comparison.name("COMBINED_TYPE_SUBSCHEMAS_CHANGED", place(*found[0]), rest)
    return explained


def _unions(shape: Shape) -> list[Union]:
    return [(atom, keyword) for atom in shape.atoms for keyword in UNIONS if atom.has(keyword)]


def _choices(union: Union | None, whole: Nodes) -> list[Nodes]:
    """The alternatives; what has none is the only one itself."""
    if union is None:
        return [whole]
    node, keyword = union
    return [(node.child(keyword, index),) for index in range(len(node.get(keyword)))]


def _branches(comparison: Comparison, pair: Pair, new: Union | None, old: Union | None) -> Sides:
    now, before = _choices(new, pair.new), _choices(old, pair.old)
    explained = NOBODY
    partners = _partners(comparison, now, before)
    for one, other in partners:
        sides = frozenset(
            side
            for side in pair.live
            if not _accepted(
                comparison, pair, side, *((old, other) if side is Breaks.NEW_READER else (new, one))
            )
        )
        if one != pair.new or other != pair.old:
            explained |= comparison.compare(one, other, sides)
    for side, kind, union, choices, index in (
        (Breaks.OLD_READER, "SUM_TYPE_EXTENDED", new, now, 0),
        (Breaks.NEW_READER, "SUM_TYPE_NARROWED", old, before, 1),
    ):
        paired = [each[index] for each in partners]
        for choice in choices:
            if choice not in paired and union is not None:
                bad = side in pair.live and not _accepted(comparison, pair, side, union, choice)
                explained |= comparison.name(kind, choice[0].pointer, {side} if bad else NOBODY)
    return explained


def _accepted(comparison: Comparison, pair: Pair, side: Breaks, union: Union | None, choice: Nodes) -> bool:
    """Whether the reader accepts what the writer writes by this one alternative."""
    reader, writer = pair.sides(side)
    if union is None:
        return False
    shape = comparison.prover.shape(writer, writer=True).narrowed(*choice, resolved=union)
    return comparison.prover.accepts_all(reader, shape, fills=True)


def _partners(comparison: Comparison, now: list[Nodes], before: list[Nodes]) -> list[tuple[Nodes, Nodes]]:
    """Alternatives that are versions of each other: the likest first, each one once."""
    likeness = sorted(
        (
            (-_likeness(comparison, one, other), abs(i - j), i, j)
            for i, one in enumerate(now)
            for j, other in enumerate(before)
        ),
    )
    taken_now: set[int] = set()
    taken_before: set[int] = set()
    pairs = []
    for less, _, i, j in likeness:
        if less < 0 and i not in taken_now and j not in taken_before:
            taken_now.add(i)
            taken_before.add(j)
            pairs.append((now[i], before[j]))
    return pairs


def _likeness(comparison: Comparison, one: Nodes, other: Nodes) -> int:
    """0: nothing in common. Cheap things first: there may be many pairs."""
    if len(one) == len(other) == 1 and same(one[0], other[0]):
        return 4
    if one[0].get("$ref", one) == other[0].get("$ref", other):
        return 3
    prover = comparison.prover
    if prover.late:
        return 0
    new, old = prover.shape(one), prover.shape(other)
    kinds = [frozenset(k for case in prover.cases(each) for k in case.declared_kinds) for each in (new, old)]
    if not kinds[0] & kinds[1]:
        return 0
    if prover.accepts(one, other, fills=False) or prover.accepts(other, one, fills=False):
        return 2
    return 1
