"""Bad input: the right status, a clear error, and nothing published."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from functools import partial

import aiohttp
import orjson
import pytest

from infra.settings import Settings
from ingress import serve
from ingress.reading import BODY_BYTES_LIMIT, BodyReader
from tests.builders import Json, a_change, a_notification, a_text, an_entry, notification_of, signed
from tests.integration.ingress.conftest import PATH, Poster, posting
from tests.integration.ingress.published import records
from tests.waiting import eventually

BODY = orjson.dumps(a_notification(a_text("x")))


def nested(levels: int) -> bytes:
    deep = b"[" * levels + b"]" * levels
    return orjson.dumps(notification_of(an_entry(a_change("flows", "HERE")))).replace(b'"HERE"', deep)


@pytest.fixture
def poster(shared_poster: Poster) -> Poster:
    return shared_poster


@pytest.fixture
async def nothing_published(shared_settings: Settings, poster: Poster) -> AsyncIterator[None]:
    """Nothing is published and nothing is held when the test is over."""
    yield
    assert await records(shared_settings) == []
    metrics = (await poster.get("/metrics")).body
    assert b"\neasymo_ingress_held_bytes 0.0\n" in metrics


@pytest.mark.usefixtures("nothing_published")
class TestNothingIsPublished:
    """And every answer has the same shape."""

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            (None, 403),
            ("", 403),
            ("sha256=" + "0" * 64, 403),
            ("sha1=" + "0" * 40, 403),
            ("sha256=" + "0" * 63, 403),
            ("0" * 64, 403),
        ],
    )
    async def test_a_wrong_signature(self, poster: Poster, header: str | None, expected: int) -> None:
        headers = {} if header is None else {"x-hub-signature-256": header}
        answer = await poster.request("POST", PATH, data=BODY, headers=headers)
        assert answer.outcome == (expected, "invalid_signature")

    async def test_the_signature_of_another_body(self, poster: Poster) -> None:
        answer = await poster.request("POST", PATH, data=BODY + b" ", headers=signed(BODY, poster.secret))
        assert answer.outcome == (403, "invalid_signature")

    async def test_a_right_digest_under_a_wrong_name(self, poster: Poster) -> None:
        right = signed(BODY, poster.secret)["x-hub-signature-256"]
        headers = {"x-hub-signature-256": right.replace("sha256", "sha512")}
        answer = await poster.request("POST", PATH, data=BODY, headers=headers)
        assert answer.outcome == (403, "invalid_signature")

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"", "empty_body"),
            (BODY[:-1], "invalid_json"),
            (BODY[: len(BODY) // 2], "invalid_json"),
            (b"hello", "invalid_json"),
            (b"\xff\xfe\x00", "invalid_json"),
            (b"null", "unexpected_shape"),
            (b"[]", "unexpected_shape"),
            (b'"text"', "unexpected_shape"),
            (b"{}", "unexpected_shape"),
            (b'{"entry":{}}', "unexpected_shape"),
            (b'{"object":"whatsapp_business_account"}', "unexpected_shape"),
            (nested(300), "nested_too_deep"),
            (nested(100_000), "invalid_json"),
        ],
    )
    async def test_a_signed_body_that_says_nothing(self, poster: Poster, body: bytes, code: str) -> None:
        answer = await poster.post(body)
        assert answer.outcome == (400, code)
        assert answer.json["status"] == "error"
        assert answer.json["message"]
        assert answer.json["requestId"] == answer.headers["x-request-id"]

    async def test_deep_nesting_that_is_no_json_either(self, poster: Poster) -> None:
        assert (await poster.post(b"[" * 1_000_000)).outcome == (400, "invalid_json")

    @pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
    async def test_a_wrong_content_type(self, poster: Poster, content_type: str) -> None:
        answer = await poster.post(BODY, content_type=content_type)
        assert answer.outcome == (415, "unsupported_media_type")

    async def test_four_megabytes(self, poster: Poster) -> None:
        assert (await poster.post(b" " * 4_000_000)).outcome == (413, "too_large")
        assert (await poster.post(b" " * (BODY_BYTES_LIMIT + 1))).outcome == (413, "too_large")
        assert (await poster.post(b" " * BODY_BYTES_LIMIT)).outcome == (400, "invalid_json")

    async def test_four_megabytes_without_a_length(self, poster: Poster) -> None:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            while True:
                sent += 65536
                yield b" " * 65536

        headers = signed(BODY, poster.secret)
        try:
            answer = await poster.request("POST", PATH, data=endless(), headers=headers)
            assert answer.outcome == (413, "too_large")
        except aiohttp.ClientError:
            pass  # the server may close the connection while the client still sends
        assert sent < 40_000_000

    async def test_a_length_that_is_a_lie(self, poster: Poster) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", poster.port)
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999\r\n"
        signature = f"X-Hub-Signature-256: sha256={'0' * 64}\r\n\r\n"
        writer.write((head + signature).encode())
        async with asyncio.timeout(20):
            assert b" 413 " in await reader.readline()
        writer.close()

    async def test_a_body_that_breaks_off(self, poster: Poster) -> None:
        before = await broken_off(poster)
        _, writer = await asyncio.open_connection("127.0.0.1", poster.port)
        writer.write(head_of(BODY, poster.secret) + BODY[:-5])
        await writer.drain()
        writer.close()

        async def counted() -> bool:
            return await broken_off(poster) > before

        await eventually(counted)
        assert await broken_off(poster) == before + 1


async def broken_off(poster: Poster) -> float:
    metrics = (await poster.get("/metrics")).body
    found = re.search(rb'\neasymo_ingress_rejected_total\{error="disconnected"\} (\S+)', metrics)
    return float(found[1]) if found else 0.0


async def test_a_slow_body_is_given_up(
    settings: Settings, created_topics: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "BodyReader", partial(BodyReader, seconds_limit=0.1))
    async with posting(settings) as poster:
        reader, writer = await asyncio.open_connection("127.0.0.1", poster.port)
        writer.write(head_of(BODY, poster.secret) + BODY[:10])
        async with asyncio.timeout(20):
            answer = await reader.read(-1)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"error":"slow_body"' in answer
    assert await records(settings) == []


async def test_more_than_can_be_held_is_refused_for_a_moment(
    settings: Settings, created_topics: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "BodyReader", partial(BodyReader, held_limit=1000))
    async with posting(settings) as poster:
        answer = await poster.post(a_notification(a_text("x" * 1000)))
        assert answer.outcome == (503, "overloaded")
        assert answer.headers["retry-after"] == "1"
        assert (await poster.post(a_notification(a_text("x")))).status == 200


def head_of(body: bytes, secret: bytes) -> bytes:
    headers: Json = signed(body, secret) | {"host": "x", "content-length": len(body)}
    lines = [f"POST {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
