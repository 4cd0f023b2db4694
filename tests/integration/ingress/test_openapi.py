"""The ingress keeps to its OpenAPI document, whatever is posted: fuzzed with Schemathesis."""

from __future__ import annotations

import asyncio
import hmac
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from infra.embedded.stack import EmbeddedStack
from infra.kafka import topics as kafka_topics
from infra.settings import Settings
from ingress.openapi import document
from ingress.pages import RETIRED_PATH
from ingress.providers.chosen import KNOWN
from tests.integration.ingress.conftest import own_topics, posting

SEED = 20261128
EXAMPLES = 10
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DOCUMENT = document()
OPERATIONS = [
    found.ok()
    for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
    if isinstance(found, Ok)
]
TAKING = [operation for operation in OPERATIONS if operation.definition.raw.get("parameters")]
Operation = APIOperation[Any, Any, Any, Any]
Fuzzed = tuple[str, Settings]  # the address of an ingress, and its settings
SESSION = requests.Session()


@pytest.fixture(scope="module")
async def fuzzed(stack: EmbeddedStack) -> AsyncIterator[Fuzzed]:
    """The address of an ingress with every provider but PayPal's certificate, and no limit in the way."""
    async with own_topics(stack) as settings:
        await kafka_topics.apply(settings, ())
        changed = {
            "ingress_unsigned_per_minute": 1_000_000,
            "ingress_payments_per_minute": 1_000_000,
            "ingress_momo_sms_per_minute": 1_000_000,
            "mtn_callback_url": "https://example.org/webhooks/mtn",
        }
        unlimited = settings.model_copy(update=changed)
        async with posting(unlimited) as poster:
            yield poster.address, unlimited


def signed(path: str, body: bytes, settings: Settings) -> dict[str, str]:
    """The headers by which a body is proven at a path; none where nobody here can sign."""

    def hexed(setting: str, text: bytes) -> str:
        return hmac.digest(settings.secrets(setting)[0], text, "sha256").hex()

    stamp = str(int(time.time()))
    match path:
        case "/webhooks/whatsapp" | "/webhook":
            return {"x-hub-signature-256": "sha256=" + hexed("meta_app_secrets", body)}
        case "/webhooks/momo" | "/momo-webhook":
            return {"x-signature": hexed("momo_webhook_secrets", body)}
        case "/webhooks/momo-sms" | "/momo-sms-webhook":
            return {
                "x-momo-signature": hexed("momo_sms_secrets", body),
                "x-momo-timestamp": stamp,
                "x-momo-nonce": uuid.uuid4().hex,
            }
        case "/webhooks/stripe":
            digest = hexed("stripe_webhook_secrets", f"{stamp}.".encode() + body)
            return {"stripe-signature": f"t={stamp},v1={digest}"}
    return {}


def send(case: Case[Any], sign: bool, address: str, settings: Settings) -> int:
    """Send one case over a real connection, and hold the answer against the document."""
    sent = case.as_transport_kwargs(base_url=address)
    if sign:
        sent["data"] = requests.Request(**sent).prepare().body or b""
        sent.pop("json", None)
        # Whatever was generated under these names would be sent beside them.
        proof = signed(case.path, sent["data"], settings)
        given_headers = {k: v for k, v in sent["headers"].items() if k.lower() not in proof}
        sent["headers"] = given_headers | proof
    response = SESSION.request(**sent, timeout=10)
    case.validate_response(response, checks=CHECKS)
    return response.status_code


def statuses(operation: Operation, mode: GenerationMode, fuzzed: Fuzzed, *, sign: bool) -> set[int]:
    """Every status that an operation answered with; the same cases at every run."""
    found = set()

    @seed(SEED)
    @hypothesis_settings(
        max_examples=EXAMPLES, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def play(case: Case[Any]) -> None:
        found.add(send(case, sign, *fuzzed))

    play()
    return found


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.label)
async def test_what_fits_the_document_is_answered_as_it_says(fuzzed: Fuzzed, operation: Operation) -> None:
    found = await asyncio.to_thread(statuses, operation, GenerationMode.POSITIVE, fuzzed, sign=True)
    expected = {410} if operation.path == RETIRED_PATH else {200}
    if operation.path == KNOWN["paypal"].paths[0] or operation.label.startswith("GET /webhook"):
        expected = {403}  # nobody here has PayPal's certificate, or knows the token
    if operation.path in KNOWN["momo-sms"].paths:
        found -= {403}  # some bodies name another nonce or device than the headers: that is refused
    assert found == expected


@pytest.mark.parametrize("operation", TAKING, ids=lambda each: each.label)
@pytest.mark.parametrize("sign", [True, False], ids=["signed", "unsigned"])
async def test_what_does_not_fit_is_never_an_error_of_ours(
    fuzzed: Fuzzed, operation: Operation, sign: bool
) -> None:
    found = await asyncio.to_thread(statuses, operation, GenerationMode.NEGATIVE, fuzzed, sign=sign)
    assert found <= {200, 400, 403, 415}


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
async def test_other_methods_are_405_and_say_which_are_taken(fuzzed: Fuzzed, path: str) -> None:
    taken = {method.upper() for method in DOCUMENT["paths"][path]}
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - taken:
        response = await asyncio.to_thread(SESSION.request, method, fuzzed[0] + path, timeout=10)
        assert (response.status_code, response.json()["error"]) == (405, "method_not_allowed")
        assert set(response.headers["allow"].split(", ")) - {"HEAD"} == taken
