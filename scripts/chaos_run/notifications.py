"""What providers post of a payment in a chaos run, signed as they sign."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import orjson

from infra.settings import Settings
from infra.simulator.paypal import CERT_PATH, paypal_headers

KIGALI = ZoneInfo("Africa/Kigali")
SMS = (
    "You have received {amount:,} RWF from Aline UWASE (*********{tail}) on your mobile money account at "
    "{at}. Message from sender:  . Your new balance:12000 RWF. Financial Transaction Id: {id}."
)
JSON = {"content-type": "application/json"}
FRANCS_A_DOLLAR = 1_400  # PayPal has no francs: a person of ours says what a payment is worth

Told = Literal["momo", "momo-sms", "stripe", "paypal", "mtn"]
PROVIDERS: tuple[Told, ...] = ("momo", "momo-sms", "stripe", "paypal", "mtn")


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that a provider told of, and was answered 200; of MTN one that was asked for."""

    provider: Told
    transaction: str
    request: UUID
    amount_rwf: int
    tail: str = ""  # of the payer's number

    def notification(self, settings: Settings, status: str) -> tuple[bytes, dict[str, str]]:
        """The body and the headers of one post. Each is signed anew, as of now."""
        tell = {"momo": self._momo, "momo-sms": self._sms, "stripe": self._stripe, "paypal": self._paypal}
        return tell[self.provider](settings, status)

    def _momo(self, settings: Settings, status: str) -> tuple[bytes, dict[str, str]]:
        body = orjson.dumps(
            {
                "transactionId": self.transaction, "amount": self.amount_rwf, "currency": "RWF",
                "status": status, "externalId": str(self.request),
            }
        )  # fmt: skip
        return body, JSON | {"x-signature": _signed(settings, "momo_webhook_secrets", body)}

    def _sms(self, settings: Settings, _: str) -> tuple[bytes, dict[str, str]]:
        at = datetime.now(KIGALI).strftime("%Y-%m-%d %H:%M:%S")
        text = SMS.format(amount=self.amount_rwf, tail=self.tail, at=at, id=self.transaction)
        nonce = uuid4().hex
        body = orjson.dumps({"sender": "M-Money", "message": text, "nonce": nonce})
        dated = {"x-momo-timestamp": str(int(time.time())), "x-momo-nonce": nonce}
        return body, JSON | dated | {"x-momo-signature": _signed(settings, "momo_sms_secrets", body)}

    def _stripe(self, settings: Settings, _: str) -> tuple[bytes, dict[str, str]]:
        subject = {
            "id": f"pi_{self.transaction}", "amount_received": self.amount_rwf, "currency": "rwf",
            "metadata": {"request": str(self.request)},
        }  # fmt: skip
        body = _event("evt", "type", "payment_intent.succeeded", data={"object": subject})
        stamp = str(int(time.time()))
        signature = _signed(settings, "stripe_webhook_secrets", f"{stamp}.".encode() + body)
        return body, JSON | {"stripe-signature": f"t={stamp},v1={signature}"}

    def _paypal(self, settings: Settings, _: str) -> tuple[bytes, dict[str, str]]:
        amount = {"value": f"{self.amount_rwf / FRANCS_A_DOLLAR:.2f}", "currency_code": "USD"}
        resource = {"id": self.transaction, "amount": amount, "custom_id": str(self.request)}
        body = _event("WH", "event_type", "PAYMENT.CAPTURE.COMPLETED", resource=resource)
        certificate = f"{settings.need('paypal_cert_origin')}{CERT_PATH}"
        webhook = settings.need("paypal_webhook_id")
        return body, paypal_headers(body, webhook, certificate, transmission=uuid4().hex)


def _event(prefix: str, type_field: str, kind: str, **fields: Any) -> bytes:
    return orjson.dumps({"id": f"{prefix}_{uuid4().hex}", type_field: kind} | fields)


def _signed(settings: Settings, setting: str, text: bytes) -> str:
    return hmac.digest(settings.secrets(setting)[0], text, "sha256").hex()
