"""Everything that is no post: Meta's check, the retired address, health, readiness, metrics."""

from __future__ import annotations

import pytest

from infra.settings import Settings
from tests.builders import a_notification, a_text
from tests.integration.ingress.conftest import Poster


@pytest.fixture
def poster(shared_poster: Poster) -> Poster:
    return shared_poster


@pytest.fixture
def settings(shared_settings: Settings) -> Settings:
    return shared_settings


@pytest.mark.parametrize("path", ["/webhooks/whatsapp", "/webhook"])
async def test_metas_check_is_answered_with_its_challenge(
    poster: Poster, settings: Settings, path: str
) -> None:
    token = settings.need("meta_verify_token")
    asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158201444"}
    answer = await poster.get(path, params=asked)
    assert (answer.status, answer.body) == (200, b"1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "é" * 50},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "x" * 300},
    ],
)
async def test_a_wrong_check_is_refused(poster: Poster, settings: Settings, changed: dict[str, str]) -> None:
    token = settings.need("meta_verify_token")
    asked = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1"} | changed
    answer = await poster.get("/webhooks/whatsapp", params=asked)
    assert answer.outcome == (403, "verification_failed")


async def test_a_check_without_anything_is_refused(poster: Poster) -> None:
    assert (await poster.get("/webhooks/whatsapp")).outcome == (403, "verification_failed")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_the_retired_address_says_where_to_go(poster: Poster, method: str) -> None:
    answer = await poster.request(method, "/wa-webhook", data=b"{}" if method == "POST" else None)
    assert answer.outcome == (410, "service_deprecated")
    assert answer.json["use"] == "/webhooks/whatsapp"


async def test_health_readiness_and_metrics(poster: Poster) -> None:
    assert (await poster.get("/health")).json == {"service": "ingress", "status": "ok", "kafka": "reachable"}
    assert (await poster.get("/ready")).json == {"service": "ingress", "status": "ready"}
    await poster.post(a_notification(a_text("x")))
    metrics = (await poster.get("/metrics")).body.decode()
    assert 'easymo_ingress_updates_total{topic="whatsapp.inbound"}' in metrics
    assert 'easymo_ingress_requests_total{source="whatsapp",status="200"}' in metrics
    assert "easymo_kafka_reachable 1.0" in metrics


@pytest.mark.parametrize(
    ("method", "path", "outcome"),
    [
        ("GET", "/", (404, "not_found")),
        ("POST", "/webhooks/other", (404, "not_found")),
        ("GET", "/webhooks/whatsapp/", (404, "not_found")),
        ("PUT", "/webhooks/whatsapp", (405, "method_not_allowed")),
        ("POST", "/health", (405, "method_not_allowed")),
        ("GET", "/webhooks/stripe", (405, "method_not_allowed")),
        ("PUT", "/webhooks/mtn", (404, "provider_off")),
        ("DELETE", "/webhooks/mtn", (405, "method_not_allowed")),
    ],
)
async def test_other_addresses(poster: Poster, method: str, path: str, outcome: tuple[int, str]) -> None:
    assert (await poster.request(method, path)).outcome == outcome


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("abc-123_X.y", True),
        ("x" * 128, True),
        ("x" * 129, False),
        ('"quoted"', False),
        ("a b", False),
        ("", False),
    ],
)
async def test_a_request_id_is_taken_over_or_made(poster: Poster, given: str, taken: bool) -> None:
    for answer in (
        await poster.post_unsigned(x_request_id=given),
        await poster.get("/nowhere", headers={"x-request-id": given}),
    ):
        request_id = answer.json["requestId"]
        assert answer.headers["x-request-id"] == request_id
        assert (request_id == given) is taken
        assert request_id


async def test_a_200_has_a_request_id_too(poster: Poster) -> None:
    answer = await poster.post(a_notification(a_text("x")), x_request_id="mine")
    assert answer.headers["x-request-id"] == "mine"
