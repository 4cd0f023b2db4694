"""Forgetting old messages: a timer a day, which goes on until all of them are gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from consumers.domain import Context, Decision, Schedule, nothing
from consumers.sender.domain import sender
from consumers.sender.store.messages import MessageStore
from schemas.model import EventData

KEPT = timedelta(days=30)
HOUR_UTC = 1  # 3 in the morning in Kigali
ROWS_AT_ONCE = 20_000  # half a second of deleting
PAUSE = timedelta(seconds=5)


class MessagesOutdated(EventData):
    """It is time to forget old messages."""

    event_type: ClassVar[str] = "sender.messages_outdated.v1"

    before: datetime = Field(description="messages claimed earlier are forgotten")


class Pruning:
    """Sees to it that the timer is set: once a day and process, since the timer of a name replaces itself."""

    def __init__(self) -> None:
        """Not set yet."""
        self._set_until: datetime | None = None

    def kept_up(self, decision: Decision, now: datetime) -> Decision:
        """The decision, with the timer where it may not have been set."""
        if self._set_until is not None and now < self._set_until:
            return decision
        due = (now + timedelta(days=1)).replace(hour=HOUR_UTC, minute=0, second=0, microsecond=0)
        self._set_until = due
        return decision.schedule(Schedule("prune", due, MessagesOutdated(before=due - KEPT), key="prune"))


@sender.handles(MessagesOutdated)
async def messages_outdated(outdated: MessagesOutdated, context: Context, messages: MessageStore) -> Decision:
    """Forget some, and come back shortly while there are more."""
    forgotten = await messages.prune(outdated.before, ROWS_AT_ONCE)
    if forgotten < ROWS_AT_ONCE:
        return nothing()
    return nothing().schedule(Schedule("prune_more", context.now + PAUSE, outdated, key="prune"))
