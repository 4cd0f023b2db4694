"""The table of compatibility cases: two schemas, whom the change breaks, what it is called, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.compatibility import Breaks, Policy, Schema

HERE = Path(__file__).parent
SIDES = {
    "none": frozenset[Breaks](),
    "new": frozenset({Breaks.NEW_READER}),
    "old": frozenset({Breaks.OLD_READER}),
    "both": frozenset(Breaks),
}


@dataclass(frozen=True)
class Case:
    """One row. `differences`: (kind, pointer, whom it breaks). `shown_by_no_value`: readers are said to be
    broken although no value shows it: what the comparison cannot see through, it does not promise.
    """

    group: str
    because: str
    old: Schema
    new: Schema
    breaks: frozenset[Breaks]
    differences: list[tuple[str, str, frozenset[Breaks]]]
    policy: Policy
    shown_by_no_value: bool

    @staticmethod
    def of(group: str, row: dict[str, Any]) -> Case:
        return Case(
            group,
            row["because"],
            row["old"],
            row["new"],
            SIDES[row["breaks"]],
            [_difference(text) for text in row["differences"]],
            Policy(row.get("policy", "STRICT")),
            row.get("shown_by_no_value", False),
        )

    def __str__(self) -> str:
        return f"{self.group}: {self.because}"


def _difference(text: str) -> tuple[str, str, frozenset[Breaks]]:
    kind, pointer, sides = text.split(" ")
    return kind, pointer, SIDES[sides]


CASES = [
    Case.of(path.stem, row) for path in sorted(HERE.glob("*.json")) for row in json.loads(path.read_text())
]
