"""A small HTTP server for processes that serve nothing else: `/health`, `/ready`, `/metrics`.

A consumer needs three read-only answers for its orchestrator and for Prometheus. A web framework for that
would cost each process 10 to 20 MB and a tenth of a second at the start, so this is asyncio and 100 lines:
GET only, no bodies, no keep-alive, every read bounded in size and time, few connections at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)

Report = Callable[[], tuple[bool, Mapping[str, Any]]]

HEAD_BYTES_LIMIT = 8192
READ_TIMEOUT_SECONDS = 5.0
CONNECTIONS_LIMIT = 32

_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 503: "Unavailable"}


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    content_type: str = "application/json"

    def wire(self) -> bytes:
        head = (
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}\r\nContent-Type: {self.content_type}\r\n"
            f"Content-Length: {len(self.body)}\r\nConnection: close\r\nCache-Control: no-store\r\n\r\n"
        )
        return head.encode() + self.body


def _error(status: int, code: str) -> _Answer:
    return _Answer(status, orjson.dumps({"status": "error", "error": code}))


class HealthServer:
    """A running server; `port` is where it listens."""

    def __init__(self, health: Report, ready: Report) -> None:
        """Both reports return (good, what to show as JSON), at once: they are called on each request."""
        self._reports = {"/health": health, "/ready": ready}
        self._server: asyncio.Server | None = None
        self._open = 0
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=HEAD_BYTES_LIMIT, backlog=64)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening; answers under way end within READ_TIMEOUT_SECONDS."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= CONNECTIONS_LIMIT:
                async with asyncio.timeout(READ_TIMEOUT_SECONDS):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answer(head).wire())
                    await writer.drain()
        except asyncio.LimitOverrunError:
            writer.write(_error(400, "head_too_large").wire())
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            pass  # whoever asked has gone, or never finished asking: there is nobody to tell
        finally:
            self._open -= 1
            writer.close()

    def _answer(self, head: bytes) -> _Answer:
        parts = head.split(b"\r\n", 1)[0].split(b" ")
        if len(parts) != 3 or not parts[2].startswith(b"HTTP/1."):
            return _error(400, "not_http")
        if parts[0] != b"GET":
            return _error(405, "method_not_allowed")
        path = parts[1].split(b"?", 1)[0].decode("latin-1")
        if path == "/metrics":
            return _Answer(200, *metrics.exposition())
        report = self._reports.get(path)
        if report is None:
            return _error(404, "not_found")
        try:
            good, shown = report()
        except Exception:  # a report that fails is itself bad health, and says so
            log.exception("health.report_failed", path=path)
            return _error(503, "report_failed")
        return _Answer(200 if good else 503, orjson.dumps(shown, default=str))


async def serve_health(port: int, health: Report, ready: Report, *, host: str = "127.0.0.1") -> HealthServer:
    """Start the server; `port` 0 takes a free one, `.port` of the result says which."""
    server = HealthServer(health, ready)
    await server.start(host, port)
    return server
