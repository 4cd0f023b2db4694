"""A back end of a few lines for the simulator's tests: takes webhooks, answers what a test tells it to."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from infra.simulator import Simulator

Json = dict[str, Any]
OnMessage = Callable[["BackEnd", Json], Awaitable[None]]


@dataclass
class BackEnd:
    """What arrived, and how to answer."""

    simulator: Simulator
    session: aiohttp.ClientSession
    posts: list[bytes] = field(default_factory=list)
    bodies: list[Json] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)  # statuses to answer before the next 200
    signed_well: bool = True
    on_message: OnMessage | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def values(self) -> list[Json]:
        """Every `value` posted, in order."""
        return [
            change["value"] for body in self.bodies for entry in body["entry"] for change in entry["changes"]
        ]

    def messages(self) -> list[Json]:
        """Every message posted, in order."""
        return [message for value in self.values() for message in value.get("messages", ())]

    def statuses(self, name: str = "") -> list[Json]:
        """Every status posted, in order; those of one name only, if given."""
        found = [status for value in self.values() for status in value.get("statuses", ())]
        return [status for status in found if name in ("", status["status"])]

    async def until(self, reached: Callable[[], object], within_seconds: float = 10.0) -> None:
        """Wait until webhooks made the condition true. Raises TimeoutError."""
        async with asyncio.timeout(within_seconds):
            while not reached():
                self.arrived.clear()
                await self.arrived.wait()

    async def send(self, payload: Json, *, token: str | None = None) -> tuple[int, Json]:
        """`POST …/messages`: HTTP status and JSON."""
        url = f"{self.simulator.base_url}/{self.simulator.phone_number_id}/messages"
        headers = {"Authorization": f"Bearer {token or self.simulator.access_token}"}
        async with self.session.post(url, json=payload, headers=headers) as answer:
            return answer.status, await answer.json()

    async def send_text(self, to: str, body: str, **more: Any) -> tuple[int, Json]:
        """Send text to a number."""
        return await self.send(
            {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}, **more}
        )

    async def take(self, request: web.Request) -> web.Response:
        """The webhook."""
        if request.method == "GET":
            good = request.query["hub.verify_token"] == "simulator-verify"
            return web.Response(
                text=request.query["hub.challenge"] if good else "", status=200 if good else 403
            )
        raw = await request.read()
        expected = "sha256=" + hmac.digest(b"simulator-secret", raw, sha256).hex()
        self.signed_well &= hmac.compare_digest(request.headers["X-Hub-Signature-256"], expected)
        if self.refusals:
            status = self.refusals.pop(0)
            self.posts.append(raw)
            self.arrived.set()
            return web.Response(status=status)
        body = orjson.loads(raw)
        self.posts.append(raw)
        self.bodies.append(body)
        self.arrived.set()
        if self.on_message is not None:
            for value in (change["value"] for entry in body["entry"] for change in entry["changes"]):
                for message in value.get("messages", ()):
                    await self.on_message(self, message)
        return web.Response()


@asynccontextmanager
async def running(on_message: OnMessage | None = None, **options: Any) -> AsyncIterator[BackEnd]:
    """A simulator and a back end that know each other."""
    async with Simulator(**options) as simulator, aiohttp.ClientSession() as session:
        back_end = BackEnd(simulator, session, on_message=on_message)
        app = web.Application()
        app.router.add_route("*", "/webhooks/whatsapp", back_end.take)
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        simulator.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/whatsapp"
        try:
            yield back_end
        finally:
            await runner.cleanup()


async def echo(back_end: BackEnd, message: Json) -> None:
    """Answer text with the same text, anything else with its type."""
    body = message.get("text", {}).get("body") or message["type"]
    await back_end.send_text(message["from"], f"You said: {body}", context={"message_id": message["id"]})
