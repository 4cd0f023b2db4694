"""The providers' webhooks over HTTP: taken when proven and stored, refused by name otherwise."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest

from infra.embedded.stack import EmbeddedStack
from infra.kafka import topics as kafka_topics
from infra.settings import Settings
from infra.simulator.paypal import CERT_PATH, certificates, paypal_headers, the_root
from ingress.reading import PAYMENT_BYTES_LIMIT
from schemas import topics
from schemas.events.payments import PaymentNotified
from tests.integration.ingress.conftest import own_topics, posting
from tests.integration.ingress.providers import MOMO, PAYPAL, SMS, STRIPE, Providers
from tests.integration.ingress.published import records


@pytest.fixture(scope="module")
async def cert_origin() -> AsyncIterator[str]:
    """Where the stand-in hands out its certificate."""
    async with certificates() as origin:
        yield origin


@pytest.fixture(scope="module")
async def payment_settings(
    stack: EmbeddedStack, cert_origin: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Settings]:
    roots: Path = tmp_path_factory.mktemp("roots") / "roots.pem"
    await asyncio.to_thread(roots.write_bytes, the_root().pem)
    async with own_topics(stack) as settings:
        await kafka_topics.apply(settings, ())
        rotated = {
            "momo_webhook_secrets": "new-momo, old-momo",
            "momo_sms_secrets": "new-relay,old-relay",
            "stripe_webhook_secrets": "whsec_new,whsec_old",
        }
        yield type(settings)(
            **settings.model_dump(exclude=set(rotated), exclude_unset=True),
            **rotated,  # type: ignore[arg-type]
            paypal_cert_origin=cert_origin,
            paypal_roots=roots,
            mtn_callback_url="https://example.org/webhooks/mtn",
        )


@pytest.fixture(scope="module")
async def providers(payment_settings: Settings, cert_origin: str) -> AsyncIterator[Providers]:
    async with posting(payment_settings) as poster:
        yield Providers(poster, payment_settings, cert_origin)


async def test_what_is_proven_is_published_raw_and_answered_as_any_post(providers: Providers) -> None:
    before = await records(providers.settings, topics.PAYMENTS_INBOUND)
    event = {"id": "evt_1", "data": {"object": {"id": "pi_1"}}}
    answers = [
        await providers.momo(MOMO),
        await providers.momo(MOMO, path="/momo-webhook"),
        await providers.sms("You have received 500 RWF"),
        await providers.sms("You have received 600 RWF", path="/momo-sms-webhook"),
        await providers.stripe(event),
        await providers.stripe(event, at=-200),
        await providers.paypal({"id": "WH-1", "resource": {"id": "CAP-1"}}),
    ]
    assert [(answer.status, answer.json) for answer in answers] == [
        (200, {"status": "success", "accepted": 1})
    ] * len(answers)

    places = {(r.partition, r.offset) for r in before}
    found = [
        record
        for record in await records(providers.settings, topics.PAYMENTS_INBOUND)
        if (record.partition, record.offset) not in places
    ]
    data = [PaymentNotified.read(record.value) for record in found]
    assert Counter(each.provider for each in data) == {"momo": 2, "momo-sms": 2, "stripe": 2, "paypal": 1}
    ids: dict[str, set[bytes]] = {}
    for record, each in zip(found, data, strict=True):
        ids.setdefault(each.provider, set()).add(dict(record.headers)["ce_id"])
    assert {provider: len(own) for provider, own in ids.items()} == {
        "momo": 1,  # a repeat has the id of the first
        "stripe": 1,
        "momo-sms": 2,
        "paypal": 1,
    }
    momo = next(each for each in data if each.provider == "momo")
    assert orjson.loads(momo.body) == MOMO
    assert await records(providers.settings, topics.INBOUND) == []


class TestRefused:
    """Nothing of these is published; each says why in the same shape."""

    @pytest.fixture(autouse=True)
    async def nothing_published(self, providers: Providers) -> AsyncIterator[None]:
        before = len(await records(providers.settings, topics.PAYMENTS_INBOUND))
        yield
        assert len(await records(providers.settings, topics.PAYMENTS_INBOUND)) == before
        assert b"\neasymo_ingress_held_bytes 0.0\n" in (await providers.poster.get("/metrics")).body

    @pytest.mark.parametrize("path", ["/webhooks/momo", SMS, STRIPE, PAYPAL])
    async def test_no_signature(self, providers: Providers, path: str) -> None:
        answer = await providers.post(path, b"{}", {})
        assert answer.outcome == (403, "invalid_signature")
        assert answer.json["requestId"] == answer.headers["x-request-id"]

    async def test_a_wrong_signature(self, providers: Providers) -> None:
        counted = await _refused(providers, "invalid_signature")
        assert (await providers.momo(MOMO, **{"x-signature": "0" * 64})).outcome == (403, "invalid_signature")
        headers = paypal_headers(b"{}", "another webhook", providers.cert_url)
        assert (await providers.post(PAYPAL, b"{}", headers)).outcome == (403, "invalid_signature")
        assert await _refused(providers, "invalid_signature") == counted + 2

    async def test_too_old(self, providers: Providers) -> None:
        stale = (403, "stale_timestamp")
        assert (await providers.sms("late", at=-301)).outcome == stale
        assert (await providers.sms("early", at=+310)).outcome == stale
        assert (await providers.stripe({"id": "evt_2"}, at=-301)).outcome == stale

    @pytest.mark.parametrize(
        ("body", "code"),
        [(b"", "empty_body"), (b"{", "invalid_json"), (b"[]", "unexpected_shape"), (b"\xff", "invalid_json")],
    )
    async def test_malformed(self, providers: Providers, body: bytes, code: str) -> None:
        assert (await providers.momo(body)).outcome == (400, code)

    async def test_another_type_of_content(self, providers: Providers) -> None:
        answer = await providers.momo(MOMO, **{"content-type": "text/plain"})
        assert answer.outcome == (415, "unsupported_media_type")

    async def test_four_megabytes(self, providers: Providers) -> None:
        assert (await providers.momo(b" " * 4_000_000)).outcome == (413, "too_large")
        assert (await providers.momo(b" " * (PAYMENT_BYTES_LIMIT + 1))).outcome == (413, "too_large")
        assert (await providers.momo(b" " * PAYMENT_BYTES_LIMIT)).outcome == (400, "invalid_json")

    async def test_a_certificate_from_elsewhere(self, providers: Providers) -> None:
        headers = paypal_headers(b"{}", "WH", "https://evil.example" + CERT_PATH)
        assert (await providers.post(PAYPAL, b"{}", headers)).outcome == (403, "invalid_signature")


async def _refused(providers: Providers, error: str) -> float:
    """How many posts were refused for this, as operators see it."""
    line = f'easymo_ingress_rejected_total{{error="{error}"}} '.encode()
    page = (await providers.poster.get("/metrics")).body
    return sum(float(each.removeprefix(line)) for each in page.splitlines() if each.startswith(line))


@pytest.mark.parametrize("method", ["PUT", "POST"])
async def test_mtns_callback_is_taken_from_anybody_and_only_a_hint(providers: Providers, method: str) -> None:
    body = orjson.dumps({"externalId": f"order-{method}", "status": "SUCCESSFUL"})
    typed = {"content-type": "application/json"}
    answer = await providers.poster.request(method, "/webhooks/mtn", data=body, headers=typed)
    assert answer.status == 200
    assert (await providers.poster.request("PUT", "/webhooks/momo", data=body, headers=typed)).status != 200
    found = await records(providers.settings, topics.PAYMENTS_INBOUND)
    (hint,) = [r for r in found if r.key == f"mtn:order-{method}".encode()]
    assert PaymentNotified.read(hint.value).provider == "mtn"


async def test_a_nonce_is_good_for_one_post(providers: Providers) -> None:
    assert (await providers.sms("once", nonce="n-1")).status == 200
    assert (await providers.sms("once", nonce="n-1")).outcome == (409, "replayed_nonce")
    assert (await providers.sms("twice", nonce="n-1")).outcome == (409, "replayed_nonce")


async def test_addresses_that_are_not_listed_limits_and_who_is_off(payment_settings: Settings) -> None:
    changed: dict[str, object] = {"momo_sms_allowed_ips": "192.0.2.0/24", "paypal_webhook_id": None}
    changed |= {"ingress_payments_per_minute": 2, "ingress_unsigned_per_minute": 4}
    async with posting(payment_settings.model_copy(update=changed)) as poster:
        providers = Providers(poster, payment_settings, "http://127.0.0.1:9")
        assert (await providers.sms("x")).outcome == (403, "address_not_listed")
        off = await providers.post(PAYPAL, b"{}", {})
        assert off.outcome == (404, "provider_off")
        assert "EASYMO_PAYPAL_WEBHOOK_ID" in off.json["message"]

        statuses = [(await providers.momo(MOMO)).status for _ in range(3)]
        assert statuses == [200, 200, 429]
        assert (await providers.stripe({"id": "evt_3"})).status == 200  # each has a count of its own

        refused = [(await providers.sms("x")).status for _ in range(3)]
        assert refused == [403, 403, 429]


async def test_certificates_that_cannot_be_had_count_for_who_names_them(payment_settings: Settings) -> None:
    nobody = "http://127.0.0.1:9"
    changed = {"ingress_unsigned_per_minute": 3, "paypal_cert_origin": nobody}
    async with posting(payment_settings.model_copy(update=changed)) as poster:
        providers = Providers(poster, payment_settings, nobody)
        outcomes = [(await providers.paypal({"id": f"WH-{number}"})).outcome for number in range(4)]
        assert outcomes == [(503, "certificate_unavailable")] * 3 + [(429, "rate_limited")]


async def test_a_body_nested_deeper_than_most_write_is_taken_as_it_is(providers: Providers) -> None:
    deep = b"[" * 300 + b"]" * 300
    body = b'{"externalId":"deep","a":' + deep + b',"b":"half an emoji \\ud83d","n":18446744073709551616}'
    typed = {"content-type": "application/json"}
    assert (await providers.poster.request("POST", "/webhooks/mtn", data=body, headers=typed)).status == 200
    found = await records(providers.settings, topics.PAYMENTS_INBOUND)
    (hint,) = [PaymentNotified.read(r.value) for r in found if r.key == b"mtn:deep"]
    assert hint.body == body.replace(b"\\ud83d", b"\\ufffd").decode()


async def test_the_101st_sms_of_a_minute(payment_settings: Settings) -> None:
    async with posting(payment_settings) as poster:
        providers = Providers(poster, payment_settings, "http://127.0.0.1:9")
        statuses = [(await providers.sms("same", nonce=f"n{number}")).status for number in range(101)]
        assert statuses == [200] * 100 + [429]
