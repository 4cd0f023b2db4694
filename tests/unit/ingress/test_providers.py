"""What providers sign, and how it is checked: the right secret, the right time, the whole body."""

from __future__ import annotations

import hmac
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.settings import MissingSetting, load_settings
from infra.simulator.paypal import the_root
from ingress.answers import Refusal
from ingress.providers.certificates import Certificates
from ingress.providers.chosen import chosen, switched_off
from ingress.providers.momo import MomoGateway
from ingress.providers.momo_sms import MomoSms
from ingress.providers.nonces import Nonces
from ingress.providers.paypal import Paypal
from ingress.providers.stripe import Stripe, StripeClaim
from ingress.update import UnreadableBody
from schemas.events.payments import PaymentNotified

NOON = 1_700_000_000.0
RECEIVED = datetime(2026, 11, 21, 12, tzinfo=UTC)
NO_CLAIM = StripeClaim(b"", ())
BODY = b'{"transactionId": "T1", "amount": 500, "currency": "RWF", "status": "SUCCESSFUL"}'


class Sent:
    """Headers as granian hands them over."""

    def __init__(self, **headers: str) -> None:
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def get(self, key: str, default: None = None) -> str | None:
        return self._headers.get(key, default)

    def __contains__(self, key: str) -> bool:
        return key in self._headers

    def get_all(self, key: str) -> list[str]:
        return [value for name, value in self._headers.items() if name == key]

    def items(self) -> list[tuple[str, str]]:
        return list(self._headers.items())


def hexed(secret: bytes, text: bytes) -> str:
    return hmac.digest(secret, text, "sha256").hex()


async def is_taken(source: Any, headers: Sent, body: bytes) -> bool:
    claim = source.claim(headers)
    return claim is not None and await source.verify(claim, body)


class TestMomo:
    async def test_any_of_the_secrets_signs_the_raw_body(self) -> None:
        source = MomoGateway([b"new", b"old"])
        for secret in (b"new", b"old"):
            assert await is_taken(source, Sent(x_signature=hexed(secret, BODY)), BODY)
            assert await is_taken(source, Sent(x_signature="sha256=" + hexed(secret, BODY)), BODY)
        assert not await is_taken(source, Sent(x_signature=hexed(b"older", BODY)), BODY)
        assert not await is_taken(source, Sent(x_signature=hexed(b"new", BODY)), BODY + b" ")

    @pytest.mark.parametrize("header", ["", "sha256=", "0" * 63, "g" * 64, "0" * 65])
    def test_what_is_no_signature_is_not_looked_at(self, header: str) -> None:
        assert MomoGateway([b"new"]).claim(Sent(x_signature=header)) is None
        assert MomoGateway([b"new"]).claim(Sent()) is None

    def test_a_repeat_has_the_same_id_and_another_status_has_not(self) -> None:
        source = MomoGateway([b"new"])
        (first,) = source.updates(b"", BODY, RECEIVED)
        (again,) = source.updates(b"", BODY, RECEIVED + timedelta(minutes=5))
        (other,) = source.updates(b"", BODY.replace(b"SUCCESSFUL", b"FAILED"), RECEIVED)
        (amount,) = source.updates(b"", BODY.replace(b"500", b"900"), RECEIVED)
        assert len({first.id, other.id, amount.id}) == 3  # nothing that contradicts is lost as a repeat
        assert first.id == again.id
        assert first.key == again.key == other.key == "momo:T1"
        assert PaymentNotified.read(first.value).body == BODY.decode()

    @pytest.mark.parametrize(
        ("name", "value", "key"),
        [("financialTransactionId", 23503452, "momo:23503452"), ("externalId", "x" * 300, None)],
    )
    def test_other_names_of_the_payment(self, name: str, value: Any, key: str | None) -> None:
        (found,) = MomoGateway([b"new"]).updates(b"", orjson.dumps({name: value}), RECEIVED)
        assert found.key == key or len(found.key) < 100

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"x"', b"{", b"\xff"])
    def test_what_is_no_object_is_unreadable(self, body: bytes) -> None:
        with pytest.raises(UnreadableBody):
            MomoGateway([b"new"]).updates(b"", body, RECEIVED)

    def test_half_an_emoji_is_mended_so_that_it_can_be_read(self) -> None:
        (found,) = MomoGateway([b"new"]).updates(b"", rb'{"transactionId":"T1","payer":"\ud83d"}', RECEIVED)
        assert orjson.loads(PaymentNotified.read(found.value).body)["payer"] == "\ufffd"


