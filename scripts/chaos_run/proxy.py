"""A way between two processes that can be cut and slowed: a TCP proxy on the loopback address."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from infra.embedded.ports import LOOPBACK

PIECE_BYTES = 64 * 1024
CONNECTIONS_LIMIT = 500

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Open = Callable[[], Awaitable[Streams]]


def to_port(port: int) -> Open:
    """Connects to a server on this machine."""
    return lambda: asyncio.open_connection(LOOPBACK, port, limit=PIECE_BYTES)


def to_socket(path: str) -> Open:
    """Connects to a server on a unix socket."""
    return lambda: asyncio.open_unix_connection(path, limit=PIECE_BYTES)


class Link:
    """Listens on `port` and hands on whatever comes, both ways. Use as `async with Link(…)`."""

    def __init__(self, port: int, connect: Open) -> None:
        self.port = port
        self._connect = connect
        self._delay_seconds = 0.0
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port, limit=PIECE_BYTES)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def cut(self) -> None:
        """Reset every connection, and each new one, until `heal`."""
        self._is_cut = True
        for writer in tuple(self._open):
            writer.transport.abort()

    def slow(self, seconds: float) -> None:
        """Hold back each piece of data for so long, in both directions, until `heal`."""
        self._delay_seconds = seconds

    def heal(self) -> None:
        """Hand on at once again. Idempotent."""
        self._is_cut = False
        self._delay_seconds = 0.0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut or len(self._open) >= 2 * CONNECTIONS_LIMIT:
            writer.transport.abort()
            return
        try:
            there_reader, there_writer = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there_writer}
        ways = [
            asyncio.create_task(self._hand_on(reader, there_writer)),
            asyncio.create_task(self._hand_on(there_reader, writer)),
        ]
        try:
            # Whoever hangs up ends both ways: no protocol of ours goes on with half a connection.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._open -= {writer, there_writer}
            for each in (writer, there_writer):
                if self._is_cut:
                    each.transport.abort()
                else:
                    each.close()

    async def _hand_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Until either side hangs up."""
        try:
            while not self._is_cut and (piece := await source.read(PIECE_BYTES)):
                if self._delay_seconds:
                    await asyncio.sleep(self._delay_seconds)
                sink.write(piece)
                await sink.drain()
        except OSError:
            sink.transport.abort()
