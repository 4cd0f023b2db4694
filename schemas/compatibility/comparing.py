"""Two schemas side by side: walks both, names what differs, and asks the prover whom it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from schemas.compatibility.document import Node
from schemas.compatibility.meaning import reworded, same
from schemas.compatibility.proving import RULES, Prover
from schemas.compatibility.sentences import sentence
from schemas.compatibility.shape import Nodes, Shape
from schemas.compatibility.vocabulary import Breaks, Difference

Sides = frozenset[Breaks]
NOBODY: Sides = frozenset()
NOT_PROVED = "COMPATIBILITY_NOT_PROVED"
SILENT = frozenset(("$anchor", "$comment", "$id", "$schema", "$vocabulary"))  # no news when they change


@dataclass(frozen=True, slots=True)
class Pair:
    """One place in both schemas. `live`: who cannot read there all that the other side may write."""

    new: Nodes
    old: Nodes
    new_shape: Shape
    old_shape: Shape
    live: Sides

    def sides(self, side: Breaks) -> tuple[Nodes, Nodes]:
        """Reader and writer."""
        return (self.new, self.old) if side is Breaks.NEW_READER else (self.old, self.new)


class Comparison:
    """Walks two schemas side by side, names what differs, and asks the prover whom it breaks."""

    def __init__(self, prover: Prover) -> None:
        """A new one for each comparison."""
        self.prover = prover
        self._found: dict[tuple[str, str], tuple[Sides, str]] = {}
        self._seen: dict[tuple[Nodes, Nodes], tuple[Sides, Sides]] = {}

    def differences(self) -> list[Difference]:
        """What was found."""
        return [
            Difference(kind, pointer, breaks, sentence(kind, pointer, what, breaks))
            for (kind, pointer), (breaks, what) in self._found.items()
        ]

    def name(self, kind: str, pointer: str, breaks: Iterable[Breaks], what: str = "") -> Sides:
        """Take down a difference; one that was met before breaks whom it broke before, too."""
        before, _ = self._found.get((kind, pointer), (NOBODY, ""))
        broken = frozenset(breaks)
        self._found[kind, pointer] = (broken | before, what)
        return broken

    def compare_all(self, new: Node, old: Node) -> None:
        """Name what differs in two documents. Whom no difference breaks reads all of the other side's."""
        live = self.compare((new,), (old,), frozenset(Breaks))
        named = {side for breaks, _ in self._found.values() for side in breaks}
        if live - named:  # each place of a recursion pointed to the next
            what = "it takes too long" if self.prover.exhausted else ""
            self.name(NOT_PROVED, new.pointer, live - named, what)

    def compare(self, new: Nodes, old: Nodes, sides: Sides) -> Sides:
        """Name what differs here and below, as far as it may break `sides`. Returns whom it does break."""
        key = (new, old)
        looked_at, broken = self._seen.get(key, (None, NOBODY))
        if looked_at is not None and sides <= looked_at:
            return broken & sides
        pair = Pair(new, old, self.prover.shape(new), self.prover.shape(old), NOBODY)
        live = frozenset(side for side in sides if not self._accepts(pair, side))
        self._seen[key] = ((looked_at or NOBODY) | sides, broken | live)
        if self.prover.late:
            return live
        explained = self._walk(Pair(new, old, pair.new_shape, pair.old_shape, live))
        if live - explained and not self.prover.exhausted:  # then the whole is, once
            self.name(NOT_PROVED, self.pointer(new, old), live - explained)
        return live

    def _accepts(self, pair: Pair, side: Breaks) -> bool:
        reader, writer = pair.sides(side)
        return self.prover.accepts(reader, writer, fills=True)

    def _walk(self, pair: Pair) -> Sides:
        self._compare_words(pair)
        explained = NOBODY
        choosing = [shape.has_choices for shape in (pair.new_shape, pair.old_shape)]
        lone = choosing[0] != choosing[1] and (pair.new_shape.is_choice or pair.old_shape.is_choice)
        for each in STEPS:
            # A choice against something that is none is looked at as a choice from one.
            if not lone or each.__name__ == "unions":
                explained |= each(self, pair)
        return explained

    def _compare_words(self, pair: Pair) -> None:
        atoms = (pair.new_shape.atoms, pair.old_shape.atoms)
        for new, old in zip(*atoms, strict=False):
            for word in reworded(new.schema, old.schema):
                if word not in SILENT:
                    pointer = f"{(new if new.has(word) else old).pointer}/{word}"
                    self.name(f"{snake(word)}_CHANGED", pointer, NOBODY)

    def pointer(self, new: Nodes, old: Nodes) -> str:
        """Of the place, in the new schema if it is there."""
        return next((node.pointer for nodes in (new, old) for node in nodes), "#")

    def broken(self, pair: Pair, *keywords: str) -> Sides:
        """Who of those that may be broken is so by what these keywords say."""
        return frozenset(
            side for side in pair.live if any(self._fails(pair, side, keyword) for keyword in keywords)
        )

    def _fails(self, pair: Pair, side: Breaks, keyword: str) -> bool:
        reader, writer = pair.sides(side)
        atoms = [atom for atom in self.prover.shape(reader).atoms if atom.has(keyword)]
        if not atoms:
            return False
        reading = self.prover.reading(reader, fills=True)
        cases = self.unread(reader, writer)
        return any(
            not any(same(atom, each) for each in case.atoms)
            and not RULES[keyword](self.prover, atom, case, reading)
            for case in cases
            for atom in atoms
        )

    def unread(self, reader: Nodes, writer: Nodes) -> list[Shape]:
        """The cases of a writer's that the reader may refuse."""
        cases = self.prover.cases(self.prover.shape(writer, writer=True))
        return [case for case in cases if not self.prover.reads(reader, case, fills=True)]


Step = Callable[[Comparison, Pair], Sides]
STEPS: list[Step] = []


def step(function: Step) -> Step:
    """Register a part of the walk: it names differences of some keywords, and returns whom they break."""
    STEPS.append(function)
    return function


def place(node: Node, keyword: str) -> str:
    """The pointer of a keyword."""
    return f"{node.pointer}/{keyword}"


def snake(keyword: str) -> str:
    """`maxLength` as MAX_LENGTH."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in keyword).upper().lstrip("$_")
