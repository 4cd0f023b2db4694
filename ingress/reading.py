"""Reads a request's body: bounded in bytes, in time, and in what all requests together hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from ingress.answers import Refusal
from ingress.deadline import Within
from ingress.exchange import Exchange

# Meta posts up to 3 MB; half a MB more is slack, and 4 MB is refused. A record takes 4 MiB.
BODY_BYTES_LIMIT = 3_670_016
READ_SECONDS_LIMIT = 10.0
PAYMENT_BYTES_LIMIT = 256 * 1024  # a payment notification has some 5 KB
PAYMENTS_HELD_BYTES_LIMIT = 8 * 1024 * 1024
WHOLE_BYTES_LIMIT = 16 * 1024  # a body that announces no more is held from the start, and read in one call
_LENGTH_DIGITS_LIMIT = 12
# Bodies that are read or being published, over all requests: what a process of 128 MB can afford. At 1,000
# requests/s of 3 kB that Kafka answers late (5 s), 15 MB are held. Larger bodies get no more than half of
# it, so that a few of them do not shut out the many.
HELD_BYTES_LIMIT = 32 * 1024 * 1024
# A large body is in memory some six times while it is split and sent: one at a time, the others wait.
LARGE_BYTES = 256 * 1024

_UNREAD = (("connection", "close"),)  # what is left of the body is not waited for


def _too_large(limit: int) -> Refusal:
    return Refusal(413, "too_large", f"The body is larger than {limit} bytes.", _UNREAD)


def _too_slow() -> Refusal:
    return Refusal(408, "slow_body", "The body did not arrive in time.", _UNREAD)


def overloaded() -> Refusal:
    """Everything that this process may hold is held."""
    return Refusal(503, "overloaded", "Too much is under way at this moment.", [("retry-after", "1")])


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
        self._large = asyncio.Lock()
        self.held_bytes = 0

    async def read(self, exchange: Exchange, content_length: str | None) -> bytes:
        """The whole body; its length is held. Raises Refusal (413, 408, 503) and Disconnected, then nothing
        is held."""
        length = _length(content_length)
        self._check_length(length or 0)
        if length is not None and length <= WHOLE_BYTES_LIMIT:
            return await self._whole(exchange, length)
        body = await self._pieces(exchange)
        if length is not None and len(body) < length:
            self.release(len(body))
            raise Disconnected
        return body

    async def _whole(self, exchange: Exchange, length: int) -> bytes:
        """A small body in one call; the server sees to it that it is as long as it said."""
        self._hold(length, self._held_limit)
        try:
            with Within(self._seconds_limit):
                return await exchange()
        except BaseException as error:
            self.release(length)
            raise _told(error) from error

    async def _pieces(self, exchange: Exchange) -> bytes:
        """Any other body, as it arrives, so that only what is really there is held."""
        chunks: list[bytes] = []
        length = 0
        try:
            with Within(self._seconds_limit):
                async for chunk in exchange:
                    self._check_length(length + len(chunk))
                    self._hold(len(chunk), self._held_limit // 2)
                    length += len(chunk)
                    chunks.append(chunk)
        except BaseException as error:
            self.release(length)
            chunks.clear()  # the error's traceback holds this frame
            raise _told(error) from error
        return b"".join(chunks)

    def _check_length(self, length: int) -> None:
        if length > self._body_limit:
            raise _too_large(self._body_limit)

    def _hold(self, length: int, limit: int) -> None:
        if self.held_bytes + length > limit:
            raise overloaded()
        self.held_bytes += length

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Work on a body of more than LARGE_BYTES inside. Raises Refusal (503) when it takes too long to get
        there."""
        try:
            with Within(self._seconds_limit):
                await self._large.acquire()
        except TimeoutError:
            raise overloaded() from None
        try:
            yield
        finally:
            self._large.release()

    def release(self, length: int) -> None:
        """A body of that many bytes is no longer needed."""
        self.held_bytes -= length


def _told(error: BaseException) -> BaseException:
    """What whoever reads is told of it."""
    if isinstance(error, TimeoutError):
        return _too_slow()
    return Disconnected() if isinstance(error, ProtocolClosed) else error


def _length(content_length: str | None) -> int | None:
    """What the header says; None when there is none (the body then comes in chunks)."""
    if content_length is None or not (content_length.isascii() and content_length.isdigit()):
        return None
    return int(content_length[:_LENGTH_DIGITS_LIMIT])
