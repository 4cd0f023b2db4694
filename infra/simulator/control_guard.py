"""Who may steer the simulator, and how a wrong request is answered."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web

from infra.simulator.control_bodies import json_answer
from infra.simulator.errors import GraphError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guarded(handler: Handler) -> Handler:
    """The handler, for requests that come from this simulator's own page or from no page at all."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if not is_own(request.host, request.headers.get("Origin")):
            return _refusal(403, "this address may be used from the simulator's own page only")
        try:
            return await handler(request)
        except GraphError as error:
            return _refusal(400, str(error))
        except (ValueError, TypeError, KeyError) as error:
            return _refusal(400, f"{type(error).__name__}: {error}")

    return handle


def is_own(host: str, origin: str | None) -> bool:
    """Whether the request names an address (not a public name that resolves here), and its page is ours."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        if "." in name:
            return False
    return origin is None or urlsplit(origin).netloc == host


def _refusal(status: int, message: str) -> web.Response:
    return json_answer({"error": message}, status)
