"""Stripe: `Stripe-Signature: t=<unix>,v1=<hex>[,v1=<hex>]`, HMAC-SHA256 of `"{t}." + raw body`.

Source: Stripe, "Verify webhook signatures manually". The key is the whole `whsec_…` text; v0 is ignored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from ingress import signature
from ingress.exchange import Headers
from ingress.providers.freshness import Clock, check_fresh, now, unix_seconds
from ingress.providers.notification import kind_of, named, read_object, update
from ingress.update import Update

_HEADER_LENGTH = 2048
_SIGNATURES_LIMIT = 8  # Stripe sends one for each secret that is valid


class StripeClaim(NamedTuple):
    """What the header says."""

    at: bytes  # as it was sent: it is part of what is signed
    digests: tuple[bytes, ...]


class Stripe:
    """Its webhook of events."""

    name = "stripe"
    paths = ("/webhooks/stripe",)
    kind = kind_of(name)

    def __init__(self, secrets: Sequence[bytes], *, clock: Clock = now) -> None:
        """`secrets`: newest first, at least one."""
        self._secrets = tuple(secrets)
        self._clock = clock

    def claim(self, headers: Headers) -> StripeClaim | None:
        """None when the header is missing or holds no time or no v1."""
        header = headers.get("stripe-signature")
        if header is None or len(header) > _HEADER_LENGTH:
            return None
        at, digests = None, []
        for part in header.split(","):
            name, _, value = part.strip().partition("=")
            if name == "t":
                at = value
            elif name == "v1" and (digest := signature.hex_digest(value)) is not None:
                digests.append(digest)
        if unix_seconds(at) is None or at is None or not digests:
            return None
        return StripeClaim(at.encode(), tuple(digests[:_SIGNATURES_LIMIT]))

    async def verify(self, claim: StripeClaim, body: bytes) -> bool:
        """Whether any v1 is right for any secret. Raises Refusal (403) when it is too old."""
        signed = claim.at + b"." + body
        if not any(signature.is_signed(digest, signed, self._secrets) for digest in claim.digests):
            return False
        check_fresh(float(claim.at), self._clock)
        return True

    def updates(self, claim: StripeClaim, body: bytes, received_at: datetime) -> list[Update]:
        """The one event."""
        read = read_object(body)
        data = read.content.get("data")
        subject = data.get("object") if isinstance(data, Mapping) else None
        payment = ""
        if isinstance(subject, Mapping):
            payment = named(subject.get("payment_intent")) or named(subject.get("id"))
        return update(
            self.kind,
            read,
            received_at,
            payment=payment,
            notification=named(read.content.get("id")),
            time=_time(read.content.get("created")),
        )


def _time(created: Any) -> datetime | None:
    if isinstance(created, bool) or not isinstance(created, int):
        return None
    try:
        return datetime.fromtimestamp(created, UTC)
    except (ValueError, OverflowError, OSError):
        return None
