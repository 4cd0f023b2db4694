"""The ends of a range of numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from schemas.compatibility.document import Node


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of a range; `open`: it is not reached."""

    value: Fraction
    open: bool


def lower_end(nodes: Iterable[Node], *, whole: bool) -> Bound | None:
    """The least number that all nodes allow, or what all numbers are above; `whole`: among whole ones."""
    ends = list(_ends(nodes, "minimum", "exclusiveMinimum"))
    if not ends:
        return None
    end = max(ends, key=lambda each: (each.value, each.open))
    if not whole:
        return end
    return Bound(Fraction(math.floor(end.value) + 1 if end.open else math.ceil(end.value)), open=False)


def upper_end(nodes: Iterable[Node], *, whole: bool) -> Bound | None:
    """The greatest number that all nodes allow, or what all numbers are below."""
    ends = list(_ends(nodes, "maximum", "exclusiveMaximum"))
    if not ends:
        return None
    end = min(ends, key=lambda each: (each.value, not each.open))
    if not whole:
        return end
    return Bound(Fraction(math.ceil(end.value) - 1 if end.open else math.floor(end.value)), open=False)


def _ends(nodes: Iterable[Node], closed: str, open_: str) -> Iterable[Bound]:
    for node in nodes:
        if node.has(closed):
            yield Bound(Fraction(str(node.get(closed))), open=False)
        if node.has(open_):
            yield Bound(Fraction(str(node.get(open_))), open=True)
