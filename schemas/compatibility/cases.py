"""The ways in which a value may satisfy a schema with alternatives, each without any."""

from __future__ import annotations

import json
from collections.abc import Iterator

from schemas.compatibility.document import Node, said
from schemas.compatibility.shape import CASES_LIMIT, Shape

DEPENDENCIES_LIMIT = 4  # each is there or not: ways double


def cases_of(written: Shape) -> list[Shape]:
    """Every value of the shape is in one of these. Alternatives beyond the limit are left undecided."""
    cases: list[Shape] = []
    waiting = [written]
    while waiting:
        each = waiting.pop()
        ahead = next((found for found in each.undecided if _few(*found)), None)
        if ahead is None or len(cases) + len(waiting) >= CASES_LIMIT:
            cases.append(each)
        else:
            waiting += reversed(list(_decided(each, *ahead)))
    return cases


def _few(atom: Node, keyword: str) -> bool:
    """Whether it has few enough ways to be looked at one by one; what is left undecided is not known of."""
    if keyword == "if":
        return True
    return len(atom.get(keyword)) <= (DEPENDENCIES_LIMIT if keyword == "dependentSchemas" else CASES_LIMIT)


def _decided(each: Shape, atom: Node, keyword: str) -> Iterator[Shape]:
    """The same, with one of its alternatives decided in each possible way."""
    done = (atom, keyword)
    if keyword in ("anyOf", "oneOf"):
        branches = [atom.child(keyword, index) for index in range(len(atom.get(keyword)))]
        for branch in branches:
            others = tuple(other for other in branches if other is not branch)
            if keyword == "oneOf":
                yield each.narrowed(branch, resolved=done, nots=others)
            else:
                yield each.narrowed(branch, resolved=done, beside=_beside(each, branch, others))
    elif keyword == "if":
        condition = atom.child("if")
        then = [atom.child("then")] if atom.has("then") else []
        # The condition judges what was written: it closes nothing, though the names in it may be there.
        met = each.narrowed(condition, foreign=True)
        yield met.narrowed(*then, resolved=done, beside=() if atom.foreign else (condition,))
        otherwise = [atom.child("else")] if atom.has("else") else []
        yield each.narrowed(*otherwise, resolved=done, nots=(condition,))
    else:
        yield from _depending(each, atom)


def _beside(each: Shape, branch: Node, others: tuple[Node, ...]) -> tuple[Node, ...]:
    """The alternatives that a value may satisfy together with this one: it may have their names, then.

    Those that a name which must be there tells apart are none.
    """
    if not each.lenient or branch.foreign:
        return ()
    both = {other: Shape((*each.atoms, branch, other)) for other in others}
    return tuple(
        other
        for other, shape in both.items()
        if not shape.contradicts_itself
        and not any(Shape(shape.stated(name)).contradicts_itself for name in shape.required)
    )


def _depending(each: Shape, atom: Node) -> Iterator[Shape]:
    """Each property that others depend on is there, or it is not; only objects have any."""
    cases = [each.narrowed(resolved=(atom, "dependentSchemas"))]
    for name in atom.get("dependentSchemas"):
        absent = said(json.dumps({"properties": {name: False}}))
        present = said(json.dumps({"type": "object", "required": [name]}))
        cases = [
            way
            for case in cases
            for way in (
                case.narrowed(absent, foreign=True),
                case.narrowed(atom.child("dependentSchemas", name)).narrowed(present, foreign=True),
            )
        ]
    yield from cases
