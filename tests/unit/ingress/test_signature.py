"""Meta's signature: only the exact scheme, over the exact bytes, by any of the secrets."""

from __future__ import annotations

import hmac

import pytest

from ingress.signature import claimed_digest, is_signed

SECRET = b"It's a Secret to Everybody"
BODY = b"Hello, World!"
DIGEST = b"757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"  # published by GitHub


def test_the_published_vector_verifies() -> None:
    claimed = claimed_digest(b"sha256=" + DIGEST)
    assert claimed is not None
    assert is_signed(claimed, BODY, [SECRET])


@pytest.mark.parametrize("secrets", [[SECRET, b"older"], [b"newer", SECRET], [b"a", b"b", SECRET]])
def test_any_of_several_secrets_verifies(secrets: list[bytes]) -> None:
    assert is_signed(bytes.fromhex(DIGEST.decode()), BODY, secrets)


@pytest.mark.parametrize(
    ("body", "secrets"),
    [(BODY + b" ", [SECRET]), (b"", [SECRET]), (BODY, [b"another"]), (BODY, [])],
)
def test_other_bytes_or_secrets_do_not(body: bytes, secrets: list[bytes]) -> None:
    assert not is_signed(bytes.fromhex(DIGEST.decode()), body, secrets)


def test_the_raw_bytes_count_not_what_they_mean() -> None:
    escaped, plain = rb'{"a":"\u00e4\/"}', '{"a":"ä/"}'.encode()
    claimed = hmac.new(SECRET, escaped, "sha256").digest()
    assert is_signed(claimed, escaped, [SECRET])
    assert not is_signed(claimed, plain, [SECRET])


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        b"sha256=",
        DIGEST,
        b"sha1=" + DIGEST[:40],
        b"SHA256=" + DIGEST,
        b"sha512=" + DIGEST,
        b" sha256=" + DIGEST,
        b"sha256=" + DIGEST[:-1],
        b"sha256=" + DIGEST + b"0",
        b"sha256=" + b"g" * 64,
        b"sha256=" + DIGEST[:-2] + b"  ",
        b"sha256=" + b" " * 64,
        b"sha256=" + "é".encode() * 32,
        b"sha256=" + b"\xff" * 64,
    ],
)
def test_whatever_is_not_the_scheme_claims_nothing(header: bytes | None) -> None:
    assert claimed_digest(header) is None


def test_upper_case_hex_is_the_same_digest() -> None:
    assert claimed_digest(b"sha256=" + DIGEST.upper()) == bytes.fromhex(DIGEST.decode())
