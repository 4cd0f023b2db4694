"""The providers that the settings name, opened for as long as a consumer runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from infra.payments.calls import Calls
from infra.payments.interface import Providers
from infra.payments.mtn import Account, MtnClient
from infra.payments.stripe import StripeClient
from infra.settings import Settings


@asynccontextmanager
async def open_providers(settings: Settings) -> AsyncIterator[Providers]:
    """Those whose credentials are set. Raises MissingSetting for one that is set in part."""
    async with AsyncExitStack() as exits:
        mtn = await exits.enter_async_context(Calls(settings.mtn_base_url))
        stripe = await exits.enter_async_context(Calls(settings.stripe_base_url))
        link = None
        if settings.stripe_secret_key is not None:
            link = StripeClient(stripe, settings.need("stripe_secret_key"), settings.stripe_return_url)
        yield Providers(
            collect=_mtn(settings, mtn, "collection"), link=link, pay_out=_mtn(settings, mtn, "disbursement")
        )


def _mtn(settings: Settings, calls: Calls, product: str) -> MtnClient | None:
    names = [f"mtn_{product}_{part}" for part in ("user", "key", "subscription")]
    if not any(getattr(settings, name) for name in names):
        return None
    user, key, subscription = (settings.need(name) for name in names)
    account = Account(product, user, key, subscription, settings.mtn_environment, settings.mtn_callback_url)
    return MtnClient(calls, account)
