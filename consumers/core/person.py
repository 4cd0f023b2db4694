"""What core knows of one person, as it stands in the table `person`, and their pace. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

WINDOW = timedelta(minutes=1)
MESSAGES_A_WINDOW = 30


class Pace(Enum):
    """Whether a message comes at a pace at which it is looked at."""

    FINE = auto()
    TELL = auto()  # the first one too many: the person is told
    TOO_FAST = auto()  # they were told in this minute


@dataclass(slots=True)
class Person:
    """One row; the fields stand in the order of `store.COLUMNS`. Changed in place within a transaction."""

    id: str
    created_at: datetime
    contact: str
    phone: str | None
    user_id: str | None
    name: str | None
    name_chosen: bool
    locale: str
    locale_source: str  # default, guessed, chosen
    country: str
    opted_out_at: datetime | None = None
    turn: int = 0
    active: str | None = None
    active_turn: int = 0
    active_since: int = 0
    window_at: datetime | None = None
    window_count: int = 0
    window_told: bool = False
    heard_at: datetime | None = None
    seen_at: datetime | None = None
    joined_into: str | None = None
    # What the row's `phone` may say by all that this transaction knows ('' for none).
    phones: list[str] = field(default_factory=list)

    def keep_pace(self, at: datetime) -> Pace:
        """Count a message sent at `at` (Meta's clock, so that a backlog is not taken for haste).

        A minute begins with its first message. What is a little late counts to the minute at hand; what was
        sent more than a minute before it is looked at, and not counted: it comes after an outage, at once
        with much else.
        """
        if self.window_at is not None and self.window_at - at > WINDOW:
            return Pace.FINE
        if self.window_at is None or at - self.window_at >= WINDOW:
            self.window_at, self.window_count, self.window_told = at, 1, False
            return Pace.FINE
        self.window_count += 1
        if self.window_count <= MESSAGES_A_WINDOW:
            return Pace.FINE
        if self.window_told:
            return Pace.TOO_FAST
        self.window_told = True
        return Pace.TELL

    def went_elsewhere(self, domain: str, turn: int) -> bool:
        """Whether a turn after this one, which `domain` had got, went to another domain or to none."""
        since = self.active_since if self.active == domain else self.active_turn
        return since > turn

    def next_turn(self) -> int:
        """Count a turn; its number."""
        self.turn += 1
        return self.turn
