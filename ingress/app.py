"""The ASGI application: webhooks first, everything else by Starlette."""

from __future__ import annotations

from collections.abc import Iterable
from hmac import compare_digest
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from infra.telemetry import metrics
from infra.telemetry.logs import logger
from ingress.answers import Refusal, Send, error_body, request_id_of
from ingress.gate import Gate, Scope
from ingress.publish import Publisher
from ingress.reading import Receive
from ingress.sources import Source
from ingress.webhook import Webhook

log = logger(__name__)

RETIRED_PATH = "/wa-webhook"
_CHALLENGE_LENGTH_LIMIT = 256  # Meta's is some ten digits
_CODES = {404: "not_found", 405: "method_not_allowed"}


class App:
    """The ingress as one ASGI callable."""

    def __init__(
        self,
        webhooks: Iterable[tuple[Source, Webhook]],
        *,
        gate: Gate,
        publisher: Publisher,
        verify_token: str,
    ) -> None:
        """`verify_token` is what Meta repeats when it checks the webhook."""
        self._gate = gate
        self._publisher = publisher
        self._verify_token = verify_token.encode()
        self._by_path = {path: webhook for source, webhook in webhooks for path in source.paths}
        checks = [Route(path, self._check_subscription, methods=["GET"]) for path in self._by_path]
        self._others = Starlette(
            routes=[
                *checks,
                Route(RETIRED_PATH, self._retired, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
                Route("/health", self._health),
                Route("/ready", self._ready),
                Route("/metrics", self._metrics),
            ],
            exception_handlers={HTTPException: _http_error, Refusal: _refused, Exception: _failed},
        )
        self._others.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["method"] == "POST":
            webhook = self._by_path.get(scope["path"])
            if webhook is not None:
                await webhook.take(scope, receive, send)
                return
        await self._others(scope, receive, send)

    async def _check_subscription(self, request: Request) -> Response:
        """Meta's check when the webhook is set up: echo the challenge to whoever knows the verify token."""
        asked = request.query_params
        known = compare_digest(asked.get("hub.verify_token", "").encode(), self._verify_token)
        challenge = asked.get("hub.challenge", "")
        if not known or asked.get("hub.mode") != "subscribe" or len(challenge) > _CHALLENGE_LENGTH_LIMIT:
            refusal = Refusal(403, "verification_failed", "The verify token does not match.")
            raise self._gate.count_unsigned(request.scope, dict(request.scope["headers"]), refusal)
        log.info("webhook.verified", request_id=_request_id(request))
        return PlainTextResponse(challenge, headers={"x-content-type-options": "nosniff"})

    async def _retired(self, request: Request) -> Response:
        gone = Refusal(410, "service_deprecated", "This address is retired. Use /webhooks/whatsapp.")
        refusal = self._gate.count_unsigned(request.scope, dict(request.scope["headers"]), gone)
        if refusal is gone:
            log.warning(
                "deprecated.accessed",
                request_id=_request_id(request),
                path=RETIRED_PATH,
                method=request.method,
                client=request.client.host if request.client else None,
            )
        return _error(request, refusal, use="/webhooks/whatsapp")

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


def _json(status: int, shown: dict[str, Any]) -> Response:
    body = orjson.dumps({"service": "ingress", **shown})
    return Response(body, status, {"cache-control": "no-store"}, media_type="application/json")


def _request_id(request: Request) -> str:
    """Made once for a request."""
    made: str | None = request.scope.get("easymo.request_id")
    if made is None:
        given = request.headers.get("x-request-id")
        made = request.scope["easymo.request_id"] = request_id_of(given.encode("latin-1") if given else None)
    return made


def _error(request: Request, refusal: Refusal, **more: str) -> Response:
    request_id = _request_id(request)
    metrics.INGRESS_REJECTED.labels(refusal.code).inc()
    headers = {name.decode(): value.decode() for name, value in refusal.headers}
    body = error_body(refusal.code, refusal.message, request_id, **more)
    return Response(
        body, refusal.status, {**headers, "x-request-id": request_id}, media_type="application/json"
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _error(request, error)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = [(name.encode(), value.encode()) for name, value in (error.headers or {}).items()]
    code = _CODES.get(error.status_code, "refused")
    return _error(request, Refusal(error.status_code, code, error.detail, headers))


async def _failed(request: Request, error: Exception) -> Response:
    log.error("request.failed", request_id=_request_id(request), error=repr(error))
    return _error(request, Refusal(500, "internal", "Something failed on our side."))
