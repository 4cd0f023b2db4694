"""HTTP to Meta: one pool of connections, bounded in number, time and bytes. Knows no message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from infra.whatsapp.outcomes import Unanswered, Unreached

CONNECT_SECONDS = 5.0  # also for a place in the pool
# Shorter than servers keep theirs open, so that a request seldom meets a connection that was just closed:
# that would leave it in doubt.
IDLE_SECONDS = 15.0
NAMES_SECONDS = 60  # how long a name's addresses are kept
ANSWER_BYTES_LIMIT = 64 * 1024  # Meta's answers have 300 bytes

# Raised before a byte of the request was written. Whatever else is raised leaves it in doubt.
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientConnectionResetError,
    aiohttp.InvalidURL,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the HTTP status, and the JSON or the bytes (None where it is none, or too long)."""

    status: int
    body: Any


class Transport:
    """Posts, fetches, and says how it went. An async context manager, for use in the loop that it serves."""

    def __init__(self, address: str, access_token: str, *, connections: int, read_seconds: float) -> None:
        """`address`: what every edge is below."""
        self._address = address
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections, keepalive_timeout=IDLE_SECONDS, ttl_dns_cache=NAMES_SECONDS
            ),
            headers={"Authorization": f"Bearer {access_token}"},
            timeout=aiohttp.ClientTimeout(
                total=None, connect=CONNECT_SECONDS, sock_connect=CONNECT_SECONDS, sock_read=read_seconds
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def __aenter__(self) -> Self:
        """Connections are made when needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them."""
        await self._session.close()

    async def post_json(self, edge: str, body: bytes) -> Answer | Unreached | Unanswered:
        """Post JSON. aiohttp repeats no POST by itself, so one call is one request."""
        return await self._post(edge, body, {"Content-Type": "application/json"})

    async def post_file(
        self, edge: str, file: bytes, mime_type: str, filename: str
    ) -> Answer | Unreached | Unanswered:
        """Post a file as a form, with the fields that Meta's uploads have."""
        form = aiohttp.FormData(quote_fields=True)
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime_type)
        form.add_field("file", file, filename=filename, content_type=mime_type)
        return await self._post(edge, form, {})

    async def get_json(self, url: str) -> Answer | Unreached | Unanswered:
        """Ask for JSON. The token goes along, so the address must be Meta's."""
        return await self._request("GET", url, _read)

    async def get_bytes(self, url: str, most: int) -> Answer | Unreached | Unanswered:
        """Fetch a file; the body is None where it has more than `most` bytes. The address must be Meta's."""
        return await self._request("GET", url, lambda response: _read_bytes(response, most))

    async def _post(self, edge: str, data: Any, headers: dict[str, str]) -> Answer | Unreached | Unanswered:
        return await self._request("POST", f"{self._address}/{edge}", _read, data=data, headers=headers)

    async def _request(
        self,
        method: str,
        url: str,
        read: Callable[[aiohttp.ClientResponse], Awaitable[Any]],
        **options: Any,
    ) -> Answer | Unreached | Unanswered:
        """One request; a redirect is not followed, as it could lead the token astray."""
        try:
            async with self._session.request(method, url, allow_redirects=False, **options) as response:
                return Answer(response.status, await read(response))
        except _NOT_SENT as error:
            return Unreached(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Unanswered(type(error).__name__)


async def _read(response: aiohttp.ClientResponse) -> Any:
    """The JSON of an answer; None where it is none, or too long to be one of Meta's."""
    body = await _read_bytes(response, ANSWER_BYTES_LIMIT)
    if body is None:
        return None
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


async def _read_bytes(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    """The body of an answer; None, without reading on, where it has more than `most` bytes."""
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > most:
            response.close()
            return None
    return bytes(body)
