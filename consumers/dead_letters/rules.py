"""What becomes of a letter: pure, by what the runtime's tables say of its event."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

LOOK_LEAST = timedelta(seconds=2)
LOOK_MOST = timedelta(minutes=5)


class Status(StrEnum):
    """Where a letter stands."""

    WAITING = "waiting"  # to be tried again, at a time that is known
    PARKED = "parked"  # its time has come, and it stands behind another event of its key
    RESOLVED = "resolved"
    SUPERSEDED = "superseded"  # something later took its place
    DEAD = "dead"  # until a person acts
    DISCARDED = "discarded"  # by a person


OPEN = (Status.WAITING, Status.PARKED, Status.DEAD)


def status_of(waits: str | None, outcome: str | None) -> Status | None:
    """Where a waiting letter stands; None: its news is still on the way.

    `waits`: the kind of its row in `later`, if there still is one. `outcome`: how its latest delivery since
    the failure that is known here ended.
    """
    if waits is not None:
        return Status.PARKED if waits == "parked" else Status.WAITING
    if outcome == "processed":
        return Status.RESOLVED
    if outcome == "dead":
        return None
    # Overtaken by a later turn; or, with no outcome, a timer that its domain cancelled or set anew.
    return Status.SUPERSEDED


def look_again_at(due: datetime | None, now: datetime) -> datetime:
    """When to look at a letter next that still waits: when it is due, then less and less often."""
    if due is None or due <= now:
        overdue = now - due if due is not None else timedelta()
        return now + min(LOOK_MOST, max(LOOK_LEAST, overdue / 4))
    return due
