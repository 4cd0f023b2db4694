"""Since when this process reads statuses: those of before may lie unread, however old they are."""

from __future__ import annotations

from datetime import datetime


class Listening:
    """One a process. It begins with the first doubt: no sooner than the process, and right after it where
    calls were under way when the last one ended."""

    def __init__(self) -> None:
        """Not begun yet."""
        self.since: datetime | None = None

    def began(self, now: datetime) -> datetime:
        """When it began; `now`, the first time."""
        self.since = self.since or now
        return self.since
