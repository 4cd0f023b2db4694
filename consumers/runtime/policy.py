"""When to try again, and when to give up: values, decided in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from consumers.decision import Reject, Retry
from consumers.runtime.records import Outcome
from infra.kafka.publisher import Output
from infra.settings import REDELIVERY_SECONDS, read_delays

RETRY_DELAYS = read_delays(REDELIVERY_SECONDS)  # of a consumer with no schedule of its own


class HandlerTimeout(Exception):
    """A handler took longer than it may."""


@dataclass(slots=True)
class Verdict:
    """What is to become of one record."""

    outcome: Outcome
    outputs: list[Output] = field(default_factory=list)
    reason: str = ""
    due: datetime | None = None  # when it is looked at again, if it waits
    tries: int = 0  # failures so far
    repeated: bool = False  # it was concluded before: nothing is written
    timers: bool = False  # it sets or cancels some


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how long after each failure, an event is tried again."""

    delays: tuple[timedelta, ...] = RETRY_DELAYS

    def judge(self, error: BaseException, tries: int, now: datetime) -> Verdict:
        """The verdict on an event that failed after `tries` earlier failures."""
        reason = f"{type(error).__name__}: {error}"[:500]
        if isinstance(error, Reject):
            return Verdict(Outcome.DEAD, reason=reason, tries=tries + 1)
        if isinstance(error, Retry):
            if not error.counts:
                after = self.delays[0] if error.after is None else error.after
                return Verdict(Outcome.DEFERRED, reason=reason, due=now + after, tries=tries)
            if error.after is not None and tries < len(self.delays):
                return Verdict(Outcome.DEFERRED, reason=reason, due=now + error.after, tries=tries + 1)
        if tries >= len(self.delays):
            return Verdict(
                Outcome.DEAD, reason=f"given up after {tries + 1} tries: {reason}", tries=tries + 1
            )
        return Verdict(Outcome.DEFERRED, reason=reason, due=now + self.delays[tries], tries=tries + 1)