class TestStripe:
    """The header of Stripe's documentation; the digests were computed with `hmac`, not with our code."""

    SECRET = b"whsec_test_secret"

    def headers(self, at: float = NOON, *, secret: bytes = SECRET, extra: str = "") -> Sent:
        digest = hexed(secret, f"{at:.0f}.".encode() + BODY)
        return Sent(stripe_signature=f"t={at:.0f},{extra}v1={digest},v0={'0' * 64}")

    async def test_any_v1_may_match_any_secret(self) -> None:
        source = Stripe([b"whsec_new", self.SECRET], clock=lambda: NOON)
        assert await is_taken(source, self.headers(), BODY)
        assert await is_taken(source, self.headers(extra=f"v1={'0' * 64},"), BODY)
        assert not await is_taken(source, self.headers(secret=b"whsec_other"), BODY)
        assert not await is_taken(source, self.headers(), BODY + b" ")

    async def test_a_v0_counts_for_nothing(self) -> None:
        digest = hexed(self.SECRET, b"1700000000." + BODY)
        header = Sent(stripe_signature=f"t=1700000000,v0={digest}")
        assert Stripe([self.SECRET], clock=lambda: NOON).claim(header) is None

    @pytest.mark.parametrize(("age", "taken"), [(300, True), (301, False), (-300, True), (-301, False)])
    async def test_five_minutes_on_either_side(self, age: float, taken: bool) -> None:
        source = Stripe([self.SECRET], clock=lambda: NOON + age)
        if taken:
            assert await is_taken(source, self.headers(), BODY)
        else:
            with pytest.raises(Refusal) as refused:
                await is_taken(source, self.headers(), BODY)
            assert (refused.value.status, refused.value.code) == (403, "stale_timestamp")

    async def test_another_time_is_another_signature(self) -> None:
        header = self.headers().get("stripe-signature") or ""
        later = Sent(stripe_signature=header.replace("1700000000", "1700000001"))
        assert not await is_taken(Stripe([self.SECRET], clock=lambda: NOON), later, BODY)

    @pytest.mark.parametrize(
        "header", ["", "t=,v1=", "t=x,v1=" + "00" * 32, "v1=" + "00" * 32, "t=1", "=" * 4000]
    )
    def test_what_is_no_header_of_stripes(self, header: str) -> None:
        assert Stripe([self.SECRET]).claim(Sent(stripe_signature=header)) is None

    def test_the_event_names_itself_and_the_payment(self) -> None:
        created = int(RECEIVED.timestamp()) - 3600
        event = {
            "id": "evt_1",
            "created": created,
            "data": {"object": {"id": "cs_1", "payment_intent": "pi_1"}},
        }
        source = Stripe([self.SECRET])
        (first,) = source.updates(NO_CLAIM, orjson.dumps(event), RECEIVED)
        (again,) = source.updates(NO_CLAIM, orjson.dumps(event | {"pending_webhooks": 2}), RECEIVED)
        assert first.id == again.id
        assert first.key == "stripe:pi_1"
        assert first.time == RECEIVED - timedelta(hours=1)

    @pytest.mark.parametrize("created", [0, -1, 10**30, True, "1", None, 4_000_000_000])
    def test_a_time_that_cannot_be_is_the_time_of_receipt(self, created: Any) -> None:
        body = orjson.dumps({"id": "evt_1"})[:-1] + b',"created":' + str(created).encode() + b"}"
        if created in (True, None):
            body = orjson.dumps({"id": "evt_1", "created": created})
        (found,) = Stripe([self.SECRET]).updates(NO_CLAIM, body, RECEIVED)
        assert found.time == RECEIVED


