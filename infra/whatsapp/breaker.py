"""A circuit breaker: while Meta does not answer, nobody waits for it, and few ask.

Why it is our own: infra/decisions/0010-circuit-breaker.md.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

FAILURES_TO_OPEN = 10  # in a row
OPEN_SECONDS = 5.0  # the first time; twice as long after each trial that fails
OPEN_SECONDS_LIMIT = 60.0
TRIAL_SECONDS = 30.0  # a trial that nobody reported on by then is given up, and another one let through
ASK_AGAIN_SECONDS = 2.0  # while a trial is under way


class Circuit(Enum):
    """The states; the values are what the metric shows."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Breaker:
    """Counts failures in a row. Open: nothing passes. Half open: one trial at a time, whoever is first.

    Not thread-safe; nothing in it waits.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        failures_to_open: int = FAILURES_TO_OPEN,
        changed: Callable[[Circuit], None] = lambda _: None,
    ) -> None:
        """`clock`: monotonic seconds. `changed` is told each new state."""
        self._clock = clock
        self._failures_to_open = failures_to_open
        self._changed = changed
        self._failures = 0
        self._open_seconds = OPEN_SECONDS
        self._until = 0.0  # open until; half open: until when the trial may take
        self.state = Circuit.CLOSED

    def wait(self) -> float:
        """0: go ahead, and report how it went. Else the seconds until it is worth asking again."""
        if self.state is Circuit.CLOSED:
            return 0.0
        now = self._clock()
        if now < self._until:
            left = self._until - now
            return left if self.state is Circuit.OPEN else min(left, ASK_AGAIN_SECONDS)
        self._until = now + TRIAL_SECONDS
        self._become(Circuit.HALF_OPEN)
        return 0.0

    def succeeded(self) -> None:
        """Meta answered, be it that it refuses the message."""
        self._failures = 0
        if self.state is not Circuit.CLOSED:
            self._open_seconds = OPEN_SECONDS
            self._become(Circuit.CLOSED)

    def failed(self) -> None:
        """Meta did not answer, or could not. Calls begun before it opened report here too, late."""
        if self.state is Circuit.OPEN:
            return
        self._failures += 1
        if self.state is Circuit.HALF_OPEN:
            self._open_seconds = min(2 * self._open_seconds, OPEN_SECONDS_LIMIT)
            self.trip(self._open_seconds)
        elif self._failures >= self._failures_to_open:
            self.trip(self._open_seconds)

    def trip(self, seconds: float) -> None:
        """Open at once: Meta said that nothing will pass."""
        self._until = self._clock() + seconds
        self._become(Circuit.OPEN)

    def _become(self, state: Circuit) -> None:
        if state is not self.state:
            self.state = state
            self._changed(state)
