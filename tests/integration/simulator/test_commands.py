"""`easymo simulator` and `easymo chat` as a person starts them."""

from __future__ import annotations

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from infra.settings import child_environment

STOPS_SECONDS = 10.0


async def started(*arguments: str, stdin: int | None = None, stderr: int | None = None) -> Process:
    """`easymo …` in a process of its own."""
    command = (sys.executable, "-m", "scripts.cli", *arguments)
    return await asyncio.create_subprocess_exec(
        *command, stdin=stdin, stdout=PIPE, stderr=stderr, env=child_environment({})
    )


@asynccontextmanager
async def simulator(*options: str) -> AsyncIterator[tuple[Process, str]]:
    """A running `easymo simulator` and its address."""
    process = await started("simulator", "--port", "0", *options)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        found = re.search(r"http://[\d.:]+", line)
        assert found, line
        yield process, found.group()
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(STOPS_SECONDS):
                await process.communicate()


async def chat(address: str, script: str, *options: str) -> tuple[int | None, str, str]:
    """Exit code, output and notes of a piped `easymo chat`."""
    process = await started("chat", "--simulator", address, *options, stdin=PIPE, stderr=PIPE)
    async with asyncio.timeout(60):
        out, notes = await process.communicate(script.encode())
    return process.returncode, out.decode(), notes.decode()


async def test_a_script_talks_to_the_bot() -> None:
    async with simulator("--bot") as (_, address):
        code, out, notes = await chat(address, "hello\n2\n", "--name", "Aline")
        assert (code, notes) == (0, "")
        assert "EasyMO: Muraho Aline!" in out
        assert "Aline: Buttons" in out


async def test_nobody_answers() -> None:
    async with simulator("--webhook", "http://127.0.0.1:9/") as (_, address):
        code, out, notes = await chat(address, "hello\n", "--as", "250788000111", "--wait", "0.2")
        assert (code, out) == (1, "250788000111: hello\n")
        assert "No answer within 0.2 s" in notes
    code, _, notes = await chat(address, "hello\n")
    assert code == 2
    assert "Start one with" in notes


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
async def test_it_stops_when_told_though_a_page_is_open() -> None:
    async with (
        simulator("--bot") as (process, address),
        aiohttp.ClientSession() as session,
        session.get(f"{address}/_simulator/feed") as feed,
    ):
        assert await feed.content.readline() == b": here\n"
        process.terminate()
        async with asyncio.timeout(STOPS_SECONDS):
            assert await process.wait() == 0