class TestMomoSms:
    SECRET = b"relay"
    SMS = orjson.dumps({"nonce": "n1", "device_id": "d1", "client_transaction_id": "c1", "message": "Hello"})

    def headers(
        self, body: bytes = SMS, *, at: str = "1700000000", nonce: str = "n1", device: str = "d1"
    ) -> Sent:
        signed = hexed(self.SECRET, body)
        return Sent(x_momo_signature=signed, x_momo_timestamp=at, x_momo_nonce=nonce, x_momo_device_id=device)

    async def test_a_post_of_the_relay(self) -> None:
        source = MomoSms([b"next", self.SECRET], clock=lambda: NOON + 299)
        assert await is_taken(source, self.headers(), self.SMS)
        assert await is_taken(source, self.headers(at="1700000000123"), self.SMS)  # milliseconds
        assert not await is_taken(source, self.headers(), self.SMS + b" ")

    async def test_too_old(self) -> None:
        with pytest.raises(Refusal, match="too far"):
            await is_taken(MomoSms([self.SECRET], clock=lambda: NOON + 301), self.headers(), self.SMS)

    def test_blanks_around_a_nonce_make_no_other_of_it(self) -> None:
        source = MomoSms([self.SECRET])
        claims = [source.claim(self.headers(nonce=nonce)) for nonce in ("n1", "n1\u00a0", "\u2003n1\u3000")]
        assert {source.nonce(claim) for claim in claims if claim is not None} == {"n1"}
        assert source.claim(self.headers(nonce="\u3000")) is None

    @pytest.mark.parametrize("missing", ["x-momo-signature", "x-momo-timestamp", "x-momo-nonce"])
    def test_a_header_is_missing(self, missing: str) -> None:
        kept = {name: value for name, value in self.headers().items() if name != missing}
        assert MomoSms([self.SECRET]).claim(Sent(**kept)) is None

    @pytest.mark.parametrize("other", [{"nonce": "n2"}, {"device": "d2"}])
    def test_unsigned_headers_cannot_say_otherwise_than_the_signed_body(self, other: dict[str, str]) -> None:
        source = MomoSms([self.SECRET])
        claim = source.claim(self.headers(nonce=other.get("nonce", "n1"), device=other.get("device", "d1")))
        assert claim is not None
        with pytest.raises(Refusal) as refused:
            source.updates(claim, self.SMS, RECEIVED)
        assert refused.value.status == 403

    def test_the_same_message_is_the_same_notification_whatever_the_nonce(self) -> None:
        source = MomoSms([self.SECRET])
        other = orjson.dumps(orjson.loads(self.SMS) | {"nonce": "n2"})
        first = source.updates(source.claim(self.headers()), self.SMS, RECEIVED)  # type: ignore[arg-type]
        claim = source.claim(self.headers(other, nonce="n2"))
        assert claim is not None
        assert source.updates(claim, other, RECEIVED)[0].id == first[0].id
        text = orjson.dumps(orjson.loads(self.SMS) | {"message": "Hi"})
        assert source.updates(claim._replace(nonce="n1"), text, RECEIVED)[0].id != first[0].id


class TestNonces:
    def test_a_nonce_is_good_once_and_again_when_the_post_was_not_accepted(self) -> None:
        nonces = Nonces()
        with pytest.raises(ZeroDivisionError), nonces.using("n"):
            raise ZeroDivisionError
        with nonces.using("n"), pytest.raises(Refusal) as refused, nonces.using("n"):
            pass
        assert (refused.value.status, refused.value.code) == (
            503,
            "nonce_under_way",
        )  # the first may yet fail
        with pytest.raises(Refusal) as refused, nonces.using("n"):
            pass
        assert (refused.value.status, refused.value.code) == (409, "replayed_nonce")

    def test_a_nonce_under_way_counts_for_the_bound(self) -> None:
        nonces = Nonces(limit=1)
        with nonces.using("a"), pytest.raises(Refusal) as refused, nonces.using("b"):
            pass
        assert (refused.value.status, refused.value.code) == (503, "overloaded")

    def test_memory_has_a_bound_and_an_end(self) -> None:
        at = 0.0
        nonces = Nonces(kept_seconds=10, limit=2, clock=lambda: at)
        for nonce in "ab":
            with nonces.using(nonce):
                pass
        with pytest.raises(Refusal) as refused, nonces.using("c"):
            pass
        assert refused.value.status == 503
        at = 10.0
        with nonces.using("c"), nonces.using("a"):
            pass


