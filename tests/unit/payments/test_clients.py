"""The clients of MTN and Stripe: each answer of a provider becomes one value, whatever it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from infra.payments.calls import ANSWER_BYTES_LIMIT, Calls
from infra.payments.interface import (
    Order,
    Outcome,
    Refused,
    Standing,
    State,
    Taken,
    Unanswered,
    Unreached,
)
from infra.payments.mtn import Account, MtnClient
from infra.payments.opening import open_providers
from infra.payments.stripe import StripeClient
from infra.settings import MissingSetting, load_settings
from tests.waiting import eventually

ORDER = Order(UUID(int=7), 500, "250788123456", "tokens")
ACCOUNT = Account("collection", "user", "key", "subscription", "sandbox", "https://example.org/webhooks/mtn")


class Desk:
    """Answers as it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.tokens = 0
        self.keeps_silent = False
        self.go_on = asyncio.Event()

    async def was_asked_for_a_token(self) -> bool:
        return self.tokens > 0

    async def answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("/token/"):
            self.tokens += 1
            if self.keeps_silent:
                await self.go_on.wait()
                return web.Response(status=503)
            return web.json_response({"access_token": f"t{self.tokens}", "expires_in": 3600})
        self.asked.append((request.method, request.path, dict(request.headers)))
        status, body = self.answers.pop(0)
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, headers={"location": "/elsewhere"})
        return web.json_response(body, status=status)


@asynccontextmanager
async def calling(desk: Desk) -> AsyncIterator[Calls]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", desk.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with Calls(f"http://127.0.0.1:{runner.addresses[0][1]}") as calls:
        yield calls
    await runner.cleanup()


async def ordered(*answers: tuple[int, Any]) -> tuple[Outcome, Desk]:
    desk = Desk()
    desk.answers += answers
    async with calling(desk) as calls:
        return await MtnClient(calls, ACCOUNT).order(ORDER), desk


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (202, b"", Taken()),
        (409, {"code": "RESOURCE_ALREADY_EXIST"}, Taken()),
        (409, {}, Unanswered("HTTP 409")),
        (200, b"<html>", Unanswered("HTTP 200")),  # somebody's page; MTN's yes is 202
        (400, {"code": "PAYER_NOT_FOUND"}, Refused("PAYER_NOT_FOUND")),
        (400, b"<html>", Unanswered("HTTP 400")),  # not MTN's own word: it may have taken it before
        (400, {"code": 400, "message": "Bad Request"}, Unanswered("HTTP 400")),
        (404, {"statusCode": 404, "message": "Resource not found"}, Unanswered("HTTP 404")),
        (404, {"code": 404, "message": "Not Found"}, Unanswered("HTTP 404")),
        (404, {"code": "NOT_FOUND"}, Unanswered("HTTP 404")),
        (405, {"code": "METHOD_NOT_ALLOWED"}, Unanswered("HTTP 405")),
        (429, {}, Unreached("HTTP 429")),
        (500, {"code": "INTERNAL_PROCESSING_ERROR"}, Unanswered("HTTP 500")),
        (503, b"", Unanswered("HTTP 503")),
        (302, b"", Unanswered("HTTP 302")),
        (403, {}, Unanswered("HTTP 403")),
    ],
)
async def test_what_mtn_answers_to_an_order(status: int, body: Any, expected: Outcome) -> None:
    outcome, desk = await ordered((status, body))
    assert outcome == expected
    ((method, path, headers),) = desk.asked
    assert (method, path) == ("POST", "/collection/v1_0/requesttopay")
    assert headers["X-Reference-Id"] == str(ORDER.id)
    assert headers["X-Callback-Url"] == ACCOUNT.callback_url


