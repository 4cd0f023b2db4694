"""How many requests are handled at once, and what is answered when one fails by our fault."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from infra.registry.exchange import speaking


async def test_more_requests_than_there_is_room_for_wait_their_turn() -> None:
    speak = speaking(requests_limit=2)
    entered: list[int] = []
    leave = asyncio.Event()

    async def handle(number: int) -> web.StreamResponse:
        async def handler(request: web.Request) -> web.StreamResponse:
            entered.append(number)
            await leave.wait()
            return web.Response(text=str(number))

        return await speak(make_mocked_request("GET", "/subjects"), handler)

    tasks = [asyncio.create_task(handle(number)) for number in range(5)]
    for _ in range(10):
        await asyncio.sleep(0)
    assert entered == [0, 1]
    leave.set()
    assert [answer.status for answer in await asyncio.gather(*tasks)] == [200] * 5
    assert entered == [0, 1, 2, 3, 4]


async def test_a_fault_of_ours_is_logged_and_answered_in_json(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        raise TypeError("sorry")

    answer = await speaking()(make_mocked_request("GET", "/subjects"), handler)
    assert isinstance(answer, web.Response)
    assert (answer.status, answer.content_type) == (500, "application/vnd.schemaregistry.v1+json")
    assert isinstance(answer.body, bytes)
    told = json.loads(answer.body)
    assert told["error_code"] == 50001
    assert "sorry" not in told["message"]
    [record] = caplog.records
    assert record.message == "registry.request_failed"
    assert record.exc_info
