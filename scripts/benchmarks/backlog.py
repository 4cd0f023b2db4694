"""How many messages are under way over time, and whether they become more. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

SAMPLES = 200
SKIPPED_SHARE = 0.2  # at the beginning: caches fill
GROWING_SHARE = 0.01  # of the rate: below that it is noise


def samples(due: Sequence[float], answered: Sequence[float]) -> list[tuple[float, int]]:
    """(time, messages due and not answered), over the time in which messages were due. Both sorted."""
    begin, end = due[0], due[-1]
    step = (end - begin) / SAMPLES
    times = [begin + step * (number + 1) for number in range(SAMPLES)]
    return [(time, bisect_right(due, time) - bisect_right(answered, time)) for time in times]


def growth(found: Sequence[tuple[float, int]]) -> float:
    """Messages by which the backlog grows in a second: the slope of the line through the samples."""
    kept = found[int(len(found) * SKIPPED_SHARE) :]
    mean_time = sum(time for time, _ in kept) / len(kept)
    mean_size = sum(size for _, size in kept) / len(kept)
    spread = sum((time - mean_time) ** 2 for time, _ in kept)
    return sum((time - mean_time) * (size - mean_size) for time, size in kept) / spread if spread else 0.0
