"""The rate limit: 403 until it is reached, then 429, and never for what Meta signed unless set so."""

from __future__ import annotations

import pytest

from infra.settings import Settings
from tests.builders import a_notification, a_text
from tests.integration.ingress.conftest import Poster, posting


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
