"""Payments and the wallet on the real Kafka and PostgreSQL, in front of the providers' stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest
from aiohttp import web

from consumers.runtime.service import Service
from infra.embedded.secrets import made_up_secrets
from infra.embedded.stack import EmbeddedStack
from infra.kafka import topics as kafka_topics
from infra.settings import load_settings
from infra.simulator.providers import ProviderDesk
from tests.databases import folders_of, fresh_database
from tests.integration.payments.till import Till

DOMAINS = ["payments", "wallet", "dead_letters"]


@pytest.fixture(scope="package")
async def till(stack: EmbeddedStack) -> AsyncIterator[Till]:
    """Running consumers and a hand on all that they read and write: one for all tests of this folder, which
    keep apart by amounts, numbers and persons."""
    async with fresh_database(stack, folders_of(*DOMAINS)) as dsn, AsyncExitStack() as exits:
        desk = ProviderDesk()
        app = web.Application()
        desk.add_routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        exits.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
        settings = load_settings(
            kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
            kafka_topic_prefix=f"t{uuid4().hex[:8]}.",
            kafka_partitions_at_most=3,
            postgres_dsn=dsn,
            state_dir=stack.folder,
            mtn_base_url=f"{origin}/mtn",
            mtn_collection_user="u",
            mtn_collection_key="k",
            mtn_collection_subscription="s",
            mtn_disbursement_user="u",
            mtn_disbursement_key="k",
            mtn_disbursement_subscription="s",
            stripe_base_url=f"{origin}/stripe",
            stripe_secret_key="sk_test_x",
            **made_up_secrets(),
        )
        await kafka_topics.apply(settings, [*DOMAINS, "core"])
        till = await exits.enter_async_context(Till(settings, desk))
        till.services.append(await exits.enter_async_context(Service(settings, DOMAINS).running()))
        yield till
