"""Everything that is no post: Meta's check of a webhook, the retired address, health, readiness, metrics.

A Starlette application, reached from granian's RSGI over a small bridge: these pages read no bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from hmac import compare_digest
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from infra.telemetry import metrics
from infra.telemetry.logs import logger
from ingress.answers import Refusal, error_body, request_id_of
from ingress.exchange import Exchange, HeaderList, Scope
from ingress.gate import Gate
from ingress.providers.chosen import methods_of
from ingress.publish import Publisher

log = logger(__name__)

RETIRED_PATH = "/wa-webhook"
CHALLENGE_LENGTH_LIMIT = 256  # Meta's is some ten digits
_CODES = {404: "not_found", 405: "method_not_allowed"}
RETIRED_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Pages:
    """The pages of the ingress."""

    def __init__(
        self,
        paths: Iterable[str],
        *,
        posts: Iterable[str] = (),
        gate: Gate,
        publisher: Publisher,
        verify_token: str,
        switched_off: Mapping[str, str],
    ) -> None:
        """`paths` are those of the WhatsApp webhook; `verify_token` is what Meta repeats to check it.

        `posts`: the paths that take posts, which never come here: other methods do.
        `switched_off`: the paths of providers that are not, with the setting that each lacks.
        """
        self._switched_off = switched_off
        self._posts = {path: methods_of(path) for path in (*posts, *switched_off)}
        self._gate = gate
        self._publisher = publisher
        self._verify_token = verify_token.encode()
        self._app = Starlette(
            routes=[
                *(Route(path, self._check_subscription, methods=["GET"]) for path in paths),
                Route(RETIRED_PATH, self._retired, methods=RETIRED_METHODS),
                *(Route(path, self._provider_off, methods=[*methods_of(path)]) for path in switched_off),
                Route("/health", self._health),
                Route("/ready", self._ready),
                Route("/metrics", self._metrics),
            ],
            exception_handlers={HTTPException: self._http_error, Refusal: _refused, Exception: _failed},
        )
        self._app.router.redirect_slashes = False

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """What is here."""
        return self._app.routes

    async def show(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one request: RSGI on this side, ASGI on Starlette's."""
        host, _, port = scope.client.rpartition(":")
        asgi: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": scope.method,
            "scheme": "http",
            "path": scope.path,
            "query_string": scope.query_string.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in scope.headers.items()],
            "client": (host.strip("[]"), int(port) if port.isdigit() else 0),
            "rsgi": scope,
        }
        status, headers, body = 500, HeaderList(), b""

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]
                ]
            else:
                body += message.get("body", b"")

        await self._app(asgi, receive, send)
        exchange.response_bytes(status, headers, body)

    async def _check_subscription(self, request: Request) -> Response:
        """Meta's check when the webhook is set up: echo the challenge to whoever knows the verify token."""
        asked = request.query_params
        known = compare_digest(asked.get("hub.verify_token", "").encode(), self._verify_token)
        challenge = asked.get("hub.challenge", "")
        if not known or asked.get("hub.mode") != "subscribe" or len(challenge) > CHALLENGE_LENGTH_LIMIT:
            refusal = Refusal(403, "verification_failed", "The verify token does not match.")
            raise self._gate.count_unsigned(request.scope["rsgi"], refusal)
        log.info("webhook.verified", request_id=_request_id(request))
        return PlainTextResponse(challenge, headers={"x-content-type-options": "nosniff"})

    async def _retired(self, request: Request) -> Response:
        gone = Refusal(410, "service_deprecated", "This address is retired. Use /webhooks/whatsapp.")
        refusal = self._gate.count_unsigned(request.scope["rsgi"], gone)
        if refusal is gone:
            log.warning(
                "deprecated.accessed",
                request_id=_request_id(request),
                path=RETIRED_PATH,
                method=request.method,
                client=request.client.host if request.client else None,
            )
        return _error(request, refusal, use="/webhooks/whatsapp")

    async def _provider_off(self, request: Request) -> Response:
        setting = self._switched_off[request.url.path]
        off = Refusal(404, "provider_off", f"This provider is not switched on here: see {setting}.")
        return _error(request, self._gate.count_unsigned(request.scope["rsgi"], off))

    async def _health(self, request: Request) -> Response:
        """Whether this process is to be left alone: it is, also while Kafka is away."""
        kafka = "reachable" if self._publisher.reachable else "away"
        alive = self._publisher.watched
        return _json(200 if alive else 503, {"status": "ok" if alive else "failing", "kafka": kafka})

    async def _ready(self, request: Request) -> Response:
        """Whether posts should come here now."""
        if self._publisher.reachable:
            return _json(200, {"status": "ready"})
        return _json(503, {"status": "waiting", "for": "kafka"})

    async def _metrics(self, request: Request) -> Response:
        body, content_type = metrics.exposition()
        return Response(body, media_type=content_type)

    async def _http_error(self, request: Request, error: Exception) -> Response:
        """There is nothing here, or not by this method."""
        assert isinstance(error, HTTPException)
        status, detail, headers = error.status_code, error.detail, dict(error.headers or {})
        if request.url.path in self._posts:
            # The router does not know of the posts: it finds nothing, or leaves them out.
            status, detail = 405, "Method Not Allowed"
            others = [name for name in headers.get("Allow", "").split(", ") if name]
            headers["Allow"] = ", ".join(sorted({*others, *self._posts[request.url.path]}))
        code = _CODES.get(status, "refused")
        return _error(request, Refusal(status, code, detail, headers.items()))


def _json(status: int, shown: dict[str, Any]) -> Response:
    body = orjson.dumps({"service": "ingress", **shown})
    return Response(body, status, {"cache-control": "no-store"}, media_type="application/json")


def _request_id(request: Request) -> str:
    """Taken over or made, once for a request."""
    made: str | None = request.scope.get("request_id")
    if made is None:
        made = request.scope["request_id"] = request_id_of(request.headers.get("x-request-id"))
    return made


def _error(request: Request, refusal: Refusal, **more: str) -> Response:
    request_id = _request_id(request)
    metrics.INGRESS_REJECTED.labels(refusal.code).inc()
    headers = {**dict(refusal.headers), "x-request-id": request_id}
    body = error_body(refusal.code, refusal.message, request_id, **more)
    return Response(body, refusal.status, headers, media_type="application/json")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _error(request, error)


async def _failed(request: Request, error: Exception) -> Response:
    log.error("request.failed", request_id=_request_id(request), error=repr(error))
    return _error(request, Refusal(500, "internal", "Something failed on our side."))
