"""A registry that listens, for tests with clients that block: its loop runs in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.registry.opening import opened
from infra.registry.registry import SchemaRegistry
from infra.registry.server import serving

SECONDS_LIMIT = 20.0
V1 = "application/vnd.schemaregistry.v1+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the media type and the JSON."""

    status: int
    media_type: str
    body: Any

    @property
    def code(self) -> int:
        """The error code."""
        found: int = self.body["error_code"]
        return found

    @property
    def message(self) -> str:
        """The error's message."""
        found: str = self.body["message"]
        return found


@contextmanager
def serve(registry: SchemaRegistry) -> Iterator[str]:
    """Serve a registry on a free port; yields its address."""
    started: Future[tuple[str, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def run() -> None:
        stop = asyncio.Event()
        try:
            async with serving(registry) as address:
                started.set_result((address, asyncio.get_running_loop(), stop))
                await stop.wait()
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            raise

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="registry", daemon=True)
    thread.start()
    address, loop, stop = started.result(SECONDS_LIMIT)
    try:
        yield address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(SECONDS_LIMIT)


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Serve a writable registry that is kept in a folder."""
    with opened(folder) as registry, serve(registry) as address:
        yield address


def ask(address: str, method: str, path: str, body: object = None, **headers: str) -> Answer:
    """One request, its path sent as it is. `body`: bytes, or what is sent as JSON."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=SECONDS_LIMIT)
    sent = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if sent is not None:
        named.setdefault("Content-Type", V1)
    try:
        connection.request(method, path, sent, named)
        response = connection.getresponse()
        media_type = response.headers.get("Content-Type", "")
        return Answer(response.status, media_type, json.loads(response.read()))
    finally:
        connection.close()


def schema(document: object, **beside: object) -> dict[str, object]:
    """A body that proposes a schema."""
    return {"schemaType": "JSON", "schema": json.dumps(document), **beside}
