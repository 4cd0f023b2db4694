"""Whether the readers and writers of two schema versions understand each other, and what stands in the way.

Nothing that consumes or produces imports this: it is for those who publish and review schemas.
"""

from __future__ import annotations

from schemas.compatibility.checking import check, mode_of
from schemas.compatibility.differing import differences
from schemas.compatibility.loading import load
from schemas.compatibility.vocabulary import (
    Breaks,
    Difference,
    Mode,
    Policy,
    Schema,
    UnusableSchema,
    Violation,
)

__all__ = [
    "Breaks",
    "Difference",
    "Mode",
    "Policy",
    "Schema",
    "UnusableSchema",
    "Violation",
    "check",
    "differences",
    "load",
    "mode_of",
]
