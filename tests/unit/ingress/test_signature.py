"""Meta's signature: only the exact scheme, over the exact bytes, by any of the secrets."""

from __future__ import annotations

import hmac

import pytest

from ingress.signature import claimed_digest, is_signed

SECRET = b"It's a Secret to Everybody"
BODY = b"Hello, World!"
DIGEST = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"  # published by GitHub


def test_the_published_vector_verifies() -> None:
    claimed = claimed_digest("sha256=" + DIGEST)
    assert claimed is not None
    assert is_signed(claimed, BODY, [SECRET])


@pytest.mark.parametrize("secrets", [[SECRET, b"older"], [b"newer", SECRET], [b"a", b"b", SECRET]])
def test_any_of_several_secrets_verifies(secrets: list[bytes]) -> None:
    assert is_signed(bytes.fromhex(DIGEST), BODY, secrets)


@pytest.mark.parametrize(
    ("body", "secrets"),
    [(BODY + b" ", [SECRET]), (b"", [SECRET]), (BODY, [b"another"]), (BODY, [])],
)
def test_other_bytes_or_secrets_do_not(body: bytes, secrets: list[bytes]) -> None:
    assert not is_signed(bytes.fromhex(DIGEST), body, secrets)


def test_the_raw_bytes_count_not_what_they_mean() -> None:
    escaped, plain = rb'{"a":"\u00e4\/"}', '{"a":"ä/"}'.encode()
    claimed = hmac.new(SECRET, escaped, "sha256").digest()
    assert is_signed(claimed, escaped, [SECRET])
    assert not is_signed(claimed, plain, [SECRET])


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        DIGEST,
        "sha1=" + DIGEST[:40],
        "SHA256=" + DIGEST,
        "sha512=" + DIGEST,
        " sha256=" + DIGEST,
        "sha256=" + DIGEST[:-1],
        "sha256=" + DIGEST + "0",
        "sha256=" + "g" * 64,
        "sha256=" + DIGEST[:-2] + "  ",
        "sha256=" + " " * 64,
        "sha256=" + "é" * 32,
        "sha256=" + "\xff" * 64,
    ],
)
def test_whatever_is_not_the_scheme_claims_nothing(header: str | None) -> None:
    assert claimed_digest(header) is None


def test_upper_case_hex_is_the_same_digest() -> None:
    assert claimed_digest("sha256=" + DIGEST.upper()) == bytes.fromhex(DIGEST)
