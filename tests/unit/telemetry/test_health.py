"""The health server: what it answers, and that nothing sent to it hurts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from infra.telemetry import health, metrics


class State:
    """What the reports say; a test changes it."""

    good = True
    broken = False

    def report(self) -> tuple[bool, Mapping[str, Any]]:
        if self.broken:
            raise RuntimeError("no report")
        return self.good, {"status": "ok" if self.good else "failing"}


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
async def server(state: State) -> AsyncIterator[health.HealthServer]:
    running = await health.serve_health(0, state.report, state.report)
    yield running
    await running.close()


async def ask(server: health.HealthServer, request: bytes) -> tuple[int, bytes]:
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


async def get(server: health.HealthServer, path: str) -> tuple[int, bytes]:
    return await ask(server, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


async def test_health_and_readiness_follow_the_reports(server: health.HealthServer, state: State) -> None:
    assert await get(server, "/health") == (200, b'{"status":"ok"}')
    assert await get(server, "/ready?full=1") == (200, b'{"status":"ok"}')
    state.good = False
    assert await get(server, "/health") == (503, b'{"status":"failing"}')
    assert (await get(server, "/ready"))[0] == 503


async def test_a_report_that_fails_is_bad_health(server: health.HealthServer, state: State) -> None:
    state.broken = True
    assert await get(server, "/health") == (503, b'{"status":"error","error":"report_failed"}')


async def test_metrics_are_shown(server: health.HealthServer) -> None:
    metrics.INGRESS_UPDATES.labels("whatsapp.inbound").inc()
    status, body = await get(server, "/metrics")
    assert status == 200
    assert b'easymo_ingress_updates_total{topic="whatsapp.inbound"}' in body


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /health HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
        (b"GET /other HTTP/1.1\r\n\r\n", 404),
        (b"nonsense\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 404),
        (b"GET /health HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 400),
    ],
)
async def test_odd_requests_get_an_error(
    server: health.HealthServer, request_bytes: bytes, status: int
) -> None:
    assert (await ask(server, request_bytes))[0] == status


async def test_a_slow_request_is_cut_off(
    server: health.HealthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "READ_TIMEOUT_SECONDS", 0.05)
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /hea")
        assert await reader.read() == b""
        writer.close()


async def test_connections_beyond_the_limit_are_closed(
    server: health.HealthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CONNECTIONS_LIMIT", 0)
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        assert await reader.read() == b""
        writer.close()
