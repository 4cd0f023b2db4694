"""PayPal's signature: the vector of its checksum, the certificate's address, its chain and its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zlib import crc32

import orjson
import pytest
from cryptography.x509.verification import Store

from infra.simulator.paypal import CERT_PATH, a_signer, an_authority, paypal_headers, the_root, the_signer
from ingress.answers import Refusal
from ingress.providers.certificates import (
    CERTIFICATES_LIMIT,
    Certificates,
    NotFetched,
    Untrusted,
    check_chain,
    pinned,
)
from ingress.providers.paypal import Paypal
from tests.unit.ingress.test_providers import RECEIVED, Sent

URL = "https://api.paypal.com" + CERT_PATH
BODY = b'{"id":"WH-1","create_time":"2026-11-21T10:00:00Z","resource":{"id":"CAP-1"}}'


class Shelf:
    """Hands out certificates, and counts how often."""

    def __init__(self, pem: bytes | None) -> None:
        self.pem = pem
        self.asked = 0

    async def fetch(self, url: str) -> bytes:
        self.asked += 1
        if self.pem is None:
            raise NotFetched("away")
        return self.pem


def paypal(shelf: Shelf) -> Paypal:
    return Paypal("WH-ID", Certificates([the_root().certificate], fetch=shelf.fetch))


async def is_taken(source: Paypal, headers: dict[str, str], body: bytes) -> bool:
    claim = source.claim(Sent(**{name.replace("-", "_"): value for name, value in headers.items()}))
    return claim is not None and await source.verify(claim, body)


async def test_a_post_of_paypals_is_taken_and_its_certificate_kept() -> None:
    shelf = Shelf(the_signer().pem)
    source = paypal(shelf)
    for number in range(3):
        headers = paypal_headers(BODY, "WH-ID", URL, transmission=f"t{number}")
        assert await is_taken(source, headers, BODY)
    assert shelf.asked == 1


async def test_another_body_webhook_or_transmission_is_not() -> None:
    source = paypal(Shelf(the_signer().pem))
    headers = paypal_headers(BODY, "WH-ID", URL)
    assert not await is_taken(source, headers, BODY + b" ")
    assert not await is_taken(source, paypal_headers(BODY, "WH-OTHER", URL), BODY)
    assert not await is_taken(source, headers | {"paypal-transmission-id": "other"}, BODY)
    assert not await is_taken(source, headers | {"paypal-auth-algo": "SHA1withRSA"}, BODY)
    assert not await is_taken(source, headers | {"paypal-transmission-sig": "no base64"}, BODY)


def test_the_checksum_is_unsigned_and_of_the_raw_bytes() -> None:
    assert crc32(b"123456789") == 0xCBF43926  # the check value of CRC-32, above 2^31
    source = paypal(Shelf(None))
    names = {n.replace("-", "_"): v for n, v in paypal_headers(b"123456789", "WH-ID", URL).items()}
    claim = source.claim(Sent(**names))
    assert claim is not None
    assert source.signed_text(claim, b"123456789").endswith(b"|WH-ID|3421780262")


@pytest.mark.parametrize("age", [timedelta(days=5), timedelta(minutes=-6)])
async def test_a_time_that_is_too_far_is_refused_before_anything_is_fetched(age: timedelta) -> None:
    shelf = Shelf(the_signer().pem)
    headers = paypal_headers(BODY, "WH-ID", URL, at=datetime.now(UTC) - age)
    with pytest.raises(Refusal, match="too far"):
        await is_taken(paypal(shelf), headers, BODY)
    assert shelf.asked == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com" + CERT_PATH,
        "https://api.paypal.com.evil.example" + CERT_PATH,
        "https://evil.example" + CERT_PATH,
        "https://evilpaypal.com" + CERT_PATH,
        "https://api.paypal.com@evil.example" + CERT_PATH,
        "https://evil.example#.paypal.com" + CERT_PATH,
        "https://api.paypal.com:8443" + CERT_PATH,
        "https://api.paypal.com/redirect?to=x",
        "https://api.paypal.com" + CERT_PATH + "/../../x",
        "https://api.paypal.com" + CERT_PATH + "?x=1",
        "https://api.paypal.com\\@evil.example" + CERT_PATH,
        "https://[::1" + CERT_PATH,
        "https://api.paypal.com:x" + CERT_PATH,
        "https://api.paypal.com" + CERT_PATH + "?",
        "https://api.paypal.com" + CERT_PATH + "#",
        "https://api.paypal.com" + CERT_PATH + ";x",
        "https://api.paypal.com" + CERT_PATH + "\n",
        "https://api.paypal.com/v1/notifications/certs/",
        "https://api.paypal.com/v1/notifications/certs/" + "x" * 101,
        "https://api.paypal.com/V1/notifications/certs/x",
        "https://a..paypal.com" + CERT_PATH,  # no name that could be looked up
        "https://" + "a" * 70 + ".paypal.com" + CERT_PATH,
        "https://.paypal.com" + CERT_PATH,
        "https://paypal.com" + CERT_PATH,
        "file:///etc/passwd",
    ],
)
async def test_a_certificate_from_elsewhere_is_not_even_fetched(url: str) -> None:
    assert pinned(url, None) is None
    shelf = Shelf(the_signer().pem)
    with pytest.raises(Refusal) as refused:
        await is_taken(paypal(shelf), paypal_headers(BODY, "WH-ID", url), BODY)
    assert refused.value.status == 403
    assert shelf.asked == 0


@pytest.mark.parametrize(
    "time", ["", "now", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x" * 900]
)
async def test_a_time_that_is_none_proves_nothing(time: str) -> None:
    shelf = Shelf(the_signer().pem)
    headers = paypal_headers(BODY, "WH-ID", URL) | {"paypal-transmission-time": time}
    assert not await is_taken(paypal(shelf), headers, BODY)
    assert shelf.asked == 0


def test_an_origin_that_is_set_is_the_only_one() -> None:
    assert pinned(URL, None) == URL
    own = "http://127.0.0.1:9" + CERT_PATH
    assert pinned(own, "http://127.0.0.1:9/") == own
    assert pinned("http://127.0.0.1:90" + CERT_PATH, "http://127.0.0.1:9") is None
    assert pinned(own + "/../x", "http://127.0.0.1:9") is None
    assert pinned(URL, "http://127.0.0.1:9") is None


async def test_however_its_host_is_spelled_a_certificate_is_fetched_and_kept_once() -> None:
    shelf = Shelf(the_signer().pem)
    certificates = Certificates([the_root().certificate], fetch=shelf.fetch)
    for host in ("api.paypal.com", "API.PayPal.com", "api.paypal.com:443"):
        await certificates.at(f"https://{host}{CERT_PATH}")
    await certificates.at("HTTPS://api.paypal.COM" + CERT_PATH)
    assert shelf.asked == 1


@pytest.mark.parametrize(
    "pem",
    [
        a_signer(the_root(), "www.evil.example").pem,
        a_signer(the_root(), "evilpaypal.com").pem,
        a_signer(the_root(), ends_in_days=-0.5).pem,
        a_signer(the_root(), began_days_ago=-0.5).pem,
        a_signer(an_authority("Somebody's root", 4)).pem,
        the_root().pem,
        b"no certificate",
        b"",
    ],
    ids=["another-name", "a-similar-name", "ended", "not-yet", "another-root", "no-leaf", "no-pem", "empty"],
)
async def test_a_certificate_that_is_not_paypals_now(pem: bytes) -> None:
    with pytest.raises(Untrusted):
        check_chain(pem, Store([the_root().certificate]), datetime.now(UTC))
    shelf = Shelf(pem)
    source = paypal(shelf)
    for _ in range(3):
        with pytest.raises(Refusal) as refused:
            await is_taken(source, paypal_headers(BODY, "WH-ID", URL), BODY)
        assert (refused.value.status, refused.value.code) == (403, "invalid_signature")
    assert shelf.asked == 1  # not again within a minute


async def test_what_is_three_days_old_is_taken() -> None:
    at = datetime.now(UTC) - timedelta(days=3, hours=1)
    headers = paypal_headers(BODY, "WH-ID", URL, at=at)
    assert await is_taken(paypal(Shelf(the_signer().pem)), headers, BODY)


async def test_another_body_of_the_same_checksum_is_not_taken() -> None:
    source = paypal(Shelf(the_signer().pem))
    headers = paypal_headers(BODY, "WH-ID", URL)
    assert await is_taken(source, headers, BODY)
    forged = with_checksum(BODY.replace(b"CAP-1", b"CAP-2"), crc32(BODY))
    assert crc32(forged) == crc32(BODY)
    assert not await is_taken(source, headers, forged)
    assert await is_taken(source, headers, BODY)  # a repeat


async def test_only_so_many_transmissions_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingress.providers.paypal.SIGNED_LIMIT", 2)
    source = paypal(Shelf(the_signer().pem))
    for number in range(5):
        assert await is_taken(source, paypal_headers(BODY, "WH-ID", URL, transmission=f"t{number}"), BODY)
    assert list(source._signed) == ["t3", "t4"]


def with_checksum(body: bytes, wanted: int) -> bytes:
    """The body with four bytes more that give it this CRC-32 (which is linear in them)."""
    base = crc32(body + bytes(4))
    rows = [(crc32(body + (1 << bit).to_bytes(4, "little")) ^ base, 1 << bit) for bit in range(32)]
    left, chosen = wanted ^ base, 0
    for bit in reversed(range(32)):
        row = next((row for row in rows if row[0] >> bit & 1), None)
        if row is None:
            continue
        rows = [(r[0] ^ row[0], r[1] ^ row[1]) if r[0] >> bit & 1 else r for r in rows if r is not row]
        if left >> bit & 1:
            left, chosen = left ^ row[0], chosen ^ row[1]
    return body + chosen.to_bytes(4, "little")


async def test_a_certificate_is_not_kept_beyond_its_own_end() -> None:
    at = datetime.now(UTC)
    shelf = Shelf(a_signer(an_authority("Stand-in intermediate", 2, the_root()), ends_in_days=0.5).pem)
    certificates = Certificates([the_root().certificate], fetch=shelf.fetch, clock=lambda: at)
    await certificates.at(URL)
    at += timedelta(hours=13)
    with pytest.raises(Untrusted):
        await certificates.at(URL)
    assert shelf.asked == 2


async def test_while_no_newer_one_can_be_had_the_last_good_one_serves_until_its_end() -> None:
    at = datetime.now(UTC)
    shelf = Shelf(the_signer().pem)
    certificates = Certificates([the_root().certificate], fetch=shelf.fetch, clock=lambda: at)
    first = await certificates.at(URL)
    shelf.pem = None
    at += timedelta(days=20)
    assert await certificates.at(URL) is first
    at += timedelta(days=20)
    with pytest.raises(Refusal) as refused:
        await certificates.at(URL)
    assert refused.value.status == 503


async def test_a_certificate_is_of_no_use_after_its_end() -> None:
    at = datetime.now(UTC)
    shelf = Shelf(the_signer().pem)
    certificates = Certificates([the_root().certificate], fetch=shelf.fetch, clock=lambda: at)
    await certificates.at(URL)
    at += timedelta(hours=25)
    await certificates.at(URL)
    assert shelf.asked == 2
    at += timedelta(days=60)
    with pytest.raises(Untrusted):
        await certificates.at(URL)


async def test_what_cannot_be_fetched_now_is_503_and_fetching_is_bounded() -> None:
    shelf = Shelf(None)
    source = paypal(shelf)
    for number in range(40):
        with pytest.raises(Refusal) as refused:
            await is_taken(source, paypal_headers(BODY, "WH-ID", f"{URL}{number}"), BODY)
        assert (refused.value.status, refused.value.code) == (503, "certificate_unavailable")
    assert shelf.asked == 30


async def test_only_so_many_certificates_are_kept() -> None:
    shelf = Shelf(the_signer().pem)
    certificates = Certificates([the_root().certificate], fetch=shelf.fetch)
    for number in range(CERTIFICATES_LIMIT + 5):
        await certificates.at(f"{URL}{number}")
    assert len(certificates._kept) == CERTIFICATES_LIMIT


def test_the_event_names_itself_and_the_payment() -> None:
    (found,) = paypal(Shelf(None)).updates(None, BODY, RECEIVED)  # type: ignore[arg-type]
    (again,) = paypal(Shelf(None)).updates(None, orjson.dumps(orjson.loads(BODY) | {"x": 1}), RECEIVED)  # type: ignore[arg-type]
    assert found.id == again.id
    assert found.key == "paypal:CAP-1"
    assert found.time == datetime(2026, 11, 21, 10, tzinfo=UTC)
