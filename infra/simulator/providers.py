"""Stand-ins for the providers that we call: MTN's Collections and Disbursements, and Stripe's pages.

What a payer does is chosen by `behave`, else by the last digit of the phone number, so that people can try
it by hand: see `BY_DIGIT`.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

import aiohttp
import orjson
from aiohttp import web

ORDERS_LIMIT = 10_000
BODY_LIMIT = 64 * 1024
CALLBACKS_LIMIT = 100  # under way at once
CALLBACK_SECONDS = 5.0
TOKEN_SECONDS = 3600
PAGE_SECONDS = range(30 * 60, 24 * 3600 + 1)  # for how long Stripe lets a page be open
PRODUCTS = ("collection", "disbursement")


class Behaviour(StrEnum):
    """What becomes of an order."""

    SUCCESS = "success"
    REFUSAL = "refusal"  # the payer says no: NOT_ENOUGH_FUNDS
    REJECT = "reject"  # MTN does not even take it: PAYER_NOT_FOUND
    SILENCE = "silence"  # taken, no answer to the call, no callback; by and by successful
    NEVER = "never"  # pending for ever
    BUSY = "busy"  # too many requests: nothing was taken
    LOST = "lost"  # the connection is cut, and nothing was taken
    LATE_CALLBACK = "late_callback"  # pending until `finish`
    DOUBLED_CALLBACK = "doubled_callback"
    WRONG_AMOUNT = "wrong_amount"  # the payer pays one franc less
    UNSURE = "unsure"  # successful, but whoever looks gets each of UNSURE_ANSWERS before


BY_DIGIT = {
    "1": Behaviour.REFUSAL,
    "2": Behaviour.REJECT,
    "3": Behaviour.SILENCE,
    "4": Behaviour.NEVER,
    "5": Behaviour.DOUBLED_CALLBACK,
    "6": Behaviour.WRONG_AMOUNT,
    "7": Behaviour.BUSY,
}
# Somebody's page, an error, and "no such order".
UNSURE_ANSWERS = ((200, "<html>"), (500, ""), (404, '{"code": "RESOURCE_NOT_FOUND"}'))
NOT_TAKEN = {Behaviour.REJECT: (400, "PAYER_NOT_FOUND"), Behaviour.BUSY: (429, "TOO_MANY_REQUESTS")}


@dataclass(slots=True)
class Entry:
    """One order as the provider keeps it."""

    product: str
    amount: str
    phone: str
    external_id: str
    behaviour: Behaviour
    callback_url: str | None
    transaction: str
    status: str = "PENDING"
    reason: str = ""
    asked: int = 0  # how often it was looked up


@dataclass(slots=True)
class Session:
    """A page of Stripe's."""

    id: str
    amount: int
    request: str
    form: dict[str, str]
    paid: bool = False


