"""Rate limit: so many requests of one client address in a fixed window, for a bounded number of addresses."""

from __future__ import annotations

import math
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from time import monotonic
from typing import NamedTuple

WINDOW_SECONDS = 60.0
ADDRESSES_LIMIT = 20_000  # some 4 MB; beyond it newcomers share one count
_OVERFLOW = ""
_IPV6_NETWORK_BYTES = 8  # whoever has one IPv6 address has the 2^64 of its network


class Standing(NamedTuple):
    """Where a client stands in its window, this request included."""

    used: int
    limit: int
    reset_seconds: int  # until the window ends, at least 1

    @property
    def exceeded(self) -> bool:
        """Whether this request is one too many."""
        return self.used > self.limit

    @property
    def just_exceeded(self) -> bool:
        """Whether it is the first one too many: the one worth a line in the log."""
        return self.used == self.limit + 1

    def headers(self) -> list[tuple[str, str]]:
        """`Retry-After` and `X-RateLimit-*`."""
        reset = str(self.reset_seconds)
        return [
            ("retry-after", reset),
            ("x-ratelimit-limit", str(self.limit)),
            ("x-ratelimit-remaining", str(max(0, self.limit - self.used))),
            ("x-ratelimit-reset", reset),
        ]


def network_of(address: str) -> str:
    """What is counted as one client: an IPv4 address, the /64 network of an IPv6 one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return parsed.packed[:_IPV6_NETWORK_BYTES].hex()
    return str(parsed)


class RateLimit:
    """Counts requests by client. A window begins with a client's first request."""

    def __init__(
        self,
        limit: int,
        *,
        window_seconds: float = WINDOW_SECONDS,
        addresses_limit: int = ADDRESSES_LIMIT,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`limit` requests in a window; 0 is no limit."""
        self._limit = limit
        self._window = window_seconds
        self._addresses_limit = addresses_limit
        self._clock = clock
        self._windows: dict[str, tuple[float, int]] = {}  # client → (end, count), oldest window first

    @property
    def enabled(self) -> bool:
        """Whether there is a limit at all."""
        return self._limit > 0

    def count(self, address: str) -> Standing:
        """Count one request of `address` and tell where it stands."""
        now = self._clock()
        self._drop_ended(now)
        client = network_of(address)
        if client not in self._windows and len(self._windows) >= self._addresses_limit:
            client = _OVERFLOW
        end, before = self._windows.get(client, (now + self._window, 0))
        self._windows[client] = (end, before + 1)
        return Standing(before + 1, self._limit, max(1, math.ceil(end - now)))

    def _drop_ended(self, now: float) -> None:
        """All windows are equally long, so those that end first were begun first."""
        while self._windows:
            oldest = next(iter(self._windows))
            if self._windows[oldest][0] > now:
                return
            del self._windows[oldest]
