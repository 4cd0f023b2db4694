"""A stand-in for PayPal's signing: a root, an intermediate, a certificate, and signatures made with it.

Keys are made up, anew in each process.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import uuid4
from zlib import crc32

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra.embedded.ports import LOOPBACK

HOST = "messageverificationcerts.paypal.com"
CERT_PATH = "/v1/notifications/certs/CERT-1"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Signer:
    """A certificate with its key, and the PEM text of its chain without the root."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    pem: bytes


@cache
def a_key(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@cache
def an_authority(name: str, number: int, issuer: Signer | None = None) -> Signer:
    """A root, or an intermediate below one."""
    key = a_key(number)
    signing = issuer.key if issuer else key
    issuer_name = issuer.certificate.subject if issuer else _name(name)
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    certificate = (
        _builder(name, key, issuer_name, signing)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(signing, SHA256())
    )
    return Signer(certificate, key, certificate.public_bytes(Encoding.PEM))


@cache
def a_signer(
    issuer: Signer, host: str = HOST, *, ends_in_days: float = 30, began_days_ago: float = 1
) -> Signer:
    """A certificate as PayPal's is, below an authority."""
    key = a_key(3)
    builder = _builder(
        host,
        key,
        issuer.certificate.subject,
        issuer.key,
        began_days_ago=began_days_ago,
        ends_in_days=ends_in_days,
    )
    certificate = (
        builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(issuer.key, SHA256())
    )
    return Signer(certificate, key, certificate.public_bytes(Encoding.PEM) + issuer.pem)


def _builder(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    signing: rsa.RSAPrivateKey,
    *,
    began_days_ago: float = 10,
    ends_in_days: float = 365,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - began_days_ago * DAY)
        .not_valid_after(now + ends_in_days * DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
        )
    )


def the_root() -> Signer:
    return an_authority("Stand-in root", 1)


def the_signer() -> Signer:
    """The certificate of PayPal's stand-in, below an intermediate."""
    return a_signer(an_authority("Stand-in intermediate", 2, the_root()))


def paypal_headers(
    body: bytes,
    webhook_id: str,
    cert_url: str,
    *,
    signer: Signer | None = None,
    at: datetime | None = None,
    transmission: str | None = None,
) -> dict[str, str]:
    """The headers of a post that PayPal signs; each has a transmission of its own unless one is given."""
    transmission = transmission or uuid4().hex
    time = (at or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"{transmission}|{time}|{webhook_id}|{crc32(body)}".encode()
    signature = (signer or the_signer()).key.sign(text, PKCS1v15(), SHA256())
    return {
        "paypal-transmission-id": transmission,
        "paypal-transmission-time": time,
        "paypal-transmission-sig": b64encode(signature).decode(),
        "paypal-cert-url": cert_url,
        "paypal-auth-algo": "SHA256withRSA",
        "content-type": "application/json",
    }


@asynccontextmanager
async def certificates() -> AsyncIterator[str]:
    """Hands out the chain at `CERT_PATH` below the address that it yields."""

    async def chain(_: web.Request) -> web.Response:
        return web.Response(body=the_signer().pem)

    app = web.Application()
    app.router.add_get(CERT_PATH, chain)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, 0).start()
        yield f"http://{LOOPBACK}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
