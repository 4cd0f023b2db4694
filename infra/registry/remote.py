"""Somebody else's schema registry, over the same REST API: look up, compare, register."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import aiohttp
import orjson
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from infra.registry.exchange import ANSWERS, V1
from infra.registry.refusals import Refusal

SECONDS_LIMIT = 10.0  # for one request
ATTEMPTS = 3
RETRY_SECONDS = 0.5  # before the second attempt, then twice as long
ANSWER_BYTES_LIMIT = 4 * 1024 * 1024
NOT_THERE = frozenset({40401, 40403})
MAY_RECOVER = frozenset({408, 429, 500, 502, 503, 504})


class RegistryUnreachable(Exception):
    """The registry does not answer as one; the message says what it did, and what to do."""


class _TryAgain(Exception):
    """It may answer in a moment."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a schema is in the registry: its id there, and its version of the subject there."""

    id: int
    version: int | None


class RemoteRegistry:
    """Use as `async with RemoteRegistry(url) as registry`. Requests that fail in passing are made again."""

    def __init__(
        self,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """Raises RegistryUnreachable when the address is none."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise RegistryUnreachable(f"{url!r} is no address: give http://… or https://….")
        if parts.username or parts.password:
            raise RegistryUnreachable(
                "A password in an address is read by everybody on this machine. Set "
                "EASYMO_SCHEMA_REGISTRY_USER and EASYMO_SCHEMA_REGISTRY_PASSWORD instead."
            )
        self._url = url.rstrip("/")
        self._headers = {"Accept": ", ".join(ANSWERS)}
        if user:
            credentials = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
            self._headers["Authorization"] = f"Basic {credentials}"
        self._retry_seconds = retry_seconds
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=SECONDS_LIMIT), headers=self._headers
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def find(self, subject: str, text: str) -> Found | None:
        """Where a subject says this. Raises RegistryUnreachable, Refusal."""
        try:
            found = await self._post(f"/subjects/{quote(subject, safe='')}?normalize=true", text)
        except Refusal as refusal:
            if refusal.code in NOT_THERE:
                return None
            raise
        return Found(_number(found, "id"), _number(found, "version"))

    async def register(self, subject: str, text: str) -> Found:
        """Register a schema; what is there already answers too. Raises RegistryUnreachable, Refusal."""
        found = await self._post(f"/subjects/{quote(subject, safe='')}/versions?normalize=true", text)
        # Older registries answer with the id alone.
        return Found(_number(found, "id"), _number(found, "version") if "version" in found else None)

    async def forbidden(self, subject: str, text: str) -> str | None:
        """Why a schema could not be registered, if it could not. Raises RegistryUnreachable, Refusal."""
        path = f"/compatibility/subjects/{quote(subject, safe='')}/versions?normalize=true&verbose=true"
        found = await self._post(path, text)
        if found.get("is_compatible") is True:
            return None
        return " ".join(str(each) for each in found.get("messages", ())) or "It is not compatible."

    async def _post(self, path: str, text: str) -> dict[str, Any]:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_TryAgain),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential_jitter(multiplier=self._retry_seconds, jitter=self._retry_seconds),
            reraise=True,
        )
        try:
            found: dict[str, Any] = await retrying(self._post_once, path, text)
        except _TryAgain as error:
            raise RegistryUnreachable(
                f"{self._url} does not answer: {error}. Check EASYMO_SCHEMA_REGISTRY_URL, or try again later."
            ) from error
        return found

    async def _post_once(self, path: str, text: str) -> dict[str, Any]:
        if self._session is None:
            raise RuntimeError("the remote registry is not open")
        body = orjson.dumps({"schemaType": "JSON", "schema": text})
        try:
            async with self._session.post(
                f"{self._url}{path}", data=body, headers={"Content-Type": V1}, allow_redirects=False
            ) as answer:
                return self._read(answer.status, await _bounded(answer.content))
        except (TimeoutError, aiohttp.ClientError) as error:
            raise _TryAgain(str(error) or type(error).__name__) from error

    def _read(self, status: int, body: bytes) -> dict[str, Any]:
        if status in MAY_RECOVER:
            raise _TryAgain(f"HTTP {status}")
        if status in (401, 403):
            raise RegistryUnreachable(
                f"{self._url} refuses us (HTTP {status}). Check EASYMO_SCHEMA_REGISTRY_USER and "
                "EASYMO_SCHEMA_REGISTRY_PASSWORD."
            )
        try:
            found = orjson.loads(body)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict) or (status != 200 and not isinstance(found.get("error_code"), int)):
            raise RegistryUnreachable(f"{self._url} is no schema registry: it answers HTTP {status}.")
        if status != 200:
            raise Refusal(found["error_code"], str(found.get("message", ""))[:2000])
        return found


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for chunk in content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > ANSWER_BYTES_LIMIT:
            raise RegistryUnreachable(f"An answer has more than {ANSWER_BYTES_LIMIT:,} bytes.")
    return bytes(body)


def _number(found: dict[str, Any], name: str) -> int:
    value = found.get(name)
    if not isinstance(value, int):
        raise RegistryUnreachable(f"The answer has no {name}: this is no schema registry.")
    return value
