"""The frontier of one partition: up to where every offset is done, in whatever order they were finished."""

from __future__ import annotations

from collections import deque


class Frontier:
    """Offsets enter in order (gaps are normal: compaction, aborted transactions) and finish in any order.

    Each assignment of a partition has a frontier of its own. Work of an old assignment that finishes late
    finds its frontier discarded, so it can commit nothing: that is the fence against zombies.
    """

    __slots__ = ("_done", "_open", "admitted", "committed", "position")

    def __init__(self) -> None:
        self._open: deque[tuple[int, float]] = deque()  # (offset, when it was admitted)
        self._done: set[int] = set()
        self.admitted = -1  # the highest offset seen; what lies at or below it is a repeat of a fetch
        self.position = -1  # the next offset to consume, once everything before it is done
        self.committed = -1

    def admit(self, offset: int, now: float = 0.0) -> bool:
        """Take an offset in, at `now` (seconds of a monotonic clock); False when it was taken before."""
        if offset <= self.admitted:
            return False
        self.admitted = offset
        self._open.append((offset, now))
        return True

    def finish(self, offset: int) -> None:
        """This offset is done; the position moves as far as everything before it is done too."""
        self._done.add(offset)
        pending, done = self._open, self._done
        while pending and pending[0][0] in done:
            position, _ = pending.popleft()
            done.remove(position)
            self.position = position + 1

    @property
    def span(self) -> int:
        """How many offsets are held: those in work, and those done behind one that is not."""
        return len(self._open)

    @property
    def oldest(self) -> float | None:
        """When the first of those not done was admitted, or None."""
        return self._open[0][1] if self._open else None

    @property
    def to_commit(self) -> int | None:
        """The offset to commit, or None when nothing has moved."""
        return self.position if self.position > self.committed else None
