"""All payment providers, posting to one ingress."""

from __future__ import annotations

import hmac
import time
import uuid
from typing import Any

import orjson

from infra.settings import Settings
from infra.simulator.paypal import CERT_PATH, paypal_headers
from tests.integration.ingress.conftest import Answer, Poster

MOMO = {"transactionId": "T1", "amount": 500, "currency": "RWF", "status": "SUCCESSFUL"}
SMS, STRIPE, PAYPAL = "/webhooks/momo-sms", "/webhooks/stripe", "/webhooks/paypal"


class Providers:
    """All of them, posting to one ingress."""

    def __init__(self, poster: Poster, settings: Settings, cert_origin: str) -> None:
        self.poster = poster
        self.settings = settings
        self.cert_url = cert_origin + CERT_PATH

    def hexed(self, setting: str, text: bytes) -> str:
        return hmac.digest(self.settings.secrets(setting)[-1], text, "sha256").hex()

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        typed = {"content-type": "application/json"} | headers
        return await self.poster.request("POST", path, data=body, headers=typed)

    async def momo(self, content: Any, *, path: str = "/webhooks/momo", **headers: str) -> Answer:
        body = content if isinstance(content, bytes) else orjson.dumps(content)
        named = {"x-signature": self.hexed("momo_webhook_secrets", body)} | headers
        return await self.post(path, body, named)

    async def sms(self, message: str, *, nonce: str | None = None, at: float = 0, path: str = SMS) -> Answer:
        headers, body = self.signed_sms(message, nonce=nonce, at=at)
        return await self.post(path, body, headers)

    def signed_sms(
        self, message: str, *, nonce: str | None = None, at: float = 0
    ) -> tuple[dict[str, str], bytes]:
        nonce = nonce or uuid.uuid4().hex
        body = orjson.dumps({"message": message, "nonce": nonce, "device_id": "d"})
        signed = self.hexed("momo_sms_secrets", body)
        stamp = str(int(time.time() + at))
        headers = {"x-momo-signature": signed, "x-momo-timestamp": stamp, "x-momo-nonce": nonce}
        return headers | {"x-momo-device-id": "d"}, body

    async def stripe(self, event: Any, *, at: float = 0) -> Answer:
        body, stamp = orjson.dumps(event), str(int(time.time() + at))
        digest = self.hexed("stripe_webhook_secrets", f"{stamp}.".encode() + body)
        return await self.post(STRIPE, body, {"stripe-signature": f"t={stamp},v1={digest}"})

    async def paypal(self, event: Any) -> Answer:
        body = orjson.dumps(event)
        webhook_id = self.settings.need("paypal_webhook_id")
        return await self.post(PAYPAL, body, paypal_headers(body, webhook_id, self.cert_url))
