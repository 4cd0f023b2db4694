"""PayPal's certificates are fetched over HTTP: whole, bounded, and from where they are asked for alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from infra.embedded.ports import LOOPBACK, free_ports
from ingress.providers import certificates
from ingress.providers.certificates import BYTES_LIMIT, NoSuchCertificate, NotFetched

PEM = b"-----BEGIN CERTIFICATE-----"


@asynccontextmanager
async def answering(answer: web.Response | None) -> AsyncIterator[tuple[str, list[str]]]:
    """An address that gives this answer, or none at all; and what it was asked for."""
    asked: list[str] = []
    released = asyncio.Event()

    async def give(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        if answer is None:
            await released.wait()
        return answer or web.Response()

    app = web.Application()
    app.router.add_get("/{tail:.*}", give)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0).start()
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}", asked
    finally:
        released.set()
        await runner.cleanup()


async def test_what_is_there_is_read() -> None:
    async with answering(web.Response(body=PEM)) as (address, _):
        assert await certificates._fetch(address + "/a") == PEM


@pytest.mark.parametrize("status", [404, 410])
async def test_what_is_not_there_is_no_certificate(status: int) -> None:
    async with answering(web.Response(status=status)) as (address, _):
        with pytest.raises(NoSuchCertificate):
            await certificates._fetch(address + "/a")


@pytest.mark.parametrize("status", [204, 403, 429, 500, 503])
async def test_any_other_answer_is_for_later(status: int) -> None:
    async with answering(web.Response(status=status)) as (address, _):
        with pytest.raises(NotFetched, match=str(status)):
            await certificates._fetch(address + "/a")


async def test_a_redirect_is_not_followed() -> None:
    async with answering(web.Response(status=302, headers={"location": "/b"})) as (address, asked):
        with pytest.raises(NotFetched, match="302"):
            await certificates._fetch(address + "/a")
        assert asked == ["/a"]


@pytest.mark.parametrize(("size", "fits"), [(BYTES_LIMIT, True), (BYTES_LIMIT + 1, False)])
async def test_it_is_read_up_to_a_limit(size: int, fits: bool) -> None:
    async with answering(web.Response(body=bytes(size))) as (address, _):
        if fits:
            assert len(await certificates._fetch(address + "/a")) == size
        else:
            with pytest.raises(NotFetched, match="bytes"):
                await certificates._fetch(address + "/a")


async def test_whoever_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "FETCH_SECONDS_LIMIT", 0.2)
    async with answering(None) as (address, _):
        with pytest.raises(NotFetched, match="Timeout"):
            await certificates._fetch(address + "/a")


async def test_nobody_there() -> None:
    (port,) = free_ports(1)
    with pytest.raises(NotFetched):
        await certificates._fetch(f"http://{LOOPBACK}:{port}/a")


@pytest.mark.parametrize("host", ["a..example", "a" * 70 + ".example"])
async def test_what_is_no_name_of_a_host(host: str) -> None:
    with pytest.raises(NotFetched):
        await certificates._fetch(f"https://{host}/a")
