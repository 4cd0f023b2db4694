"""The rate limit: 403 until it is reached, then 429, and never for what Meta signed unless set so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from infra.embedded.ports import LOOPBACK
from infra.settings import Settings
from tests.builders import a_notification, a_text
from tests.integration.ingress.conftest import Poster, posting
from tests.integration.ingress.providers import SMS, Providers


async def test_the_301st_unsigned_request_of_a_minute(poster: Poster) -> None:
    outcomes = [(await poster.post_unsigned()).outcome for _ in range(300)]
    assert set(outcomes) == {(403, "invalid_signature")}

    answer = await poster.post_unsigned()

    assert answer.outcome == (429, "rate_limited")
    assert answer.headers["x-ratelimit-limit"] == "300"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert (await poster.get("/wa-webhook")).status == 429
    assert (await poster.get("/webhooks/whatsapp")).status == 429
    assert (await poster.post(a_notification(a_text("x")))).status == 200  # signed: never lost
    assert (await poster.get("/health")).status == 200


async def test_the_limit_for_signed_traffic_is_a_setting(settings: Settings, created_topics: None) -> None:
    async with posting(settings.model_copy(update={"ingress_signed_per_minute": 300})) as poster:
        statuses = [(await poster.post(b'{"object":"x","entry":[]}')).status for _ in range(301)]
        assert statuses == [200] * 300 + [429]


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [("", [403, 403, 429, 429]), ("127.0.0.0/8", [403, 403, 403, 403])],
)
async def test_forwarded_addresses_count_from_listed_proxies_only(
    settings: Settings, created_topics: None, proxies: str, expected: list[int]
) -> None:
    changed = {"ingress_unsigned_per_minute": 2, "ingress_trusted_proxies": proxies}
    async with posting(settings.model_copy(update=changed)) as poster:
        addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"]
        statuses = [(await poster.post_unsigned(x_forwarded_for=a)).status for a in addresses]
        assert statuses == expected


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        (b"127.0.0.9", 200),
        (b"192.0.2.1", 403),
        (b"127.0.0.9, 192.0.2.1:4711", 403),
        (b"\xff, 192.0.2.1", 403),  # no text: the proxy asks, and nobody knows for whom
        (b"\xff", 403),
    ],
)
async def test_a_list_is_of_those_for_whom_a_proxy_asks(
    settings: Settings, created_topics: None, forwarded: bytes, status: int
) -> None:
    changed = {"ingress_trusted_proxies": "127.0.0.1", "momo_sms_allowed_ips": "127.0.0.0/8"}
    async with posting(settings.model_copy(update=changed)) as poster:
        sent, body = Providers(poster, settings, "").signed_sms("hello")
        head: dict[str, str | bytes] = {**sent, "x-forwarded-for": forwarded}
        assert await status_of(poster.port, SMS, head, body) == status


async def status_of(port: int, path: str, head: Mapping[str, str | bytes], body: bytes) -> int:
    """Of a post whose headers need not be text."""
    lines = [f"POST {path} HTTP/1.1".encode(), b"host: x", b"connection: close"]
    head = {"content-type": "application/json", "content-length": str(len(body)), **head}
    lines += [
        name.encode() + b": " + (value if isinstance(value, bytes) else value.encode())
        for name, value in head.items()
    ]
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    writer.write(b"\r\n".join([*lines, b"", body]))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return int(answer.split(b" ", 2)[1])