async def test_a_token_that_ended_is_made_anew_once() -> None:
    outcome, desk = await ordered((401, {}), (202, b""))
    assert outcome == Taken()
    assert [headers["Authorization"] for _, _, headers in desk.asked] == ["Bearer t1", "Bearer t2"]
    outcome, desk = await ordered((401, {}), (401, {}))
    assert outcome == Unreached("the token is refused")


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, {"code": "RESOURCE_NOT_FOUND"}, Standing(State.UNKNOWN)),
        (404, {"statusCode": 404, "message": "Resource not found"}, Unanswered("HTTP 404")),
        (404, {"code": 404, "message": "Not Found"}, Unanswered("HTTP 404")),
        (404, {"code": "900906", "message": "No matching resource found"}, Unanswered("HTTP 404")),
        (404, {"reason": "Not Found"}, Unanswered("HTTP 404")),
        (404, b"<html>", Unanswered("HTTP 404")),
        (200, b"<html>maintenance</html>", Unanswered("HTTP 200")),
        (200, {}, Unanswered("HTTP 200")),
        (200, b"[]", Unanswered("HTTP 200")),
        (200, b"", Unanswered("HTTP 200")),
        (500, {}, Unanswered("HTTP 500")),
        (200, {"status": "PENDING"}, Standing(State.PENDING)),
        (200, {"status": "ANYTHING"}, Standing(State.PENDING)),
        (200, b"x" * (ANSWER_BYTES_LIMIT + 1), Unanswered("HTTP 200")),
        (200, {"status": "FAILED", "reason": "EXPIRED"}, Standing(State.FAILED, reason="EXPIRED")),
        (
            200,
            {"status": "FAILED", "reason": {"code": "APPROVAL_REJECTED"}},
            Standing(State.FAILED, reason="APPROVAL_REJECTED"),
        ),
        (
            200,
            {
                "status": "SUCCESSFUL", "amount": "500", "currency": "RWF", "financialTransactionId": 7,
                "payer": {"partyId": "250788123456"},
            },
            Standing(State.SUCCESSFUL, "7", "500", "RWF", "", "250788123456"),
        ),
    ],
)  # fmt: skip
async def test_what_mtn_says_of_an_order(status: int, body: Any, expected: object) -> None:
    desk = Desk()
    desk.answers.append((status, body))
    async with calling(desk) as calls:
        assert await MtnClient(calls, ACCOUNT).look(ORDER.id) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, {"url": "https://pay"}, Taken("https://pay")),
        (200, {}, Unanswered("HTTP 200")),
        (400, {"error": {"code": "amount_too_small"}}, Refused("amount_too_small")),
        (401, {}, Unreached("HTTP 401")),
        (429, {}, Unreached("HTTP 429")),
        (500, b"", Unanswered("HTTP 500")),
    ],
)
async def test_what_stripe_answers(status: int, body: Any, expected: Outcome) -> None:
    desk = Desk()
    desk.answers.append((status, body))
    async with calling(desk) as calls:
        assert await StripeClient(calls, "sk", "https://wa.me/").order(ORDER) == expected
    assert desk.asked[0][2]["Idempotency-Key"] == str(ORDER.id)


async def test_nobody_listens() -> None:
    async with Calls("http://127.0.0.1:9") as calls:
        outcome = await MtnClient(calls, ACCOUNT).order(ORDER)
        assert isinstance(outcome, Unreached)
        assert isinstance(await StripeClient(calls, "sk", "https://wa.me/").order(ORDER), Unreached)


async def test_who_has_no_credentials_is_off_and_half_of_them_stop_the_start() -> None:
    async with open_providers(load_settings(stripe_secret_key="sk")) as providers:
        assert (providers.collect, providers.pay_out) == (None, None)
        assert providers.link is not None
    with pytest.raises(MissingSetting, match="EASYMO_MTN_COLLECTION_KEY"):
        async with open_providers(load_settings(mtn_collection_user="u")):
            pass


async def test_nobody_queues_for_a_token_that_does_not_come() -> None:
    """Of many who need one at once, one asks; all hear what it heard."""
    desk = Desk()
    desk.keeps_silent = True
    async with calling(desk) as calls:
        client = MtnClient(calls, ACCOUNT)
        looks = [asyncio.ensure_future(client.look(ORDER.id)) for _ in range(8)]
        await eventually(desk.was_asked_for_a_token)
        desk.go_on.set()
        assert {str(answer) for answer in await asyncio.gather(*looks)} == {
            str(Unreached("no token: HTTP 503"))
        }
    assert desk.tokens == 1
