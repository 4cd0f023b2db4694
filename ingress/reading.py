"""Reads a request's body: bounded in bytes, in time, and in what all requests together hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ingress.answers import Refusal
from ingress.deadline import Within

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

# Meta posts up to 3 MB; half a MB more is slack, and 4 MB is refused. A record takes 4 MiB.
BODY_BYTES_LIMIT = 3_670_016
READ_SECONDS_LIMIT = 10.0
# Bodies that are read or being published, over all requests: what a process of 128 MB can afford. At 1,000
# requests/s of 3 kB that Kafka answers late (5 s), 15 MB are held.
HELD_BYTES_LIMIT = 32 * 1024 * 1024

_UNREAD = ((b"connection", b"close"),)  # what is left of the body is not waited for


def _too_large() -> Refusal:
    return Refusal(413, "too_large", f"The body is larger than {BODY_BYTES_LIMIT} bytes.", _UNREAD)


def _too_slow() -> Refusal:
    return Refusal(408, "slow_body", "The body did not arrive in time.", _UNREAD)


def overloaded() -> Refusal:
    """Everything that this process may hold is held."""
    return Refusal(503, "overloaded", "Too much is under way at this moment.", [(b"retry-after", b"1")])


class Disconnected(Exception):
    """The client went away before its body was complete: there is nobody to answer."""


class BodyReader:
    """Reads bodies within the limits; what is read counts as held until `release`."""

    def __init__(
        self,
        *,
        body_limit: int = BODY_BYTES_LIMIT,
        held_limit: int = HELD_BYTES_LIMIT,
        seconds_limit: float = READ_SECONDS_LIMIT,
    ) -> None:
        """Limits in bytes and seconds."""
        self._body_limit = body_limit
        self._held_limit = held_limit
        self._seconds_limit = seconds_limit
        self.held_bytes = 0

    async def read(self, receive: Receive, content_length: bytes | None) -> bytes:
        """The whole body; its length is held. Raises Refusal (413, 408, 503) and Disconnected, then nothing
        is held."""
        if content_length is not None and not self._fits(content_length):
            raise _too_large()
        chunks: list[bytes] = []
        try:
            with Within(self._seconds_limit):
                await self._collect(receive, chunks)
        except BaseException as error:
            self.release(sum(map(len, chunks)))
            if isinstance(error, TimeoutError):
                raise _too_slow() from None
            raise
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def _collect(self, receive: Receive, chunks: list[bytes]) -> None:
        """Add what arrives to `chunks`, holding it, until the body is complete."""
        length = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk: bytes = message.get("body", b"")
            length += len(chunk)
            if length > self._body_limit:
                raise _too_large()
            if self.held_bytes + len(chunk) > self._held_limit:
                raise overloaded()
            self.held_bytes += len(chunk)
            chunks.append(chunk)
            if not message.get("more_body", False):
                return

    def release(self, length: int) -> None:
        """A body of that many bytes is no longer needed."""
        self.held_bytes -= length

    def _fits(self, content_length: bytes) -> bool:
        return (
            len(content_length) < 10 and content_length.isdigit() and int(content_length) <= self._body_limit
        )
