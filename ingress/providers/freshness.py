"""Whether a signed time is near enough to now to be believed."""

from __future__ import annotations

from collections.abc import Callable
from time import time as unix_time

from ingress.answers import Refusal

TOLERANCE_SECONDS = 300.0  # Stripe's own libraries and the SMS relay take the same
_DIGITS_LIMIT = 13
_MILLISECONDS_FROM = 1e11  # more is no time in seconds before the year 5138

Clock = Callable[[], float]
now = unix_time


def unix_seconds(text: str | None) -> float | None:
    """A header's Unix time in seconds or milliseconds; None where it is none."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > _DIGITS_LIMIT:
        return None
    value = float(text)
    return value / 1000 if value >= _MILLISECONDS_FROM else value


def check_fresh(at: float, clock: Clock, *, past: float = TOLERANCE_SECONDS) -> None:
    """Raises Refusal (403) for a time more than `past` seconds ago or TOLERANCE_SECONDS ahead."""
    age = clock() - at
    if not -TOLERANCE_SECONDS <= age <= past:
        raise Refusal(403, "stale_timestamp", "The signed time is too far from now.")