@dataclass
class ProviderDesk:
    """All of them, below `/mtn` and `/stripe`."""

    stripe_secret: bytes = b""
    stripe_webhook: str | None = None
    orders: dict[str, Entry] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    origin: str = "http://127.0.0.1"

    def __post_init__(self) -> None:
        self._numbers = count(int(time.time()) * 1000)
        self._tasks: set[asyncio.Task[None]] = set()
        self._chosen: dict[str, deque[Behaviour]] = {}

    def add_routes(self, app: web.Application) -> None:
        """Hang the handlers into the application."""
        for product, operation in zip(PRODUCTS, ("requesttopay", "transfer"), strict=True):
            app.router.add_post(f"/mtn/{product}/token/", self.token)
            app.router.add_post(f"/mtn/{product}/v1_0/{operation}", self.order)
            app.router.add_get(f"/mtn/{product}/v1_0/{operation}/{{id}}", self.look)
        app.router.add_post("/stripe/v1/checkout/sessions", self.session)
        app.router.add_get("/pay/{id}", self.page)

    def behave(self, phone: str, *behaviours: Behaviour) -> None:
        """What becomes of the next orders for this number, one after the other."""
        self._chosen.setdefault(phone, deque()).extend(behaviours)

    async def close(self) -> None:
        """Give up callbacks that are under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def token(self, request: web.Request) -> web.Response:
        """An access token, for whoever has credentials."""
        if not request.headers.get("Authorization", "").startswith("Basic "):
            return web.json_response({"error": "unauthorized"}, status=401)
        return web.json_response({"access_token": "stand-in", "expires_in": TOKEN_SECONDS})

    async def order(self, request: web.Request) -> web.Response:
        """Take an order, as its behaviour wants."""
        reference = request.headers.get("X-Reference-Id", "")
        if request.headers.get("Authorization") != "Bearer stand-in":
            return web.json_response({"code": "UNAUTHORIZED"}, status=401)
        body = await _json(request)
        party = body.get("payer") or body.get("payee") or {}
        phone = str(party.get("partyId", ""))
        product = request.path.split("/")[2]
        self._count(f"{product}.order")
        if reference in self.orders:
            self._count(f"{product}.repeated")
            return web.json_response({"code": "RESOURCE_ALREADY_EXIST"}, status=409)
        behaviour = self._behaviour(phone)
        if behaviour in NOT_TAKEN:
            status, code = NOT_TAKEN[behaviour]
            return web.json_response({"code": code}, status=status)
        if behaviour is Behaviour.LOST or len(self.orders) >= ORDERS_LIMIT:
            return await _cut(request)
        entry = Entry(
            product,
            str(body.get("amount", "")),
            phone,
            str(body.get("externalId", "")),
            behaviour,
            request.headers.get("X-Callback-Url"),
            str(next(self._numbers)),
        )
        self.orders[reference] = entry
        if behaviour is Behaviour.SILENCE:
            return await _cut(request)
        if behaviour not in (Behaviour.NEVER, Behaviour.LATE_CALLBACK):
            self.finish(reference)
        return web.Response(status=202)

    async def look(self, request: web.Request) -> web.Response:
        """What became of it."""
        entry = self.orders.get(request.match_info["id"])
        if entry is None:
            return web.json_response({"code": "RESOURCE_NOT_FOUND"}, status=404)
        entry.asked += 1
        if entry.behaviour is Behaviour.UNSURE and entry.asked <= len(UNSURE_ANSWERS):
            status, text = UNSURE_ANSWERS[entry.asked - 1]
            return web.Response(status=status, text=text)
        if entry.behaviour is Behaviour.SILENCE and entry.asked > 1:
            self._settle(entry)
        return web.json_response(self._told(entry))

    def finish(self, reference: str) -> None:
        """The payer acts now: the order becomes final, and MTN calls back."""
        entry = self.orders[reference]
        self._settle(entry)
        times = 2 if entry.behaviour is Behaviour.DOUBLED_CALLBACK else 1
        if entry.callback_url and len(self._tasks) < CALLBACKS_LIMIT:
            task = asyncio.get_running_loop().create_task(self._call_back(entry, entry.callback_url, times))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def session(self, request: web.Request) -> web.Response:
        """Make a page; the same idempotency key gives the same one, and takes no other content."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        key = request.headers.get("Idempotency-Key", "")
        self._count("stripe.session")
        known = self.sessions.get(key)
        if known is None:
            ends = form.get("expires_at")
            if ends is not None and int(ends) - int(time.time()) not in PAGE_SECONDS:
                return _stripe_error("invalid_request_error")
            amount = int(form.get("line_items[0][price_data][unit_amount]", "0"))
            request_id = form.get("client_reference_id", "")
            known = Session(f"cs_test_{next(self._numbers)}", amount, request_id, form)
            self.sessions[key] = known
        elif known.form != form:
            return _stripe_error("idempotency_error")
        return web.json_response({"id": known.id, "url": f"{self.origin}/pay/{known.id}"})

    async def page(self, request: web.Request) -> web.Response:
        """Whoever opens a page of Stripe's here pays it."""
        wanted = request.match_info["id"]
        found = next((page for page in self.sessions.values() if page.id == wanted), None)
        if found is None or self.stripe_webhook is None:
            return web.Response(status=404, text="There is no such page.")
        statuses = await self.pay(found.request)
        return web.Response(text=f"RWF {found.amount:,} paid. The webhook answered {statuses[0]}.")

    async def pay(self, request: str, *, times: int = 1) -> list[int]:
        """The payer pays the page of a request; Stripe posts that, signed. The statuses of the answers."""
        session = next(page for page in self.sessions.values() if page.request == request)
        session.paid = True
        event = {
            "id": f"evt_{session.id}",
            "type": "checkout.session.completed",
            "created": int(time.time()),
            "data": {
                "object": {
                    "id": session.id,
                    "payment_intent": f"pi_{session.id}",
                    "payment_status": "paid",
                    "amount_total": session.amount,
                    "currency": "rwf",
                    "client_reference_id": request,
                    "metadata": {"request": request},
                }
            },
        }
        body, stamp = orjson.dumps(event), str(int(time.time()))
        digest = hmac.digest(self.stripe_secret, f"{stamp}.".encode() + body, "sha256").hex()
        headers = {"stripe-signature": f"t={stamp},v1={digest}", "content-type": "application/json"}
        return [await _post(str(self.stripe_webhook), body, headers) for _ in range(times)]

    def _behaviour(self, phone: str) -> Behaviour:
        chosen = self._chosen.get(phone)
        return chosen.popleft() if chosen else BY_DIGIT.get(phone[-1:], Behaviour.SUCCESS)

    def _settle(self, entry: Entry) -> None:
        refused = entry.behaviour is Behaviour.REFUSAL
        entry.status, entry.reason = ("FAILED", "NOT_ENOUGH_FUNDS") if refused else ("SUCCESSFUL", "")
        if entry.behaviour is Behaviour.WRONG_AMOUNT:
            entry.amount = str(int(entry.amount) - 1)

    def _told(self, entry: Entry) -> dict[str, Any]:
        party = "payer" if entry.product == "collection" else "payee"
        told: dict[str, Any] = {
            "amount": entry.amount,
            "currency": "RWF",
            "externalId": entry.external_id,
            "status": entry.status,
            party: {"partyIdType": "MSISDN", "partyId": entry.phone},
        }
        if entry.status == "SUCCESSFUL":
            told["financialTransactionId"] = entry.transaction
        if entry.reason:
            told["reason"] = {"code": entry.reason, "message": "told by the stand-in"}
        return told

    async def _call_back(self, entry: Entry, url: str, times: int) -> None:
        for _ in range(times):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                # MTN does not try again, and neither do we.
                await _post(url, orjson.dumps(self._told(entry)), {"content-type": "application/json"})

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


async def _post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    timeout = aiohttp.ClientTimeout(total=CALLBACK_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        return response.status


async def _json(request: web.Request) -> dict[str, Any]:
    body = orjson.loads(await request.content.read(BODY_LIMIT) or b"{}")
    return body if isinstance(body, dict) else {}


def _stripe_error(kind: str) -> web.Response:
    return web.json_response({"error": {"type": kind}}, status=400)


async def _cut(request: web.Request) -> web.Response:
    """No answer: the connection ends."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()
