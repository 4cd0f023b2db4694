"""The relay that forwards a phone's MoMo SMS: signed, timed, each nonce once, from listed addresses only.

`x-momo-signature` is the hex HMAC-SHA256 of the raw body. The headers beside it are not signed; the body
repeats nonce and device, so where it does they have to be the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ingress import signature
from ingress.answers import Refusal
from ingress.exchange import Headers
from ingress.providers.freshness import Clock, check_fresh, now, unix_seconds
from ingress.providers.notification import kind_of, named, read_object, update
from ingress.update import Update

_NONCE_LENGTH = 200


class SmsClaim(NamedTuple):
    """What the headers say."""

    digest: bytes
    at: float  # Unix seconds
    nonce: str
    device: str


class MomoSms:
    """Its webhook: `{source, version, timestamp, nonce, client_transaction_id, phone_number, sender, message,
    device_id}`."""

    name = "momo-sms"
    paths = ("/webhooks/momo-sms", "/momo-sms-webhook")
    kind = kind_of(name)

    def __init__(self, secrets: Sequence[bytes], *, clock: Clock = now) -> None:
        """`secrets`: newest first, at least one."""
        self._secrets = tuple(secrets)
        self._clock = clock

    def claim(self, headers: Headers) -> SmsClaim | None:
        """None when a header is missing or not of this scheme."""
        digest = signature.hex_digest(headers.get("x-momo-signature"))
        at = unix_seconds(headers.get("x-momo-timestamp"))
        nonce = (headers.get("x-momo-nonce") or "").strip()  # blanks around it would make another one of it
        if digest is None or at is None or not 0 < len(nonce) <= _NONCE_LENGTH:
            return None
        return SmsClaim(digest, at, nonce, headers.get("x-momo-device-id") or "")

    async def verify(self, claim: SmsClaim, body: bytes) -> bool:
        """Whether one of the secrets gives that digest. Raises Refusal (403) when it is too old."""
        if not signature.is_signed(claim.digest, body, self._secrets):
            return False
        check_fresh(claim.at, self._clock)
        return True

    def nonce(self, claim: SmsClaim) -> str:
        """What may be used once, whichever device says it: that header is not signed."""
        return claim.nonce

    def updates(self, claim: SmsClaim, body: bytes, received_at: datetime) -> list[Update]:
        """The one message. Raises Refusal (403) when the signed body names another nonce or device."""
        read = read_object(body)
        for name, header in (("nonce", claim.nonce), ("device_id", claim.device)):
            signed = named(read.content.get(name))
            if signed and signed != named(header):
                raise Refusal(403, "invalid_signature", f"The signed body names another {name}.")
        device = named(read.content.get("device_id"))
        own_id = named(read.content.get("client_transaction_id"))
        message = hashlib.sha256(str(read.content.get("message")).encode()).hexdigest()
        # The relay's id alone could be used again for another text; the text alone says when it was sent.
        notification = f"{device}:{own_id}:{message}" if own_id else ""
        return update(self.kind, read, received_at, payment=message, notification=notification)
