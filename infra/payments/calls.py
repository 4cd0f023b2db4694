"""HTTP to a payment provider: bounded in number, time and bytes; knows no payment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import orjson

from infra.payments.interface import Unanswered, Unreached

if TYPE_CHECKING:
    import aiohttp

CONNECTIONS = 16
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
IDLE_SECONDS = 15.0
ANSWER_BYTES_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the HTTP status, and the JSON object in the body (empty where there is none)."""

    status: int
    body: Mapping[str, Any]


class Calls:
    """One pool of connections. An async context manager, in the loop that it serves."""

    def __init__(self, base_url: str, *, read_seconds: float = READ_SECONDS) -> None:
        """`base_url`: what every path is below."""
        self._base = base_url.rstrip("/")
        self._read_seconds = read_seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Connections are made when needed."""
        import aiohttp  # whoever merely looks at the domain goes without its 9 MB

        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(
                total=CONNECT_SECONDS + self._read_seconds,
                connect=CONNECT_SECONDS,
                sock_connect=CONNECT_SECONDS,
                sock_read=self._read_seconds,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(
        self, method: str, path: str, headers: Mapping[str, str], **options: Any
    ) -> Reply | Unreached | Unanswered:
        """One request; a redirect is not followed, as it could lead the credentials astray."""
        import aiohttp

        if self._session is None:
            raise RuntimeError("use it as an async context manager")
        not_sent = (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientConnectionResetError,
            aiohttp.InvalidURL,
        )
        try:
            async with self._session.request(
                method, self._base + path, headers=headers, allow_redirects=False, **options
            ) as response:
                return Reply(response.status, await _read(response))
        except not_sent as error:
            return Unreached(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Unanswered(type(error).__name__)


async def _read(response: aiohttp.ClientResponse) -> Mapping[str, Any]:
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > ANSWER_BYTES_LIMIT:
            response.close()
            return {}
    try:
        content = orjson.loads(bytes(body))
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
