"""PayPal: SHA256withRSA of `transmissionId|timeStamp|webhookId|crc32(raw body, unsigned decimal)`.

Source: PayPal, "Webhooks integration: verify offline".
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from zlib import crc32

from ingress.answers import Refusal
from ingress.exchange import Headers
from ingress.providers.certificates import Certificates, Untrusted, is_signed_by
from ingress.providers.freshness import Clock, check_fresh, now
from ingress.providers.notification import kind_of, named, read_object, update
from ingress.update import Update

ALGORITHM = "SHA256withRSA"
_HEADER_LENGTH = 1024
# It repeats for 3 days, and nowhere says whether a repeat is dated anew. What comes twice is recognised by
# its id, for ever; this only keeps out what nobody can be waiting for.
PAST_SECONDS = 4 * 24 * 3600.0
SIGNED_LIMIT = 20_000  # transmissions that are remembered: 3 MB


class PaypalClaim(NamedTuple):
    """What the headers say."""

    transmission: str
    time: str
    signature: bytes
    certificate_url: str


class Paypal:
    """Its webhook of events."""

    name = "paypal"
    paths = ("/webhooks/paypal",)
    kind = kind_of(name)

    def __init__(self, webhook_id: str, certificates: Certificates, *, clock: Clock = now) -> None:
        """`webhook_id`: PayPal's name for this webhook, which is part of what it signs."""
        self._webhook_id = webhook_id
        self._certificates = certificates
        self._clock = clock
        self._signed: dict[str, bytes] = {}  # transmission → the hash of its body, oldest first

    def claim(self, headers: Headers) -> PaypalClaim | None:
        """None when a header is missing or of another scheme."""
        values = [
            headers.get(f"paypal-{name}") or ""
            for name in ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
        ]
        if not all(0 < len(value) <= _HEADER_LENGTH for value in values) or values[4] != ALGORITHM:
            return None
        try:
            signature = b64decode(values[2], validate=True)
        except (binascii.Error, ValueError):
            return None
        return PaypalClaim(values[0], values[1], signature, values[3])

    async def verify(self, claim: PaypalClaim, body: bytes) -> bool:
        """Whether PayPal's certificate signs it.

        Raises Refusal: 403 when it is too old, 503 when the certificate cannot be had.
        """
        at = _time(claim.time)
        if at is None:
            return False
        check_fresh(at.timestamp(), self._clock, past=PAST_SECONDS)  # before anything is fetched
        try:
            certificate = await self._certificates.at(claim.certificate_url)
        except Untrusted as error:
            raise Refusal(403, "invalid_signature", f"The certificate is refused: {error}.") from None
        if not is_signed_by(certificate, claim.signature, self.signed_text(claim, body)):
            return False
        return self._is_first_body(claim.transmission, body)

    def _is_first_body(self, transmission: str, body: bytes) -> bool:
        """Whether no other body came under these headers: they sign a checksum of 32 bits, and whoever has
        seen them can make another body that has it. See decision 0061 for what else holds that off."""
        digest = sha256(body).digest()
        if transmission not in self._signed and len(self._signed) >= SIGNED_LIMIT:
            del self._signed[next(iter(self._signed))]
        return self._signed.setdefault(transmission, digest) == digest

    def signed_text(self, claim: PaypalClaim, body: bytes) -> bytes:
        """What PayPal signs."""
        return f"{claim.transmission}|{claim.time}|{self._webhook_id}|{crc32(body)}".encode()

    def updates(self, claim: PaypalClaim, body: bytes, received_at: datetime) -> list[Update]:
        """The one event."""
        read = read_object(body)
        resource = read.content.get("resource")
        return update(
            self.kind,
            read,
            received_at,
            payment=named(resource.get("id")) if isinstance(resource, Mapping) else "",
            notification=named(read.content.get("id")),
            time=_time(read.content.get("create_time")),
        )


def _time(text: Any) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
