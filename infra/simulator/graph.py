"""The Graph API over HTTP: messages and media, with the faults that are on."""

from __future__ import annotations

import asyncio
import hmac
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from infra.simulator.errors import GraphError, bad_parameter, missing
from infra.simulator.exchange import Exchange
from infra.simulator.faults import REQUEST_KINDS, Fault, Kind
from infra.simulator.limits_values import URL_LENGTH
from infra.simulator.media import BIGGEST, Medium
from infra.simulator.people import digits

MESSAGE_BODY = 1024 * 1024
CHUNK = 256 * 1024


class GraphApi:
    """Handlers of `/{version}/…`, guarded by the access token."""

    def __init__(self, exchange: Exchange, *, access_token: str, phone_number_id: str) -> None:
        self._exchange = exchange
        self._authorization = f"Bearer {access_token}".encode()
        self._phone_number_id = phone_number_id

    def add_routes(self, app: web.Application) -> None:
        """Hang the handlers into the application."""
        app.router.add_post("/{version:v\\d+\\.\\d+}/{phone_number_id}/messages", self.messages)
        app.router.add_post("/{version:v\\d+\\.\\d+}/{phone_number_id}/media", self.upload)
        app.router.add_get("/{version:v\\d+\\.\\d+}/{media_id}", self.medium)
        app.router.add_delete("/{version:v\\d+\\.\\d+}/{media_id}", self.forget)
        app.router.add_get("/whatsapp_business/attachments/{key}", self.download)

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """`POST /{version}/{phone_number_id}/messages`."""
        try:
            payload = await self._payload(request)
            if not self._exchange.faults.on:
                return _json(self._exchange.accept(payload))
            to = payload.get("to")
            person = digits(to) if isinstance(to, str) else payload.get("recipient")
            fault = self._exchange.faults.meets(REQUEST_KINDS, person)
            early = await _before(request, fault)
            if early is not None:
                return early
            answer = _json(self._exchange.accept(payload))
            return await _after(request, fault, answer)
        except GraphError as error:
            return self._refusal(error)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """`POST /{version}/{phone_number_id}/media`: multipart with messaging_product, type and file."""
        try:
            self._check_token(request)
            self._check_number(request)
            fault = self._exchange.faults.meets(REQUEST_KINDS, on="media")
            early = await _before(request, fault)
            if early is not None:
                return early
            medium = await self._uploaded(request)
            return await _after(request, fault, _json({"id": medium.id}))
        except GraphError as error:
            return self._refusal(error)

    async def medium(self, request: web.Request) -> web.StreamResponse:
        """`GET /{version}/{media_id}`: where the file can be fetched for five minutes."""
        try:
            self._check_token(request)
            fault = self._exchange.faults.meets(REQUEST_KINDS, on="media")
            early = await _before(request, fault)
            if early is not None:
                return early
            medium = self._existing(request)
            key = self._exchange.media.url_key(medium.id)
            url = f"{request.scheme}://{request.host}/whatsapp_business/attachments/{key}"
            answer = {
                "messaging_product": "whatsapp",
                "url": url,
                "mime_type": medium.mime_type,
                "sha256": medium.sha256,
                "file_size": len(medium.data),
                "id": medium.id,
            }
            return await _after(request, fault, _json(answer))
        except GraphError as error:
            return self._refusal(error)

    async def forget(self, request: web.Request) -> web.StreamResponse:
        """`DELETE /{version}/{media_id}`."""
        try:
            self._check_token(request)
            self._exchange.media.delete(self._existing(request).id)
            return _json({"success": True})
        except GraphError as error:
            return self._refusal(error)

    async def download(self, request: web.Request) -> web.StreamResponse:
        """The file itself; 404 once the address has run out, 401 without the token."""
        if not self._token_fits(request):
            return web.Response(status=401, text="Unauthorized")
        fault = self._exchange.faults.meets(REQUEST_KINDS, on="media")
        early = await _before(request, fault)
        if early is not None:
            return early
        medium = self._exchange.media.by_url_key(request.match_info["key"])
        if medium is None:
            return web.Response(status=404, text="Not Found")
        headers = {"Content-Type": medium.mime_type, "X-Content-Type-Options": "nosniff"}
        return await _after(request, fault, web.Response(body=medium.data, headers=headers))

    def _token_fits(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, self._authorization)

    def _check_token(self, request: web.Request) -> None:
        if not self._token_fits(request):
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")

    def _check_number(self, request: web.Request) -> None:
        if request.match_info["phone_number_id"] != self._phone_number_id:
            raise GraphError(
                100, "Unsupported post request. Object does not exist or lacks permissions.", http_status=400
            )

    async def _payload(self, request: web.Request) -> dict[str, Any]:
        self._check_token(request)
        self._check_number(request)
        if request.content_length is not None and request.content_length > MESSAGE_BODY:
            raise bad_parameter("The request is too long.")
        try:
            payload = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            raise bad_parameter("The request is not JSON.") from None
        if not isinstance(payload, dict):
            raise bad_parameter("The request must be a JSON object.")
        return payload

    async def _uploaded(self, request: web.Request) -> Medium:
        if not request.content_type.startswith("multipart/"):
            raise bad_parameter("The request must be multipart/form-data.")
        fields: dict[str, str] = {}
        data, filename, part_type = b"", "", ""
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "file":
                data, filename = await _read(part, BIGGEST), part.filename or ""
                part_type = part.headers.get("Content-Type", "")
            elif part.name is not None and len(fields) < 10:
                fields[part.name] = (await _read(part, URL_LENGTH)).decode(errors="replace")
        if fields.get("messaging_product") != "whatsapp":
            raise bad_parameter("The parameter messaging_product is required.")
        if not data:
            raise missing("file")
        return self._exchange.media.add(fields.get("type") or part_type, data, filename)

    def _existing(self, request: web.Request) -> Medium:
        media_id = request.match_info["media_id"]
        medium = self._exchange.media.get(media_id)
        if medium is None:
            raise GraphError(
                100, f"Object with ID '{media_id[:64]}' does not exist or was deleted.", http_status=404
            )
        return medium

    def _refusal(self, error: GraphError) -> web.Response:
        self._exchange.counts[f"refused_{error.code}"] += 1
        return _json(error.body(), error.http_status)


async def _read(part: BodyPartReader, most: int) -> bytes:
    """A part of at most `most` bytes. Raises GraphError for a longer one, without reading it all."""
    found = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        found += chunk
        if len(found) > most:
            raise GraphError(131053, f"Part {part.name!r} has more than {most} bytes.")
    return bytes(found)


async def _before(request: web.Request, fault: Fault | None) -> web.StreamResponse | None:
    """What a fault does before the request is carried out; an answer of its own, if it has one."""
    if fault is None:
        return None
    if fault.kind is Kind.ERROR:
        raise GraphError(fault.code, "Simulated error.")
    if fault.kind is Kind.HTTP:
        return web.Response(
            status=fault.status, text="<html>Simulated trouble</html>", content_type="text/html"
        )
    if fault.kind is Kind.DROP:
        return _cut(request)
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.seconds)
    return None


async def _after(request: web.Request, fault: Fault | None, answer: web.StreamResponse) -> web.StreamResponse:
    """What a fault does after the request was carried out."""
    if fault is not None and fault.kind is Kind.LATE:
        await asyncio.sleep(fault.seconds)
    if fault is not None and fault.kind is Kind.CUT:
        return _cut(request)
    return answer


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _json(value: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")
