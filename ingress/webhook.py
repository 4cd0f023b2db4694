"""The way of a post: signature (403), rate limit (429), body (400), publish (503), and only then 200.

This is the hot path: in front of Starlette's routing, and without validation by models.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import prometheus_client

from infra.telemetry import metrics
from infra.telemetry.logs import logger
from infra.telemetry.tracing import Span, Tracing
from ingress.answers import Refusal, accepted_body, answer, error_body, request_id_of
from ingress.exchange import Exchange, Scope
from ingress.gate import Gate
from ingress.publish import KafkaAway, Publisher, UpdateTooLarge
from ingress.reading import LARGE_BYTES, BodyReader, Disconnected
from ingress.sources import Source
from ingress.update import Kind, UnreadableBody, Update

log = logger(__name__)

RETRY_AFTER_SECONDS = "5"  # Meta keeps to its own schedule; others read this
_JSON_TYPES = ("application/json", "text/json")


class Webhook:
    """Takes the posts of one source."""

    def __init__(
        self, source: Source, *, gate: Gate, reader: BodyReader, publisher: Publisher, tracing: Tracing
    ) -> None:
        """All but the source are shared by the webhooks of a process."""
        self._source = source
        self._gate = gate
        self._reader = reader
        self._publisher = publisher
        self._tracing = tracing
        self._span_name = f"POST {source.paths[0]}"
        self.under_way = 0  # requests being read or published
        # Children of labelled metrics are looked up once.
        self._seconds = metrics.INGRESS_SECONDS.labels(source.name)
        self._accepted = metrics.INGRESS_REQUESTS.labels(source.name, "200")
        self._updates: dict[Kind, prometheus_client.Counter] = {}

    async def take(self, scope: Scope, exchange: Exchange) -> None:
        """Answer one POST."""
        began = perf_counter()
        request_id = request_id_of(scope.headers.get("x-request-id"))
        span = self._tracing.span(self._span_name)
        self.under_way += 1
        try:
            count = await self._accept(scope, exchange, span.traceparent)
        except Disconnected:
            span.end(error="disconnected", request_id=request_id)
            metrics.INGRESS_REJECTED.labels("disconnected").inc()
        # Whatever it is, the sender gets an answer, and posts again after a 5xx.
        except Exception as error:  # noqa: BLE001
            self._refuse(error, exchange, request_id, span)
        else:
            span.end(request_id=request_id, status=200, accepted=count)
            answer(exchange, 200, accepted_body(count), request_id)
            self._accepted.inc()
            log.debug("webhook.accepted", request_id=request_id, source=self._source.name, accepted=count)
        finally:
            self.under_way -= 1
            self._seconds.observe(perf_counter() - began)

    async def _accept(self, scope: Scope, exchange: Exchange, traceparent: str) -> int:
        """The number of updates published. Raises Refusal, UnreadableBody, KafkaAway, UpdateTooLarge,
        Disconnected."""
        claim, body = await self._proven_body(scope, exchange)
        try:
            self._gate.admit_signed(scope)
            _check_type(scope.headers.get("content-type"))
            if len(body) <= LARGE_BYTES:
                return await self._publish(claim, body, traceparent)
            async with self._reader.turn():
                return await self._publish(claim, body, traceparent)
        finally:
            self._reader.release(len(body))

    async def _publish(self, claim: Any, body: bytes, traceparent: str) -> int:
        updates = self._source.updates(claim, body, datetime.now(UTC))
        if updates:
            await self._publisher.publish(updates, traceparent)
            self._count(updates)
        return len(updates)

    async def _proven_body(self, scope: Scope, exchange: Exchange) -> tuple[Any, bytes]:
        """The claim, and the body, held by the reader, whose sender it proves. Raises Refusal and
        Disconnected."""
        self._gate.check_listed(scope)
        claim = self._source.claim(scope.headers)
        if claim is None:  # then the body need not even be read
            raise self._unproven(scope, "The signature is missing or of another scheme.")
        try:
            body = await self._reader.read(exchange, scope.headers.get("content-length"))
        except Refusal as refusal:
            if refusal.status == 503:
                raise
            raise self._gate.count_unsigned(scope, refusal) from None
        proven = False
        try:
            proven = await self._source.verify(claim, body)
        except Refusal as refusal:
            raise self._gate.count_unsigned(scope, refusal) from None
        finally:
            if not proven:
                self._reader.release(len(body))
        if not proven:
            raise self._unproven(scope, "The signature does not match the body.")
        return claim, body

    def _unproven(self, scope: Scope, message: str) -> Refusal:
        return self._gate.count_unsigned(scope, Refusal(403, "invalid_signature", message))

    def _refuse(self, error: Exception, exchange: Exchange, request_id: str, span: Span) -> None:
        """Answer an error.

        Not in the frame that caught it: an error kept there would hold its traceback, which holds the frame
        and with it the body, until somebody looks for cycles.
        """
        refusal = self._refusal(error, request_id)
        span.end(error=refusal.code, request_id=request_id, status=refusal.status)
        body = error_body(refusal.code, refusal.message, request_id)
        answer(exchange, refusal.status, body, request_id, refusal.headers)

    def _refusal(self, error: Exception, request_id: str) -> Refusal:
        """What the sender is told of an error; counted and logged."""
        match error:
            case Refusal():
                refusal = error
            case UnreadableBody():
                refusal = Refusal(400, error.code, error.message)
            case KafkaAway():
                refusal = Refusal(
                    503,
                    "kafka_unavailable",
                    "The updates could not be stored. Post them again.",
                    [("retry-after", RETRY_AFTER_SECONDS)],
                )
            case UpdateTooLarge():
                refusal = Refusal(413, "too_large", "One of the updates does not fit into a record.")
            case _:
                log.exception("webhook.failed", request_id=request_id, source=self._source.name)
                refusal = Refusal(500, "internal", "Something failed on our side.")
        metrics.INGRESS_REQUESTS.labels(self._source.name, str(refusal.status)).inc()
        metrics.INGRESS_REJECTED.labels(refusal.code).inc()
        if refusal.status not in (429, 503):  # those come in floods, and are told once where they begin
            log.warning(
                "webhook.refused",
                request_id=request_id,
                source=self._source.name,
                status=refusal.status,
                error=refusal.code,
                reason=refusal.message,
            )
        return refusal

    def _count(self, updates: Sequence[Update]) -> None:
        for update in updates:
            counter = self._updates.get(update.kind)
            if counter is None:
                counter = self._updates[update.kind] = metrics.INGRESS_UPDATES.labels(update.kind.topic)
            counter.inc()


def _check_type(content_type: str | None) -> None:
    """A body that says it is something else than JSON is refused; one that says nothing is taken as JSON."""
    if content_type is None:
        return
    name = content_type.split(";", 1)[0].strip().lower()
    if name not in _JSON_TYPES and not name.endswith("+json"):
        raise Refusal(415, "unsupported_media_type", "The body has to be application/json.")
