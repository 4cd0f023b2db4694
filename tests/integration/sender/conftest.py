"""The sender on the real Kafka and PostgreSQL, in front of the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from consumers.sender.listening import Listening
from infra.embedded.secrets import made_up_secrets
from infra.embedded.stack import EmbeddedStack
from infra.kafka import topics as kafka_topics
from infra.postgres.pool import open_pool
from infra.postgres.session import Session
from infra.settings import load_settings
from infra.simulator.simulator import Simulator
from infra.simulator.templates import Template
from tests.databases import folders_of, fresh_database
from tests.integration.sender.office import Office, a_number, serve

REMINDER = {"en": "Your trip {{1}} is near.", "fr": "Votre trajet {{1}} approche."}
TEMPLATES = [Template("reminder", language, body) for language, body in REMINDER.items()]


@pytest.fixture(scope="package")
async def office(stack: EmbeddedStack) -> AsyncIterator[Office]:
    """A running sender and a hand on all that it reads and writes: one for all tests of this folder, which
    keep apart by the people they are about. Meta reports no statuses: tests publish those that they want."""
    async with fresh_database(stack, folders_of("dead_letters", "sender")) as dsn, AsyncExitStack() as exits:
        settings = load_settings(
            kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
            kafka_topic_prefix=f"t{uuid4().hex[:8]}.",
            postgres_dsn=dsn,
            state_dir=stack.folder,
            **made_up_secrets(),
        )
        simulator = Simulator.from_settings(settings, statuses=False, templates=TEMPLATES)
        await exits.enter_async_context(simulator)
        settings = settings.model_copy(update={"graph_base_url": simulator.base_url})
        await kafka_topics.apply(settings, ["sender", "core", "dead_letters"])
        office = await exits.enter_async_context(Office(settings, simulator))
        service = await exits.enter_async_context(serve(settings))
        office.services.append(service)
        office.listening = service.consumers[0].frame.resources[Listening]
        yield office


@pytest.fixture
def aline() -> str:
    """The number of somebody new."""
    return a_number()


@pytest.fixture
def eric() -> str:
    """The number of somebody else."""
    return a_number()


@pytest.fixture
async def session(office: Office) -> AsyncIterator[Session]:
    """A transaction as the domain's role; nothing of it stays."""
    pool = await open_pool(office.settings, "sender", size=1)
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        yield Session(connection)
        await transaction.rollback()
    await pool.close()
