"""A way between two processes: hands on, can be cut and slowed, and heals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

from infra.embedded.ports import LOOPBACK, free_ports
from scripts.chaos_run.proxy import Link, to_port

LIMIT_SECONDS = 10.0


@asynccontextmanager
async def an_echo() -> AsyncIterator[int]:
    """A server that says again what it hears; its port."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while heard := await reader.read(65536):
            writer.write(heard)
        writer.close()

    server = await asyncio.start_server(echo, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def said(port: int, text: bytes) -> bytes:
    """What comes back of a text, on a connection of its own; nothing where it was reset."""
    async with asyncio.timeout(LIMIT_SECONDS):
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        try:
            writer.write(text)
            return await reader.readexactly(len(text))
        except (ConnectionError, asyncio.IncompleteReadError):
            return b""
        finally:
            writer.close()


async def test_a_link_hands_on_until_it_is_cut_and_again_when_it_is_healed() -> None:
    (port,) = free_ports(1)
    async with an_echo() as server, Link(port, to_port(server)) as link:
        text = b"x" * 300_000
        assert await said(port, text) == text
        link.cut()
        assert await said(port, b"hello") == b""
        link.heal()
        assert await said(port, b"hello") == b"hello"


async def test_a_cut_resets_what_is_open() -> None:
    (port,) = free_ports(1)
    async with an_echo() as server, Link(port, to_port(server)) as link:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        link.cut()
        async with asyncio.timeout(LIMIT_SECONDS):
            with suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()


async def test_a_slow_link_takes_its_time_both_ways() -> None:
    (port,) = free_ports(1)
    async with an_echo() as server, Link(port, to_port(server)) as link:
        link.slow(0.05)
        began = monotonic()
        assert await said(port, b"hello") == b"hello"
        assert monotonic() - began >= 0.09  # a timer may be a millisecond early


async def test_a_link_to_nobody_resets() -> None:
    port, nobody = free_ports(2)
    async with Link(port, to_port(nobody)):
        assert await said(port, b"hello") == b""
