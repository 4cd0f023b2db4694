"""Masking: no phone number and no secret survives, and what people look up does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from infra.settings import Settings
from infra.telemetry.masking import REDACTED, STRING_LIMIT, Masking, known_secrets

MASKING = Masking(["s3cret-of-meta"])

phones = st.from_regex(r"(250|256|254|255|257|243)[0-9]{9}", fullmatch=True)
surroundings = st.text(max_size=40).filter(lambda text: not text or not text[-1].isdigit())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+250788123456", "+250****456"),
        ("250788123456", "+250****456"),
        ("wa.me/250788123456?text=hi", "wa.me/+250****456?text=hi"),
        ("contact=%2B250788123456", "contact=%2B+250****456"),
        ("+250 788 123 456", "+250****456"),
        ("+250-788-123-456", "+250****456"),
        ("+250 (788) 123-456", "+250****456"),
        ("0788123456", "****456"),
        ("0788 123 456 called", "****456 called"),
        ("788123456", "****456"),
        ("٢٥٠٧٨٨١٢٣٤٥٦", "+٢٥٠****٤٥٦"),
        ("a250788123456b256772000111", "a+250****456b+256****111"),
    ],
)
def test_phone_numbers_are_masked(text: str, expected: str) -> None:
    assert MASKING.text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01T10:00:00.123456+00:00",
        "2026-05-01 10:00:00",
        "127.0.0.1:9092",
        "192.168.100.100",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "123e4567-e89b-12d3-a456-426614174000",
        "12345678-1234-5234-9234-123456789012",
        "0af7651916cd43dd8448eb2112345678",
        "whatsapp.inbound[11]@1234567",
        "wamid.test-1",
    ],
)
def test_what_people_look_up_stays(text: str) -> None:
    assert MASKING.text(text) == text


def test_the_phone_number_inside_a_wamid_is_cut_out() -> None:
    wamid = "wamid.HBgMMjUwNzg4MTIzNDU2FQIAEhggRDY1MjY3QTBGMEE1RTgxQzE1AA=="
    assert MASKING.text(f"sent {wamid}") == "sent wamid.****QzE1AA=="[:5] + "wamid.****" + wamid[-12:]


@settings(deadline=None)
@given(surroundings, phones, st.text(max_size=40))
def test_no_phone_number_survives_in_any_text(before: str, phone: str, after: str) -> None:
    assert phone not in MASKING.text(f"{before}{phone}{after}")


@settings(deadline=None)
@given(
    st.recursive(
        phones,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(phones, inner, max_size=3),
        max_leaves=20,
    ),
    phones,
)
def test_no_phone_number_survives_in_any_value(value: object, phone: str) -> None:
    masked = str(MASKING.value({"value": value, "key": {phone: 1}, "bytes": phone.encode(), "set": {phone}}))
    assert phone not in masked
    assert Masking().text(masked) == masked  # nothing is left that masking would still change


@settings(deadline=None)
@given(st.text(max_size=300), st.integers(0, 300))
def test_masking_never_raises_and_is_bounded(text: str, repeats: int) -> None:
    assert len(MASKING.text(text * repeats)) <= STRING_LIMIT + 1


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("the key is s3cret-of-meta.", "s3cret-of-meta"),
        ("X-Hub-Signature-256: sha256=757107ea0eb2509f", "757107ea0eb2509f"),
        ("Authorization: Bearer EAAG.abc-def", "EAAG.abc-def"),
        ("postgresql://easymo:hunter22@db/easymo", "hunter22"),
        ("GET /me?access_token=EAAGabc&x=1", "EAAGabc"),
        ("GET /?hub.verify_token=mine&hub.challenge=1", "mine"),
    ],
)
def test_secrets_are_redacted(text: str, hidden: str) -> None:
    masked = MASKING.text(text)
    assert hidden not in masked
    assert REDACTED in masked


def test_a_secret_across_the_cut_is_redacted_whole() -> None:
    masked = MASKING.text("x" * (STRING_LIMIT - 4) + "s3cret-of-meta")
    assert "s3cr" not in masked


@pytest.mark.parametrize("name", ["password", "kafka_sasl_password", "Authorization", "x-hub-signature-256"])
def test_values_under_a_secret_name_are_redacted(name: str) -> None:
    assert MASKING.value({name: "anything"}) == {name: REDACTED}


def test_the_secrets_of_the_settings_are_found() -> None:
    settings = Settings(
        meta_app_secrets=SecretStr("newest-one, older-one"), meta_verify_token=SecretStr("abc")
    )
    found = known_secrets(settings)
    assert {"newest-one", "older-one", "newest-one, older-one"} <= set(found)
    assert "abc" not in found  # too short: it would redact half of every line
    assert list(found) == sorted(found, key=lambda secret: (-len(secret), secret))