class TestChosen:
    def test_who_has_a_secret_is_on_and_the_others_paths_say_which_is_missing(self) -> None:
        providers = chosen(load_settings(momo_webhook_secrets="a,b", stripe_webhook_secrets="whsec_x"))
        assert [provider.source.name for provider in providers] == ["momo", "stripe"]
        off = switched_off(providers, load_settings())
        assert off["/webhooks/paypal"] == "EASYMO_PAYPAL_WEBHOOK_ID"
        assert off["/momo-sms-webhook"] == "EASYMO_MOMO_SMS_SECRETS"
        assert "/webhooks/stripe" not in off

    def test_who_has_a_secret_and_is_not_named_is_off_for_want_of_the_name(self) -> None:
        settings = load_settings(
            payment_providers="momo", momo_webhook_secrets="a", stripe_webhook_secrets="b"
        )
        assert switched_off(chosen(settings), settings)["/webhooks/stripe"] == "EASYMO_PAYMENT_PROVIDERS"

    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ({"payment_providers": "stripe"}, "EASYMO_STRIPE_WEBHOOK_SECRETS"),
            ({"payment_providers": "paypall"}, "paypall"),
            ({"momo_sms_secrets": "a"}, "EASYMO_MOMO_SMS_ALLOWED_IPS"),
            ({"momo_sms_secrets": "a", "momo_sms_allowed_ips": "home"}, "EASYMO_MOMO_SMS_ALLOWED_IPS"),
            ({"momo_sms_secrets": "a", "momo_sms_allowed_ips": ","}, "EASYMO_MOMO_SMS_ALLOWED_IPS"),
            ({"momo_webhook_secrets": " , "}, "EASYMO_MOMO_WEBHOOK_SECRETS"),
            ({"payment_providers": "mtn"}, "EASYMO_MTN_CALLBACK_URL"),
            ({"paypal_webhook_id": "W", "paypal_roots": "/nowhere.pem"}, "EASYMO_PAYPAL_ROOTS"),
        ],
    )
    def test_what_is_not_complete_stops_the_start(self, given: dict[str, str], named: str) -> None:
        with pytest.raises(MissingSetting, match=named):
            chosen(load_settings(**given))


def test_the_tests_clock_is_not_the_one_outside() -> None:
    assert abs(time.time() - NOON) > 301


ANY_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "x_signature",
            "x_momo_signature",
            "x_momo_timestamp",
            "x_momo_nonce",
            "x_momo_device_id",
            "stripe_signature",
            "paypal_transmission_id",
            "paypal_transmission_time",
            "paypal_transmission_sig",
            "paypal_cert_url",
            "paypal_auth_algo",
        ]
    ),
    st.text(max_size=100) | st.from_regex(r"t=\d{1,15}(,v1=[0-9a-f]{64}){0,9}") | st.just("SHA256withRSA"),
)


async def nobody_answers(url: str) -> bytes:
    raise AssertionError(f"{url} is asked")


@given(ANY_HEADERS, st.binary(max_size=50))
async def test_no_headers_are_believed_and_none_make_it_fall_over(
    headers: dict[str, str], body: bytes
) -> None:
    certificates = Certificates([the_root().certificate], fetch=nobody_answers)
    for source in (MomoGateway([b"s"]), MomoSms([b"s"]), Stripe([b"s"]), Paypal("W", certificates)):
        status = 0
        try:
            taken = await is_taken(source, Sent(**headers), body)
        except Refusal as refusal:
            taken, status = False, refusal.status
        assert not taken
        assert status in (0, 403)
