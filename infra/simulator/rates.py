"""Meta's sending rates, as pure arithmetic on a theoretical arrival time (GCRA)."""

from __future__ import annotations

# One person: a message in 6 s on average, 45 borrowed from the future (Meta's page "Throughput").
PAIR_SECONDS = 6.0
PAIR_BURST = 45


def admit(full_until: float, now: float, seconds_each: float, burst: int) -> float | None:
    """The new theoretical arrival time, or None when the rate is reached. Times in seconds."""
    start = max(full_until, now)
    if start - now > (burst - 1) * seconds_each:
        return None
    return start + seconds_each
