"""Stripe's pages end with the request, as near as Stripe lets us, and a repeat is the same to the byte."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from aiohttp import web

from infra.payments.calls import Calls
from infra.payments.interface import Order, Refused, Taken
from infra.payments.stripe import StripeClient
from infra.simulator.providers import ProviderDesk

ID = UUID(int=7)


@asynccontextmanager
async def stripe(desk: ProviderDesk) -> AsyncIterator[StripeClient]:
    app = web.Application()
    desk.add_routes(app)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with Calls(f"http://127.0.0.1:{runner.addresses[0][1]}/stripe") as calls:
        yield StripeClient(calls, "sk", "https://wa.me/")
    await runner.cleanup()


def an_order(made_at: datetime, minutes: int) -> Order:
    return Order(ID, 500, made_at=made_at, ends_at=made_at + timedelta(minutes=minutes))


@pytest.mark.parametrize(("minutes", "open_for"), [(15, 31), (30, 31), (60, 60), (24 * 60 + 5, 24 * 60 - 1)])
async def test_when_a_page_ends(minutes: int, open_for: int) -> None:
    desk, made_at = ProviderDesk(), datetime.now(UTC)
    async with stripe(desk) as client:
        order = an_order(made_at, minutes)
        assert isinstance(await client.order(order), Taken)
        ends = made_at + timedelta(minutes=open_for)
        assert desk.sessions[str(ID)].form["expires_at"] == str(int(ends.timestamp()))
        assert await client.order(order) == await client.order(replace(order))  # nothing of it by the clock


async def test_the_stand_in_refuses_what_stripe_refuses() -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=50)
    async with stripe(ProviderDesk()) as client:
        assert await client.order(an_order(long_ago, 60)) == Refused("invalid_request_error")
        assert isinstance(await client.order(an_order(datetime.now(UTC), 60)), Taken)
        assert await client.order(an_order(datetime.now(UTC), 90)) == Refused("idempotency_error")


async def test_without_times_it_is_stripes_own() -> None:
    desk = ProviderDesk()
    async with stripe(desk) as client:
        assert isinstance(await client.order(Order(ID, 500)), Taken)
    assert "expires_at" not in desk.sessions[str(ID)].form
