"""Bodies of the control API: read within bounds, checked, answered as JSON."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

BODY = 256 * 1024


async def json_body(request: web.Request) -> dict[str, Any]:
    found = orjson.loads(await bounded_body(request, BODY) or b"{}")
    if not isinstance(found, dict):
        raise TypeError("the body must be a JSON object")
    return found


async def bounded_body(request: web.Request, most: int) -> bytes:
    """The body, at most so many bytes. Raises ValueError."""
    if (request.content_length or 0) > most:
        raise ValueError(f"the body has more than {most} bytes")
    return await request.read()


def filled_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 65_536:
        raise ValueError("a text has between 1 and 65,536 characters")
    return value


def web_address(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise ValueError("webhook_url must be an http(s) address")
    return value


def json_answer(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value, default=str), status=status, content_type="application/json")
