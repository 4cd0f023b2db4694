"""How requests come in and answers go out: media types, time limits, and errors in Confluent's shape."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from infra.registry.folder import FolderUnusable
from infra.registry.refusals import Refusal, timed_out, too_large, unexpected
from infra.registry.requests import Proposed, check_path, proposed, valid_subject
from infra.telemetry.logs import logger

V1 = "application/vnd.schemaregistry.v1+json"
ANSWERS = (V1, "application/vnd.schemaregistry+json", "application/json")  # the best first
TAKEN = frozenset({*ANSWERS, "application/octet-stream"})  # as in Confluent's OpenAPI
BODY_BYTES_LIMIT = 2 * 1024 * 1024  # a schema of 1 MiB, escaped as a string in JSON
SECONDS_LIMIT = 15.0  # for a whole request, its body included
REQUESTS_LIMIT = 64  # at once, so that their bodies fit into memory
LIST_LIMIT = 10_000

log = logger(__name__)


def speaking(requests_limit: int = REQUESTS_LIMIT) -> Middleware:
    """The middleware: what every request has is checked, and what is refused is answered as Confluent does.

    So many requests are handled at once; more wait, within their time.
    """
    room = asyncio.Semaphore(requests_limit)

    @web.middleware
    async def speak(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            _answer_type(request)
            _check_body_type(request)
            if "subject" in request.match_info:
                check_path(request.rel_url.raw_path)
                valid_subject(request.match_info["subject"])
            async with asyncio.timeout(SECONDS_LIMIT), room:
                return await handler(request)
        except (Refusal, FolderUnusable, TimeoutError, web.HTTPException) as error:
            return _refused(error)
        except Exception:  # a fault of ours: whoever asked can do nothing with its trace, but reads JSON
            log.exception("registry.request_failed", method=request.method, path=request.path)
            return _refused(unexpected())

    return speak


def answer(request: web.Request, value: Any, status: int = 200) -> web.Response:
    """A JSON answer, in the media type that the client likes best of ours."""
    return plain(request, json.dumps(value, ensure_ascii=False), status)


def plain(request: web.Request, text: str, status: int = 200) -> web.Response:
    """A text that is JSON already."""
    # A schema may hold a lone surrogate, escaped; as a character it has no UTF-8.
    return web.Response(
        body=text.encode(errors="backslashreplace"), status=status, content_type=_answer_type(request)
    )


async def schema_in(request: web.Request) -> Proposed:
    """The schema in the body of a request. Raises Refusal."""
    body = await request.read()
    # Parsing a big schema takes a moment; the others are answered meanwhile.
    return await asyncio.to_thread(proposed, body, normalize=flag(request, "normalize"))


def flag(request: web.Request, name: str) -> bool:
    """A boolean of the query: true in any case (the Python client writes True), anything else is false."""
    return request.query.get(name, "").lower() == "true"


def page(request: web.Request, found: list[Any]) -> list[Any]:
    """The part of a list that `offset` and `limit` ask for; a negative limit is none.

    Raises Refusal (400).
    """
    offset, limit = _integer(request, "offset", 0), _integer(request, "limit", -1)
    if offset < 0:
        raise Refusal(400, f"offset is {offset}, and cannot be less than 0.")
    end = offset + (min(limit, LIST_LIMIT) if limit >= 0 else LIST_LIMIT)
    return found[offset:end]


def _integer(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise Refusal(400, f"{name} is {text[:40]!r}, and has to be a whole number.") from None


def _answer_type(request: web.Request) -> str:
    """The media type of the answer. Raises Refusal (406)."""
    liked = {
        part.partition(";")[0].strip().lower() for part in request.headers.get("Accept", "*/*").split(",")
    }
    for media_type in ANSWERS:
        if media_type in liked:
            return media_type
    if liked & {"*/*", "application/*", ""}:
        return V1
    raise Refusal(406, f"HTTP 406 Not Acceptable: this registry answers {', '.join(ANSWERS)}.")


def _check_body_type(request: web.Request) -> None:
    """Raises Refusal (415). This also keeps web pages out: a browser asks before it sends these types."""
    named = request.headers.get("Content-Type", "").strip()
    if request.body_exists and not (named and request.content_type in TAKEN):
        raise Refusal(415, f"HTTP 415 Unsupported Media Type: send {V1}, not {named[:80] or 'nothing'}.")


def _refused(error: Refusal | FolderUnusable | TimeoutError | web.HTTPException) -> web.Response:
    match error:
        case Refusal():
            refusal = error
        case FolderUnusable():
            refusal = Refusal(50001, f"Error in the backend data store: {error}")
        case TimeoutError():
            refusal = timed_out(SECONDS_LIMIT)
        case web.HTTPRequestEntityTooLarge():
            refusal = too_large(BODY_BYTES_LIMIT)
        case _:  # no such path, or not by this method
            refusal = Refusal(error.status, f"HTTP {error.status} {error.reason}")
    text = json.dumps({"error_code": refusal.code, "message": refusal.message})
    response = web.Response(body=text.encode(), status=refusal.status, content_type=V1)
    if isinstance(error, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = error.headers["Allow"]
    return response
