"""Sending rates, as pure arithmetic on one point in time (GCRA, a token bucket without a counter).

A bucket is the time until which it is spoken for. It is full when that lies in the past; each message
moves it on by the time that one message is worth; it is empty when it lies `burst` messages ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

MESSAGES_PER_SECOND = 80.0  # a number, in and out together; 1,000 after Meta's upgrade (facts/whatsapp.md)
WAIT_SECONDS_LIMIT = 3.0  # worth waiting with a message in hand; longer waits are left to the queue


@dataclass(frozen=True, slots=True)
class Rate:
    """One message in `seconds_each` on average, `burst` of them at once."""

    seconds_each: float
    burst: int

    def wait(self, spoken_for: float, now: float) -> float:
        """Seconds until the next message may go; 0: at once."""
        return max(0.0, spoken_for - now - (self.burst - 1) * self.seconds_each)

    def take(self, spoken_for: float, now: float, messages: float = 1) -> float:
        """The bucket after `messages` more."""
        return max(spoken_for, now) + messages * self.seconds_each


PAIR = Rate(seconds_each=6.0, burst=45)  # with one person; more are refused with 131056


class NumberRate:
    """What one process may send through our number.

    Meta counts what people send as well, so `heard` takes from the same bucket. Several senders share a
    number: each gets its part of the rate (EASYMO_GRAPH_MESSAGES_PER_SECOND is per process).
    """

    def __init__(self, messages_per_second: float = MESSAGES_PER_SECOND) -> None:
        """Raises ValueError for a rate that is not above 0."""
        if messages_per_second <= 0:
            raise ValueError("messages_per_second must be above 0")
        self._rate = Rate(1 / messages_per_second, max(1, round(messages_per_second)))
        self._spoken_for = 0.0

    def reserve(self, now: float) -> tuple[bool, float]:
        """(whether a place was taken, seconds to wait before using it, or before asking again)."""
        wait = self._rate.wait(self._spoken_for, now)
        if wait > WAIT_SECONDS_LIMIT:
            return False, wait
        self._spoken_for = self._rate.take(self._spoken_for, now)
        return True, wait

    def heard(self, now: float) -> None:
        """A person wrote to us: that counts too."""
        self._spoken_for = self._rate.take(self._spoken_for, now)

    def throttled(self, now: float, seconds: float) -> None:
        """Meta says that we are too fast (other processes, other tools): send nothing for a while."""
        empty = now + (self._rate.burst - 1) * self._rate.seconds_each + seconds
        self._spoken_for = max(self._spoken_for, empty)
