"""What the stand-ins for MTN and Stripe post is what the ingress takes."""

from __future__ import annotations

import aiohttp
import orjson
from aiohttp import web

from infra.payments.calls import Calls
from infra.payments.interface import Order, Standing, State, Taken
from infra.payments.mtn import Account, MtnClient
from infra.payments.stripe import StripeClient
from infra.settings import Settings
from infra.simulator.providers import Behaviour, ProviderDesk
from schemas import topics
from schemas.events.payments import PaymentNotified
from schemas.ids import content_id
from tests.integration.ingress.conftest import Poster, posting
from tests.integration.ingress.published import records
from tests.waiting import eventually

PHONE = "250788123450"
ORDER = Order(content_id("test", b"an order"), 500, PHONE, "tokens")


async def told(settings: Settings, provider: str) -> list[PaymentNotified]:
    found = await records(settings, topics.PAYMENTS_INBOUND)
    return [n for n in (PaymentNotified.read(r.value) for r in found) if n.provider == provider]


async def test_they_post_what_is_taken(settings: Settings, created_topics: None) -> None:
    on = settings.model_copy(update={"mtn_callback_url": "https://example.org/webhooks/mtn"})
    async with posting(on) as poster:
        desk = ProviderDesk(
            stripe_secret=on.secrets("stripe_webhook_secrets")[0],
            stripe_webhook=f"{poster.address}/webhooks/stripe",
        )
        app = web.Application()
        desk.add_routes(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        desk.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        await _mtn_calls_back(desk, poster, on)
        await _stripe_tells(desk, on)
        assert [len(await told(on, provider)) for provider in ("mtn", "stripe")] == [2, 1]
        await desk.close()
        await runner.cleanup()


async def _mtn_calls_back(desk: ProviderDesk, poster: Poster, settings: Settings) -> None:
    desk.behave(PHONE, Behaviour.DOUBLED_CALLBACK)
    account = Account("collection", "u", "k", "s", "sandbox", f"{poster.address}/webhooks/mtn")
    async with Calls(f"{desk.origin}/mtn") as calls:
        client = MtnClient(calls, account)
        assert await client.order(ORDER) == Taken()
        assert await client.order(ORDER) == Taken()  # 409: it has it
        standing = await client.look(ORDER.id)
        assert isinstance(standing, Standing)
        assert (standing.state, standing.amount) == (State.SUCCESSFUL, "500")

    async def twice() -> bool:
        return len(await told(settings, "mtn")) == 2

    await eventually(twice)
    assert orjson.loads((await told(settings, "mtn"))[0].body)["externalId"] == str(ORDER.id)


async def _stripe_tells(desk: ProviderDesk, settings: Settings) -> None:
    async with Calls(f"{desk.origin}/stripe") as calls, aiohttp.ClientSession() as browser:
        page = await StripeClient(calls, "sk", "https://wa.me/").order(ORDER)
        again = await StripeClient(calls, "sk", "https://wa.me/").order(ORDER)
        assert isinstance(page, Taken)
        assert page == again
        async with browser.get(str(page.url)) as answer:
            assert (answer.status, "answered 200" in await answer.text()) == (200, True)
        async with browser.get(f"{desk.origin}/pay/another") as answer:
            assert answer.status == 404
    (notified,) = await told(settings, "stripe")
    assert orjson.loads(notified.body)["data"]["object"]["client_reference_id"] == str(ORDER.id)
