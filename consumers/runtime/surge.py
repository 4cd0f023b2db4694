"""Too many dead at once is a bad deployment, not bad events: stop before a topic drains into dead letters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from time import monotonic

from consumers.decision import Fatal
from consumers.runtime.records import Outcome, Result

KEYS_LIMIT = 100  # different keys: one contact that sends rubbish is that contact's affair
WINDOW_SECONDS = 60.0
RESUME_SECONDS = 600.0  # a consumer that was told to go on may first have to read its way to the surge


class Surge(Fatal):
    """Too many keys had an event die in too short a time."""


class SurgeGuard:
    """Counts the keys of dead events in a sliding window.

    `resumed`: somebody has looked, and wants what dies to die. That holds for one surge, which shows itself
    within 10 minutes: after a whole window in which no more died than usual, the next one stops us again.
    """

    def __init__(
        self,
        *,
        resumed: bool = False,
        keys_limit: int = KEYS_LIMIT,
        window_seconds: float = WINDOW_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._keys_limit = keys_limit
        self._window_seconds = window_seconds
        self._clock = clock
        self._died_at: OrderedDict[bytes | None, float] = OrderedDict()  # by key, the latest last
        self._tolerant_until = clock() + RESUME_SECONDS if resumed else 0.0

    def keys(self) -> int:
        """Of how many keys events died within the window."""
        earliest = self._clock() - self._window_seconds
        while self._died_at and next(iter(self._died_at.values())) < earliest:
            self._died_at.popitem(last=False)
        return len(self._died_at)

    def note(self, results: Iterable[Result]) -> None:
        """Take note of what died. Raises Surge when it is too much."""
        dead = [r.record.key for r in results if r.outcome is Outcome.DEAD and not r.repeated]
        if not dead:
            return
        now = self._clock()
        for key in dead:
            self._died_at[key] = now
            self._died_at.move_to_end(key)
        count = self.keys()
        if count <= self._keys_limit:
            return
        if now <= self._tolerant_until:
            self._tolerant_until = now + self._window_seconds
            return
        raise Surge(
            f"events of {count} keys died within {self._window_seconds:.0f} s. "
            "If that is not a bad deployment, go on with `easymo consume --resume-after-surge`."
        )
