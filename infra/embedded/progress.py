"""How the parts of the stack tell what they are doing, so that a person does not stare at nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """What one part does now. `total` is 0 where there is nothing to count."""

    part: str
    doing: str
    done: int = 0
    total: int = 0


Progress = Callable[[Step], None]


def silent(_: Step) -> None:
    """For callers that show nothing."""
