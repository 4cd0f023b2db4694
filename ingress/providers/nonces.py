"""Nonces that were used: a bounded memory of this process; the consumer's permanent key is the other half."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from ingress.answers import Refusal

# A nonce is of use to nobody after its timestamp is out of tolerance: 300 s on either side.
KEPT_SECONDS = 660.0
NONCES_LIMIT = 20_000  # at 100 a minute and address: 18 addresses at their limit for the whole time


class Nonces:
    """Which nonces were used in the last minutes."""

    def __init__(
        self,
        *,
        kept_seconds: float = KEPT_SECONDS,
        limit: int = NONCES_LIMIT,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Limits in seconds and number."""
        self._kept_seconds = kept_seconds
        self._limit = limit
        self._clock = clock
        self._used: dict[str, float] = {}  # nonce → when it may be forgotten, oldest first
        self._under_way: set[str] = set()

    @contextmanager
    def using(self, nonce: str) -> Iterator[None]:
        """Use a nonce. It counts as unused again when the block raises: the post was not accepted, and may
        come again.

        Raises Refusal: 409 for one whose post was accepted, 503 for one whose post is under way (whether it
        will be is not known yet, and a sender reads 409 as "you have it"), or when no more can be remembered.
        """
        now = self._clock()
        self._forget(now)
        if nonce in self._under_way:
            raise Refusal(
                503, "nonce_under_way", "A post with this nonce is under way.", [("retry-after", "5")]
            )
        if nonce in self._used:
            raise Refusal(409, "replayed_nonce", "This nonce was used before.")
        if len(self._used) + len(self._under_way) >= self._limit:
            raise Refusal(503, "overloaded", "Too much came in these minutes.", [("retry-after", "60")])
        self._under_way.add(nonce)
        try:
            yield
            self._used[nonce] = self._clock() + self._kept_seconds
        finally:
            self._under_way.remove(nonce)

    def _forget(self, now: float) -> None:
        while self._used:
            oldest = next(iter(self._used))
            if self._used[oldest] > now:
                return
            del self._used[oldest]
