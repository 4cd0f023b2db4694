"""Fixtures for every test: the embedded stack (started when first asked for), a database, settings."""

from __future__ import annotations

import asyncio
import inspect
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from infra.embedded.secrets import made_up_secrets
from infra.embedded.stack import EmbeddedStack
from infra.settings import Settings, load_settings
from tests.databases import execute, fresh_database
from tests.secure_listener import SecureListener, a_secure_listener

# How long a machine takes for an example says nothing; the first text takes a second where nothing is cached.
hypothesis_settings.register_profile("easymo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("easymo")


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the services run on."""
    try:
        import uvloop
    except ImportError:  # Windows
        return {"asyncio": asyncio.new_event_loop}
    return {"uvloop": uvloop.new_event_loop}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bring the shuffled tests into a good order, and let those that hang fail where they hang."""
    _order(items, [config.rootpath / path for path in config.getini("testpaths")])
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            marker = item.get_closest_marker("timeout")
            seconds = marker.args[0] if marker else config.getoption("timeout") or config.getini("timeout")
            item.obj = _limited(item.obj, 0.9 * float(seconds))


def _order(items: list[pytest.Item], longest_first: list[Path]) -> None:
    """No long file is begun last, when the others have nothing left to do; and the files of a folder are run
    one after the other, so that what its package shares is made once. All else stays shuffled."""
    shuffled = list(dict.fromkeys(item.path.parent for item in items))

    def place(item: pytest.Item) -> tuple[list[bool], int]:
        return [not item.path.is_relative_to(top) for top in longest_first], shuffled.index(item.path.parent)

    items.sort(key=place)


def _limited(test: Callable[..., Awaitable[None]], seconds: float) -> Callable[..., Awaitable[None]]:
    """Of an async test.

    pytest-timeout cannot: uvloop does not return to Python for its signal, and its other method, a thread,
    ends the whole run. That stays as the last resort, a little later.
    """

    @wraps(test)
    async def run(*args: Any, **kwargs: Any) -> None:
        async with asyncio.timeout(seconds):
            await test(*args, **kwargs)

    return run


@pytest.fixture(scope="session", autouse=True)
def no_settings_from_outside() -> Iterator[None]:
    """A shell with `easymo env` loaded must not send the tests to somebody's database."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("EASYMO_")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def secure_listener(tmp_path_factory: pytest.TempPathFactory) -> SecureListener:
    """Of the stack: with TLS and credentials, as clusters in production are reached."""
    return a_secure_listener(tmp_path_factory.mktemp("secure"))


@pytest.fixture(scope="session")
async def stack(
    tmp_path_factory: pytest.TempPathFactory, secure_listener: SecureListener
) -> AsyncIterator[EmbeddedStack]:
    """The real Kafka and PostgreSQL, one for the whole run. No test stops or restarts them."""
    detours = (secure_listener.detour,)
    async with EmbeddedStack(tmp_path_factory.mktemp("stack"), quick_start=True, detours=detours) as running:
        # Nothing has to outlive a crash here, and each test makes a database and hundreds of files in it.
        await execute(running, "ALTER SYSTEM SET fsync = off")
        await execute(running, "SELECT pg_reload_conf()")
        yield running


@pytest.fixture(scope="session")
async def breakable_stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedStack]:
    """A second one, for tests that kill and restart: they find it running, and leave it running.

    Whoever asks for it gets `postgres` and `settings` on it, too.
    """
    async with EmbeddedStack(tmp_path_factory.mktemp("breakable"), quick_start=True) as running:
        yield running


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> EmbeddedStack:
    """The stack that this test stands on."""
    breaks = "breakable_stack" in request.fixturenames
    found: EmbeddedStack = request.getfixturevalue("breakable_stack" if breaks else "stack")
    return found


@pytest.fixture
def migrations() -> Sequence[Path]:
    """With which migrations a test's database begins: none, unless its folder's conftest says so."""
    return ()


@pytest.fixture
async def postgres(ground: EmbeddedStack, migrations: Sequence[Path]) -> AsyncIterator[str]:
    """The DSN of a fresh database with `migrations` and nothing else, gone after the test."""
    async with fresh_database(ground, migrations) as dsn:
        yield dsn


@pytest.fixture
async def settings(ground: EmbeddedStack, postgres: str) -> AsyncIterator[Settings]:
    """Settings of this test alone: its database, its topic prefix, its secrets, any free port.

    Topics have few partitions and go when the test has ended: a broker that was given tens of thousands
    takes minutes to start again.
    """
    settings = load_settings(
        kafka_bootstrap_servers=ground.kafka_bootstrap_servers,
        kafka_topic_prefix=f"t{uuid.uuid4().hex[:8]}.",
        kafka_partitions_at_most=3,
        postgres_dsn=postgres,
        ingress_port=0,
        state_dir=ground.folder,
        **made_up_secrets(),
    )
    yield settings
    await _delete_topics(ground, settings.kafka_topic_prefix)


async def _delete_topics(stack: EmbeddedStack, prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap_servers)
    await admin.start()
    try:
        names = [name for name in await admin.list_topics() if name.startswith(prefix)]
        if names:
            await admin.delete_topics(names)
    finally:
        await admin.close()
