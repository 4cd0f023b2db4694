"""The MoMo gateway: `x-signature` is the hex HMAC-SHA256 of the raw body."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ingress import signature
from ingress.exchange import Headers
from ingress.providers.notification import kind_of, named, read_object, update
from ingress.update import Update

# The documents' names first, then MTN's.
PAYMENT_NAMES = ("transactionId", "financialTransactionId", "referenceId", "externalId")


class MomoGateway:
    """Its webhook: `{transactionId, amount, currency, status}`."""

    name = "momo"
    paths = ("/webhooks/momo", "/momo-webhook")
    kind = kind_of(name)

    def __init__(self, secrets: Sequence[bytes]) -> None:
        """`secrets`: newest first, at least one."""
        self._secrets = tuple(secrets)

    def claim(self, headers: Headers) -> bytes | None:
        """The digest in `x-signature`, with or without `sha256=`."""
        return signature.hex_digest(headers.get("x-signature"))

    async def verify(self, claim: bytes, body: bytes) -> bool:
        """Whether one of the secrets gives that digest."""
        return signature.is_signed(claim, body, self._secrets)

    def updates(self, claim: bytes, body: bytes, received_at: datetime) -> list[Update]:
        """The one notification; it has no id and no time of its own."""
        read = read_object(body)
        payment = next(filter(None, (named(read.content.get(name)) for name in PAYMENT_NAMES)), "")
        return update(self.kind, read, received_at, payment=payment, status=named(read.content.get("status")))
