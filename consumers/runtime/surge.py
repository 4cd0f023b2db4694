"""Too many dead at once is a bad deployment, not bad events: stop before a topic drains into dead letters."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from time import monotonic

from consumers.decision import Fatal
from consumers.runtime.records import Outcome, Result

KEYS_LIMIT = 100  # different keys: one contact that sends rubbish is that contact's affair
WINDOW_SECONDS = 60.0


class Surge(Fatal):
    """Too many keys had an event die in too short a time."""


class SurgeGuard:
    """Counts the keys of dead events in a sliding window."""

    def __init__(
        self,
        *,
        keys_limit: int = KEYS_LIMIT,
        window_seconds: float = WINDOW_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._keys_limit = keys_limit
        self._window_seconds = window_seconds
        self._clock = clock
        self._died_at: OrderedDict[bytes | None, float] = OrderedDict()  # by key, the latest last

    def note(self, results: Iterable[Result]) -> None:
        """Take note of what died. Raises Surge when it is too much."""
        dead = [r.record.key for r in results if r.outcome is Outcome.DEAD and not r.repeated]
        if not dead:
            return
        now = self._clock()
        for key in dead:
            self._died_at[key] = now
            self._died_at.move_to_end(key)
        while next(iter(self._died_at.values())) < now - self._window_seconds:
            self._died_at.popitem(last=False)
        if len(self._died_at) > self._keys_limit:
            raise Surge(
                f"events of {len(self._died_at)} keys died within {self._window_seconds:.0f} s. "
                "If that is not a bad deployment, go on with `easymo consume --resume-after-surge`."
            )
