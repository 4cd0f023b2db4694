"""PayPal's signing certificates: fetched from PayPal alone, checked against the roots, kept for a while.

Source: PayPal, "Webhooks integration: verify offline". Whoever posts names the address of the certificate,
so what may be fetched is pinned, and how often is bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import warnings
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from infra.settings import MissingSetting
from ingress.answers import Refusal
from ingress.limits import RateLimit

PAYPAL = "paypal.com"
PATH = "/v1/notifications/certs/"
CERTIFICATES_LIMIT = 16  # PayPal signs with one or two at a time
CHAIN_LIMIT = 8
KEPT = timedelta(hours=24)
REFUSED_SECONDS = 60.0  # an address whose certificate was no good is not asked again for so long
REFUSED_LIMIT = 256
FETCHES_PER_MINUTE = 30
BYTES_LIMIT = 64 * 1024
FETCH_SECONDS_LIMIT = 4.0

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)
_PAYPALS = re.compile(
    rf"(?i:https://((?:[a-z0-9][a-z0-9-]{{0,61}}\.){{1,5}}{re.escape(PAYPAL)})(?::443)?){PATH}({_NAME.pattern})",
    re.ASCII,
)

Fetch = Callable[[str], Awaitable[bytes]]


class Untrusted(Exception):
    """No certificate of PayPal's; the message says why."""


class NotFetched(Exception):
    """The certificate cannot be had now."""


class NoSuchCertificate(Untrusted):
    """PayPal itself says that there is none."""


def read_roots(path: Path | None) -> list[x509.Certificate]:
    """The roots in a PEM file; this machine's own when none is named. Raises MissingSetting."""
    place = path or Path(ssl.get_default_verify_paths().cafile or "")
    roots = []
    try:
        for block in _PEM.findall(place.read_bytes()):
            with contextlib.suppress(ValueError), warnings.catch_warnings(action="ignore"):
                # Systems carry an old root or two that break today's rules: those are left out.
                roots.append(x509.load_pem_x509_certificate(block))
        if not roots:
            raise ValueError("none could be read")  # noqa: TRY301 - the same line for people
    except (OSError, ValueError) as error:
        raise MissingSetting(
            f"EASYMO_PAYPAL_ROOTS: no root certificates in {str(place) or 'this system'} ({error}). Name a "
            "PEM file, such as the system's ca-certificates.crt."
        ) from None
    return roots


def pinned(url: str, origin: str | None) -> str | None:
    """Where a certificate may be fetched from: below `origin` alone, or by https below paypal.com; else None.

    However somebody spells a host, it is one address: else one certificate would fill the memory of many.
    """
    if origin is not None:
        own = origin.rstrip("/") + PATH
        return url if url.startswith(own) and _NAME.fullmatch(url, len(own)) else None
    match = _PAYPALS.fullmatch(url)
    return match and f"https://{match[1].lower()}{PATH}{match[2]}"


def check_chain(pem: bytes, roots: Store, now: datetime) -> x509.Certificate:
    """The first certificate of a PEM text, when it is PayPal's, valid now and leads to a root.

    Raises Untrusted.
    """
    try:
        leaf, *others = x509.load_pem_x509_certificates(pem)[:CHAIN_LIMIT]
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        hosts = names.get_values_for_type(x509.DNSName)
    except (ValueError, x509.ExtensionNotFound) as error:
        raise Untrusted(f"no certificate with a name: {error}") from None
    host = next((host for host in hosts if host.endswith("." + PAYPAL) and "*" not in host), None)
    if host is None:
        raise Untrusted("the certificate is not PayPal's")
    try:
        PolicyBuilder().store(roots).time(now).build_server_verifier(x509.DNSName(host)).verify(leaf, others)
    except VerificationError as error:
        raise Untrusted(f"the chain does not hold: {error}") from None
    if not isinstance(leaf.public_key(), rsa.RSAPublicKey):
        raise Untrusted("the certificate has no RSA key")
    return leaf


def is_signed_by(certificate: x509.Certificate, signature: bytes, message: bytes) -> bool:
    """SHA256withRSA."""
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)  # see check_chain
    try:
        key.verify(signature, message, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


class Certificates:
    """Certificates by address: fetched once, checked, kept for a day at most."""

    def __init__(
        self,
        roots: list[x509.Certificate],
        *,
        origin: str | None = None,
        fetch: Fetch | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`origin`: the only one asked, instead of paypal.com."""
        self._roots = Store(roots)
        self._origin = origin
        self._fetch = fetch or _fetch
        self._clock = clock
        self._kept: dict[str, tuple[x509.Certificate, datetime]] = {}  # by address, with its end
        self._refused: dict[str, float] = {}
        self._fetches = RateLimit(FETCHES_PER_MINUTE)
        self._one_at_a_time = asyncio.Lock()

    async def at(self, url: str) -> x509.Certificate:
        """The certificate of an address. Raises Untrusted, or Refusal (503) when it cannot be had now."""
        place = pinned(url, self._origin)
        if place is None:
            raise Untrusted("the certificate's address is not PayPal's")
        known = self._known(place)
        if known is not None:
            return known
        async with self._one_at_a_time:
            known = self._known(place)
            if known is not None:
                return known
            if self._refused.get(place, 0.0) > monotonic():
                raise Untrusted("the certificate was no good a moment ago")
            return await self._get(place)

    def _known(self, place: str) -> x509.Certificate | None:
        certificate, until = self._kept.get(place, (None, None))
        return certificate if until is not None and until > self._clock() else None

    async def _get(self, place: str) -> x509.Certificate:
        try:
            if self._fetches.count("").exceeded:
                raise NotFetched("too many were fetched this minute")  # noqa: TRY301 - as if it had been tried
            pem = await self._fetch(place)
            now = self._clock()
            certificate = check_chain(pem, self._roots, now)
        except NotFetched:
            return self._last_good(place)
        except Untrusted:
            self._kept.pop(place, None)
            if len(self._refused) >= REFUSED_LIMIT:
                self._refused.clear()
            self._refused[place] = monotonic() + REFUSED_SECONDS
            raise
        self._kept.pop(place, None)
        if len(self._kept) >= CERTIFICATES_LIMIT:
            del self._kept[next(iter(self._kept))]
        self._kept[place] = (certificate, min(now + KEPT, certificate.not_valid_after_utc))
        return certificate

    def _last_good(self, place: str) -> x509.Certificate:
        """What was fetched a day ago and more, while nothing newer can be had. Raises Refusal (503)."""
        certificate, _ = self._kept.get(place, (None, None))
        if certificate is None or certificate.not_valid_after_utc <= self._clock():
            raise _unavailable()
        return certificate


def _unavailable() -> Refusal:
    return Refusal(
        503, "certificate_unavailable", "PayPal's certificate cannot be had now.", [("retry-after", "30")]
    )


async def _fetch(url: str) -> bytes:
    """One GET, without redirects. Raises NotFetched, and NoSuchCertificate."""
    import aiohttp  # 9 MB: only an ingress that takes PayPal's posts needs it

    timeout = aiohttp.ClientTimeout(total=FETCH_SECONDS_LIMIT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            body = await response.content.read(BYTES_LIMIT + 1)
            while len(body) <= BYTES_LIMIT and (more := await response.content.read(BYTES_LIMIT)):
                body += more
            if response.status in (404, 410):
                raise NoSuchCertificate("there is none at this address")
            if response.status != 200 or len(body) > BYTES_LIMIT:
                raise NotFetched(f"{response.status}, {len(body)} bytes")
            return body
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:  # the last one: no host name
        raise NotFetched(type(error).__name__) from None
