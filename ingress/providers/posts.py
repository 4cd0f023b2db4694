"""The way of a provider's post: as any other's, and a nonce, where there is one, is good for one post."""

from __future__ import annotations

from typing import Any

from infra.telemetry.tracing import Tracing
from ingress.gate import Gate
from ingress.providers.momo_sms import MomoSms
from ingress.providers.nonces import Nonces
from ingress.publish import Publisher
from ingress.reading import BodyReader
from ingress.sources import Source
from ingress.webhook import Webhook


class PaymentWebhook(Webhook):
    """Takes the posts of one provider."""

    def __init__(
        self, source: Source, *, gate: Gate, reader: BodyReader, publisher: Publisher, tracing: Tracing
    ) -> None:
        """As for any webhook."""
        super().__init__(source, gate=gate, reader=reader, publisher=publisher, tracing=tracing)
        self._with_nonce = source if isinstance(source, MomoSms) else None
        self._nonces = Nonces()

    async def _publish(self, claim: Any, body: bytes, traceparent: str) -> int:
        if self._with_nonce is None:
            return await super()._publish(claim, body, traceparent)
        with self._nonces.using(self._with_nonce.nonce(claim)):
            return await super()._publish(claim, body, traceparent)
