"""The whole system in this process, on the real Kafka and PostgreSQL; only Meta is a stand-in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from consumers import domain_names
from consumers.runtime.discovery import migration_folders
from consumers.runtime.service import Service
from infra.kafka import topics as kafka_topics
from infra.settings import Settings
from infra.simulator.chat import Chat
from infra.simulator.simulator import Simulator
from ingress.serve import serving

Chats = Callable[..., Chat]


@pytest.fixture
def migrations() -> list[Path]:
    """Of everything."""
    return migration_folders()


@pytest.fixture
async def simulator(settings: Settings) -> AsyncIterator[Simulator]:
    """Meta's stand-in, with the secrets of this test's settings."""
    async with Simulator(
        access_token=settings.need("meta_access_token"),
        app_secret=settings.secrets("meta_app_secrets")[0].decode(),
        verify_token=settings.need("meta_verify_token"),
        phone_number_id=settings.need("meta_phone_number_id"),
    ) as simulator:
        yield simulator


@pytest.fixture
async def system(settings: Settings, simulator: Simulator) -> AsyncIterator[Simulator]:
    """Everything is up: the ingress, all consumers, and the simulator in front of them."""
    names = domain_names()
    await kafka_topics.apply(settings, names)
    mtn = {
        f"mtn_{product}_{what}": "x" if what == "user" else SecretStr("x")
        for product in ("collection", "disbursement")
        for what in ("user", "key", "subscription")
    }
    places = {"graph_base_url": simulator.base_url, "mtn_base_url": f"{simulator.origin}/mtn"}
    running = settings.model_copy(update={**places, **mtn})
    async with serving(running) as address, Service(running, names).running():
        simulator.notifier.url = f"{address}/webhooks/whatsapp"
        yield simulator


@pytest.fixture
def chats(system: Simulator) -> Chats:
    """Makes a person with a phone: `chats("250788000001", name="Aline")`."""

    def chat(number: str, name: str = "Aline", **options: object) -> Chat:
        return system.chat(number, name=name, **options)  # type: ignore[arg-type]

    return chat


@pytest.fixture
def chat(chats: Chats) -> Chat:
    """One person with a phone."""
    return chats("250788123456")
