"""What a bench finds: figures with one value a round, and the targets they are held against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

PERCENTS = (50, 95, 99)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of one subject: a value for each round, in `unit`."""

    bench: str
    subject: str
    measure: str
    unit: str
    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median of the rounds."""
        return median(self.values)


@dataclass(frozen=True, slots=True)
class Target:
    """What was to be reached: `found` has to be at least, or at most, `limit`."""

    bench: str
    what: str
    limit: float
    found: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Whether it was."""
        return self.found >= self.limit if self.at_least else self.found <= self.limit


@dataclass(slots=True)
class Findings:
    """Everything that one bench has to say."""

    bench: str
    figures: list[Figure] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, subject: str, measure: str, unit: str, values: Iterable[float]) -> None:
        """A figure; without values there is nothing to add."""
        kept = tuple(float(value) for value in values)
        if kept:
            self.figures.append(Figure(self.bench, subject, measure, unit, kept))

    def middle(self, subject: str, measure: str) -> float:
        """The median of a figure. Raises KeyError when it was not measured."""
        for figure in self.figures:
            if (figure.subject, figure.measure) == (subject, measure):
                return figure.middle
        raise KeyError((subject, measure))

    def at_least(self, what: str, limit: float, found: float) -> None:
        """A target of which more is better."""
        self.targets.append(Target(self.bench, what, limit, found, at_least=True))

    def at_most(self, what: str, limit: float, found: float) -> None:
        """A target of which less is better."""
        self.targets.append(Target(self.bench, what, limit, found, at_least=False))

    def lines(self) -> list[dict[str, Any]]:
        """As JSON objects, one a figure, target and note."""
        figures = [
            {
                "kind": "figure",
                "bench": f.bench,
                "subject": f.subject,
                "measure": f.measure,
                "unit": f.unit,
                "median": round(f.middle, 4),
                "rounds": [round(value, 4) for value in f.values],
            }
            for f in self.figures
        ]
        targets = [
            {
                "kind": "target",
                "bench": t.bench,
                "what": t.what,
                "at_least" if t.at_least else "at_most": t.limit,
                "found": round(t.found, 4),
                "met": t.met,
            }
            for t in self.targets
        ]
        notes = [{"kind": "note", "bench": self.bench, "text": text} for text in self.notes]
        return [*figures, *targets, *notes]


def percentiles(values: Sequence[float], percents: Sequence[int] = PERCENTS) -> dict[str, float]:
    """`p50` and so on (nearest rank) and `max`; empty without values."""
    if not values:
        return {}
    ordered = sorted(values)
    last = len(ordered) - 1
    found = {f"p{p}": ordered[min(last, len(ordered) * p // 100)] for p in percents}
    return {**found, "max": ordered[last]}


def by_measure(rounds: Sequence[Mapping[str, float]]) -> dict[str, list[float]]:
    """From one mapping a round to the values of each measure that all rounds have."""
    if not rounds:
        return {}
    names = [name for name in rounds[0] if all(name in each for each in rounds)]
    return {name: [each[name] for each in rounds] for name in names}
