"""Sending rates, as pure arithmetic on one point in time (GCRA, a token bucket without a counter).

A bucket is the time until which it is spoken for. It is full when that lies in the past; each message
moves it on by the time that one message is worth; it is empty when it lies `burst` messages ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

MESSAGES_PER_SECOND = 80.0  # a number, in and out together; 1,000 after Meta's upgrade (facts/whatsapp.md)
WAIT_SECONDS_LIMIT = 3.0  # worth waiting with a message in hand; longer waits are left to the queue
PAUSE_SECONDS = 1.0  # when Meta says that we are too fast; twice as long after each pause that did not help
PAUSE_SECONDS_LIMIT = 60.0


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
    number: each gets its part of the rate (EASYMO_GRAPH_MESSAGES_PER_SECOND is per process). What Meta counts
    besides (other processes, other tools, the whole account) shows only in its saying that we are too fast:
    then nothing is sent for a while, and for longer and longer until it takes something again.
    """

    def __init__(self, messages_per_second: float = MESSAGES_PER_SECOND) -> None:
        """Raises ValueError for a rate that is not above 0."""
        if messages_per_second <= 0:
            raise ValueError("messages_per_second must be above 0")
        self._rate = Rate(1 / messages_per_second, max(1, round(messages_per_second)))
        self._spoken_for = 0.0
        self._pause_seconds = 0.0  # of the latest pause; 0: Meta took something since
        self._paused_at = self._paused_until = float("-inf")

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

    def throttled(self, now: float, asked_at: float) -> None:
        """Meta says that we are too fast, of a call made at `asked_at`. One made before the pause began, or
        an answer within it, says nothing new."""
        if asked_at <= self._paused_at or now < self._paused_until:
            return
        self._pause_seconds = min(max(PAUSE_SECONDS, 2 * self._pause_seconds), PAUSE_SECONDS_LIMIT)
        self._paused_at, self._paused_until = now, now + self._pause_seconds
        empty = self._paused_until + (self._rate.burst - 1) * self._rate.seconds_each
        self._spoken_for = max(self._spoken_for, empty)

    def accepted(self, asked_at: float) -> None:
        """Meta took a message of a call made at `asked_at`: after a pause, the next one is short again."""
        if asked_at > self._paused_at:
            self._pause_seconds = 0.0

    def pause_left(self, now: float, reserved_at: float) -> float:
        """Seconds for which a place reserved at `reserved_at` cannot be used, as a pause has begun since."""
        return max(0.0, self._paused_until - now) if reserved_at < self._paused_at else 0.0
