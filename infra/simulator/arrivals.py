"""When each sent message reached Meta, and when each person's message left: for measuring."""

from __future__ import annotations

import time
from typing import NamedTuple

KEPT = 2_000_000  # about 400 MB; what comes after is counted only


class Arrival(NamedTuple):
    """One message that the business sent."""

    at_ns: int  # monotonic
    to: str
    callback_data: str | None
    in_reply_to: str | None  # wamid in `context.message_id`
    message_id: str


class Arrivals:
    """Bounded records, without any body. Off until `start`."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self.on = False
        self.sent: list[Arrival] = []
        self.departed: dict[str, int] = {}  # wamid of a person's message: monotonic ns
        self.not_kept = 0

    def start(self) -> None:
        """Forget what was recorded, and record from now on."""
        self.sent, self.departed, self.not_kept = [], {}, 0
        self.on = True

    def stop(self) -> None:
        """Record nothing more."""
        self.on = False

    def arrived(self, to: str, callback_data: str | None, in_reply_to: str | None, message_id: str) -> None:
        """A message of the business was accepted now."""
        if len(self.sent) < self._kept:
            self.sent.append(Arrival(time.monotonic_ns(), to, callback_data, in_reply_to, message_id))
        else:
            self.not_kept += 1

    def left(self, message_id: str) -> None:
        """A person's message was handed to the webhook queue now."""
        if len(self.departed) < self._kept:
            self.departed[message_id] = time.monotonic_ns()
        else:
            self.not_kept += 1

    def latencies_ns(self) -> list[int]:
        """Nanoseconds from a person's message to the first reply that names it, in order of arrival."""
        found: dict[str, int] = {}
        for arrival in self.sent:
            left = self.departed.get(arrival.in_reply_to or "")
            if left is not None and arrival.in_reply_to is not None:
                found.setdefault(arrival.in_reply_to, arrival.at_ns - left)
        return list(found.values())
