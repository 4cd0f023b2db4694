"""An ingress that serves on a port of its own, topics of its own, and somebody who posts to it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from infra.embedded.secrets import made_up_secrets
from infra.embedded.stack import EmbeddedStack
from infra.kafka import topics
from infra.kafka.connection import consumer_options, topic_name
from infra.settings import Settings, load_settings
from ingress.serve import serving
from schemas.topics import catalogue
from tests.builders import Json, signed
from tests.waiting import eventually

PATH = "/webhooks/whatsapp"


class Poster:
    """Posts to an ingress, as Meta does or as it should not."""

    def __init__(self, session: aiohttp.ClientSession, address: str, secret: bytes) -> None:
        self.session = session
        self.address = address
        self.secret = secret

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    async def request(self, method: str, path: str, **kwargs: Any) -> Answer:
        async with self.session.request(method, self.address + path, **kwargs) as response:
            return Answer(response.status, await response.read(), dict(response.headers))

    async def get(self, path: str, **kwargs: Any) -> Answer:
        return await self.request("GET", path, **kwargs)

    async def post(self, content: Json | bytes, *, path: str = PATH, **headers: str) -> Answer:
        """Signed, unless the headers say otherwise."""
        body = content if isinstance(content, bytes) else orjson.dumps(content)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("POST", path, data=body, headers=signed(body, self.secret) | named)

    async def post_unsigned(self, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.request("POST", PATH, data=b"{}", headers=named)

    async def is_accepted(self, content: Json) -> bool:
        """Whether it is answered 200; a topic just made has no leader for a moment: 503 is right."""
        answer = await self.post(content)
        assert answer.status in (200, 503)
        return answer.status == 200

    async def is_ready(self) -> bool:
        return (await self.get("/ready")).status == 200


class Answer:
    """Status, body and headers of an answer."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = {name.lower(): value for name, value in headers.items()}

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def outcome(self) -> tuple[int, str | None]:
        """The status and the error's code."""
        return self.status, self.json.get("error")


@asynccontextmanager
async def own_topics(stack: EmbeddedStack) -> AsyncIterator[Settings]:
    """Settings with topics of their own, which go afterwards; the ingress needs no database."""
    settings = load_settings(
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        kafka_topic_prefix=f"t{uuid.uuid4().hex[:8]}.",
        kafka_partitions_at_most=3,
        ingress_port=0,
        **made_up_secrets(),
    )
    yield settings
    admin = AIOKafkaAdminClient(**consumer_options(settings))
    await admin.start()
    names = [topic_name(settings, topic.name) for topic in catalogue(())]
    await admin.delete_topics([name for name in await admin.list_topics() if name in names])
    await admin.close()


@asynccontextmanager
async def posting(settings: Settings) -> AsyncIterator[Poster]:
    """An ingress that serves inside, once it is ready."""
    timeout = aiohttp.ClientTimeout(total=60)
    async with serving(settings) as address, aiohttp.ClientSession(timeout=timeout) as session:
        poster = Poster(session, address, settings.secrets("meta_app_secrets")[0])
        await eventually(poster.is_ready)
        yield poster


@pytest.fixture
async def settings(ground: EmbeddedStack) -> AsyncIterator[Settings]:
    async with own_topics(ground) as settings:
        yield settings


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        yield session


@pytest.fixture
async def created_topics(settings: Settings) -> None:
    await topics.apply(settings, ())


@pytest.fixture
async def poster(settings: Settings, created_topics: None) -> AsyncIterator[Poster]:
    """To an ingress of the test's own."""
    async with posting(settings) as poster:
        yield poster


@pytest.fixture(scope="module")
async def shared_settings(stack: EmbeddedStack) -> AsyncIterator[Settings]:
    async with own_topics(stack) as settings:
        await topics.apply(settings, ())
        yield settings


@pytest.fixture(scope="module")
async def shared_poster(shared_settings: Settings) -> AsyncIterator[Poster]:
    """To an ingress that a module's tests share, since they leave nothing behind."""
    async with posting(shared_settings) as poster:
        yield poster
