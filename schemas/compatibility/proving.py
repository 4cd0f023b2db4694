"""Whether a reader accepts everything that a writer may write: proved, or else not said.

A reader is a conjunction of schemas; each keyword of it is a fact that must hold of every case in which a
value satisfies the writer's. What cannot be shown counts as not holding: so "accepts" is never wrong, and
"does not accept" now and then is. Recursive schemas are proved as they recur: by induction over the value,
what is being proved may be taken as given for a part of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

from schemas.compatibility.cases import cases_of
from schemas.compatibility.document import Node, said, valid
from schemas.compatibility.meaning import same
from schemas.compatibility.shape import Nodes, Shape
from schemas.compatibility.vocabulary import Policy

STEPS_LIMIT = 100_000  # of one comparison; a schema that takes more is not proved
# Where one of these counts or judges what is filled in, a default is no help: nothing is filled in then.
SPOILED = (
    "maxProperties", "dependentRequired", "dependentSchemas", "propertyNames", "anyOf", "oneOf", "not", "if",
)  # fmt: skip
DEPTH_LIMIT = 48  # of members in members; each takes some frames of Python's stack


@dataclass(frozen=True, slots=True)
class Reading:
    """How a reader reads: whether it fills in defaults at all, and of which names it does so here."""

    fills: bool
    filled: frozenset[str] = frozenset()


Rule = Callable[["Prover", Node, Shape, Reading], bool]


class Prover:
    """Proofs about two documents, under one policy. Not for several threads."""

    def __init__(self, policy: Policy, until: float = math.inf) -> None:
        """A new one for each comparison; `until`: by the clock `monotonic`, when it is given up."""
        self._until = until
        self.lenient = policy is Policy.LENIENT
        self.steps = 0
        self.level = 0
        self._shapes: dict[tuple[Nodes, bool], Shape] = {}
        self._cases: dict[Any, list[Shape]] = {}
        self._known: dict[Any, bool] = {}
        self._proved: list[Any] = []  # in the order of proof, to be taken back when an assumption fails
        self._open: dict[Any, int] = {}
        self._circles = 0  # how often a proof came back to itself: what failed then may yet be provable
        self._emptying: set[Any] = set()
        self._filled: set[Any] = set()  # cases of which it is known that they cannot be shown to be empty

    @property
    def exhausted(self) -> bool:
        """Whether no more is tried: what is not proved by now will not be."""
        return self.steps > STEPS_LIMIT or self.late

    @property
    def late(self) -> bool:
        """Whether its time is over."""
        return monotonic() > self._until

    def shape(self, nodes: Nodes, *, writer: bool = False) -> Shape:
        """The shape of a conjunction; a writer's is read by the policy."""
        key = (nodes, writer and self.lenient)
        if key not in self._shapes:
            self._shapes[key] = Shape(nodes, lenient=key[1])
        return self._shapes[key]

    def cases(self, written: Shape) -> list[Shape]:
        """The ways in which a value may satisfy the alternatives of a shape."""
        if written.key not in self._cases:
            if self.late:
                return [written]  # undecided
            self._cases[written.key] = cases_of(written)
        return self._cases[written.key]

    @contextmanager
    def inside(self) -> Iterator[None]:
        """One level further into the value: what is proved outside may be assumed here."""
        self.level += 1
        try:
            yield
        finally:
            self.level -= 1

    def accepts(self, reader: Nodes, writer: Nodes, *, fills: bool) -> bool:
        """Whether every value of the writer's satisfies the reader's schemas.

        `fills`: the reader puts in the defaults of required properties that are missing.
        """
        if reader == writer:
            return True
        return self.accepts_all(reader, self.shape(writer, writer=True), fills=fills)

    def strictly_accepts(self, reader: Nodes, writer: Nodes) -> bool:
        """The same of a part, whatever the policy: what a reader accepts is not what anybody wrote."""
        lenient, self.lenient = self.lenient, False
        try:
            return self.accepts_inside(reader, writer, fills=False)
        finally:
            self.lenient = lenient

    def accepts_inside(self, reader: Nodes, writer: Nodes, *, fills: bool) -> bool:
        """The same, of a part of the value at hand."""
        with self.inside():
            return self.accepts(reader, writer, fills=fills)

    def accepts_all(self, reader: Nodes, written: Shape, *, fills: bool) -> bool:
        """The same, of a shape."""
        return all(self.reads(reader, case, fills=fills) for case in self.cases(written))

    def reads(self, reader: Nodes, case: Shape, *, fills: bool) -> bool:
        """Whether every value of one case satisfies the reader's schemas."""
        key = (frozenset(reader), case.key, fills)
        known = self._known.get(key)
        if known is not None:
            return known
        if key in self._open:
            given = self.level > self._open[key]  # for a part of the value; of itself it would prove nothing
            self._circles += not given
            return given
        self.steps += 1
        if self.exhausted or self.level > DEPTH_LIMIT:
            self._circles += 1
            return False
        mark, circles = len(self._proved), self._circles
        self._open[key] = self.level
        proved = self._reads(reader, case, fills=fills)
        del self._open[key]
        if proved:
            self._known[key] = True
            self._proved.append(key)
        else:
            for each in self._proved[mark:]:
                del self._known[each]
            del self._proved[mark:]
            if circles == self._circles:
                self._known[key] = False
        return proved

    def _reads(self, reader: Nodes, case: Shape, *, fills: bool) -> bool:
        if case.values is not None:
            return all(valid(reader, value) for value in case.values)
        if self.impossible(case):
            return True
        reading = self.reading(reader, fills=fills)
        return all(self.reads_atom(atom, case, reading) for atom in self.shape(reader).atoms)

    def reading(self, reader: Nodes, *, fills: bool) -> Reading:
        """Which required names a reader fills in: those whose default it accepts itself."""
        read = self.shape(reader)
        if not fills or any(atom.has(keyword) for atom in read.atoms for keyword in SPOILED):
            return Reading(fills=False)
        # Further in, only where one schema alone speaks of each part: what it fills in is judged by no other.
        alone = (
            len(read.members) <= 1 and len(read.elements) <= 1 and not any(m.patterns for m in read.members)
        )
        return Reading(alone, frozenset(name for name in read.required if self._has_default(read, name)))

    def _has_default(self, read: Shape, name: str) -> bool:
        nodes = read.content(name)
        defaults = self.shape(nodes).numbers("default")
        return bool(defaults) and valid(nodes, defaults[0])

    def reads_atom(self, atom: Node, case: Shape, reading: Reading) -> bool:
        """Whether a case satisfies one schema, leaving aside what that refers to."""
        if atom.schema is False:
            return self.impossible(case)
        if any(same(atom, each) for each in case.atoms):
            return True
        return all(rule(self, atom, case, reading) for keyword, rule in RULES.items() if atom.has(keyword))

    def impossible(self, case: Shape) -> bool:
        """Whether no value satisfies a case, as far as can be shown."""
        if case.values is not None:
            return not case.values
        if case.contradicts_itself:
            return True
        if case.key in self._filled:
            return False
        self.steps += 1
        if case.key in self._emptying or self.level > DEPTH_LIMIT or self.exhausted:
            self._circles += 1
            return False
        circles = self._circles
        self._emptying.add(case.key)
        try:
            empty = self._excluded(case) or self._lacks(case)
        finally:
            self._emptying.discard(case.key)
        if not empty and circles == self._circles:
            self._filled.add(case.key)
        return empty

    def _excluded(self, case: Shape) -> bool:
        """Whether it is all something that it must not be."""
        nots = [*case.nots, *(atom.child("not") for atom, _ in case.facts("not"))]
        return any(self.reads((each,), case, fills=False) for each in nots)

    def _lacks(self, case: Shape) -> bool:
        """Whether something that must be there cannot be."""
        if case.kinds == {"object"}:
            return any(self.empty(case.content(name)) for name in case.required)
        if case.kinds == {"array"}:
            return any(
                self.empty(case.item(index)) for index in range(min(case.least("minItems"), DEPTH_LIMIT))
            )
        return False

    def empty(self, nodes: Nodes) -> bool:
        """Whether nothing satisfies all of these."""
        if not nodes:
            return False
        with self.inside():
            return all(self.impossible(case) for case in self.cases(self.shape(nodes, writer=True)))

    def apart(self, case: Shape, node: Node) -> bool:
        """Whether no value of a case satisfies a node."""
        both = case.narrowed(node, foreign=True)
        return all(self.impossible(each) for each in self.cases(both))

    def split(self, case: Shape) -> list[Shape]:
        """A case by the kinds of its values; empty when it has but one."""
        kinds = sorted(case.kinds)
        if len(kinds) < 2:
            return []
        numbers = {"integer", "fraction"}
        parts = [kind for kind in kinds if kind not in numbers]
        if numbers & case.kinds:
            parts.append("number" if "fraction" in case.kinds else "integer")
        if len(parts) < 2:
            return []
        return [case.narrowed(said(f'{{"type": "{part}"}}'), foreign=True) for part in parts]


RULES: dict[str, Rule] = {}


def rule(*keywords: str) -> Callable[[Rule], Rule]:
    """Register what must be shown for a keyword of the reader's."""

    def register(function: Rule) -> Rule:
        for keyword in keywords:
            RULES[keyword] = function
        return function

    return register
