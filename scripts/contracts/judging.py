"""The oracle of compatibility: values that a writer may write, held against what was said of the reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas.compatibility import Breaks, Policy, Schema, differences
from schemas.compatibility.document import Document, Node, valid
from schemas.compatibility.shape import Shape
from scripts.contracts.instances import Generator
from scripts.contracts.writing import written


@dataclass(frozen=True, slots=True)
class Judgement:
    """One reader against one writer: what was said, and what values showed.

    `refused`: a value that the writer may write and the reader refuses, or None where none was found.
    """

    name: str
    side: Breaks
    said_compatible: bool
    seeds: int
    values: int = 0
    refused: Any = None
    found: bool = False

    @property
    def contradicts(self) -> bool:
        """Whether a value shows that what was said is wrong."""
        return self.said_compatible and self.found


class Oracle:
    """Judges pairs of schemas; the writers' values are thought of once."""

    def __init__(self, *, seeds: int, values: int) -> None:
        """How many values hypothesis-jsonschema is asked for, and how many there shall be of each pair."""
        self.seeds = seeds
        self.values = values
        self._generators: dict[tuple[int, Policy], tuple[Schema, Generator]] = {}

    def judge(
        self, name: str, new: Schema, old: Schema, policy: Policy, examples: Sequence[Any] = ()
    ) -> list[Judgement]:
        """Both sides of a pair. `examples`: values to begin with, where they are allowed.

        Raises UnusableSchema.
        """
        broken = {side for difference in differences(new, old, policy) for side in difference.breaks}
        found = []
        for side, reader, writer in ((Breaks.NEW_READER, new, old), (Breaks.OLD_READER, old, new)):
            generator = self._generator(writer, policy)
            seeds = generator.seeds(self.seeds) if self.seeds else []
            known = [value for value in examples if generator.allows(value)]
            judgement = Judgement(name, side, side not in broken, len(seeds))
            found.append(
                self._held(judgement, reader, generator.spread([*seeds, *known], self.values, reader))
            )
        return found

    def _held(self, said: Judgement, reader: Schema, values: Iterable[Any]) -> Judgement:
        """The judgement, held against values until one shows that the reader is broken."""
        node, count = Document(reader).root, 0
        for value in values:
            count += 1
            if not reads(node, value):
                return replace(said, values=count, refused=value, found=True)
        return replace(said, values=count)

    def _generator(self, writer: Schema, policy: Policy) -> Generator:
        key = (id(writer), policy)
        if key not in self._generators:
            # The schema is kept beside it, so that no other can come to have its id.
            self._generators[key] = (writer, Generator(written(writer, policy), within=writer))
        return self._generators[key][1]


def reads(reader: Node, value: Any) -> bool:
    """Whether a reader accepts a value, after it filled in the defaults of what is required and missing."""
    return valid((reader,), value) or valid((reader,), filled(reader, value))


def filled(reader: Node, value: Any) -> Any:
    """The value with those defaults, in properties, items and parts, but not in alternatives."""
    shape = Shape((reader,))
    if isinstance(value, dict):
        missing = {}
        for name in shape.required - value.keys():
            nodes = shape.content(name)
            defaults = Shape(nodes).numbers("default")
            if defaults and valid(nodes, defaults[0]):
                missing[name] = defaults[0]
        full = value | missing
        return {name: _filled_in(shape.content(name), item) for name, item in full.items()}
    if isinstance(value, list):
        return [_filled_in(shape.item(index), item) for index, item in enumerate(value)]
    return value


def _filled_in(nodes: tuple[Node, ...], value: Any) -> Any:
    for node in nodes:
        value = filled(node, value)
    return value
