"""How long a bench takes: seconds of measuring in each round, and how many rounds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """`quick`: only whether it runs; its figures mean nothing."""

    seconds: float = 10.0
    rounds: int = 3
    quick: bool = False


QUICK = Size(seconds=0.5, rounds=1, quick=True)
