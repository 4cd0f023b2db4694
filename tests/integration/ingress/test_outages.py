"""Kafka away, slow or restarting: 503 and never a lost 200; it recovers by itself."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import pytest

from infra.embedded.ports import free_ports
from infra.embedded.stack import EmbeddedStack
from infra.kafka import topics
from infra.settings import MissingSetting, Settings
from infra.telemetry import logs
from infra.telemetry.masking import known_secrets
from ingress.serve import serving
from tests.builders import PHONE, a_notification, a_text
from tests.integration.ingress.conftest import Answer, Poster, posting
from tests.integration.ingress.providers import MOMO, Providers
from tests.integration.ingress.published import message_ids
from tests.waiting import eventually

SHORT = {"ingress_publish_timeout_seconds": 0.5}


@contextmanager
def suspended(breakable_stack: EmbeddedStack) -> Iterator[None]:
    """The broker hangs: its connections stay open, and nothing is answered."""
    pid = breakable_stack.kafka.child.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
async def poster(settings: Settings, created_topics: None) -> AsyncIterator[Poster]:
    async with posting(settings.model_copy(update=SHORT)) as poster:
        yield poster


async def is_not_ready(poster: Poster) -> bool:
    return not await poster.is_ready()


async def test_a_payment_told_while_the_broker_hangs_may_be_told_again(
    poster: Poster, settings: Settings, breakable_stack: EmbeddedStack
) -> None:
    providers = Providers(poster, settings, "")
    with suspended(breakable_stack):
        assert (await providers.momo(MOMO)).outcome == (503, "kafka_unavailable")
        posts = [providers.sms("hello", nonce="n") for _ in range(2)]
        outcomes = {answer.outcome for answer in await asyncio.gather(*posts)}
        assert outcomes == {(503, "kafka_unavailable"), (503, "nonce_under_way")}
    await eventually(poster.is_ready)

    async def is_taken() -> bool:
        answer = await providers.sms("hello", nonce="n")
        assert answer.status in (200, 503)
        return answer.status == 200

    await eventually(is_taken)
    assert (await providers.sms("hello", nonce="n")).outcome == (409, "replayed_nonce")


async def test_a_broker_that_hangs(
    poster: Poster, settings: Settings, breakable_stack: EmbeddedStack
) -> None:
    notification = a_notification(a_text("x"))
    with suspended(breakable_stack):
        answer = await poster.post(notification)
        assert answer.outcome == (503, "kafka_unavailable")
        assert answer.headers["retry-after"] == "5"
        assert (await poster.get("/ready")).json == {
            "service": "ingress",
            "status": "waiting",
            "for": "kafka",
        }
        assert (await poster.get("/health")).status == 200
    await eventually(poster.is_ready)
    await eventually(lambda: poster.is_accepted(notification))
    assert set(await message_ids(settings)) == {
        notification["entry"][0]["changes"][0]["value"]["messages"][0]["id"]
    }


async def test_absence_is_noticed_without_traffic(poster: Poster, breakable_stack: EmbeddedStack) -> None:
    with suspended(breakable_stack):
        await eventually(lambda: is_not_ready(poster))
        # Long enough for it to be refused at once.
        assert b"easymo_kafka_reachable 0.0" in (await poster.get("/metrics")).body
    await eventually(poster.is_ready)


async def test_a_broker_that_is_killed_under_load_loses_nothing(
    poster: Poster, settings: Settings, breakable_stack: EmbeddedStack
) -> None:
    accepted: list[str] = []
    statuses: set[int] = set()
    stop = asyncio.Event()

    async def post_without_end() -> None:
        while not stop.is_set():
            message = a_text("x", sender=f"25078{len(accepted) % 50:07}")
            answer = await poster.post(a_notification(message))
            statuses.add(answer.status)
            if answer.status == 200:
                accepted.append(message["id"])

    async def accepted_more_than(count: int) -> bool:
        return len(accepted) > count

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(post_without_end())
        await eventually(lambda: accepted_more_than(200))
        await breakable_stack.kafka.kill()
        await breakable_stack.kafka.restart()
        before = len(accepted)
        await eventually(lambda: accepted_more_than(before + 200), limit_seconds=90)
        stop.set()

    assert statuses <= {200, 503}
    assert set(accepted) <= set(await message_ids(settings))


async def test_it_starts_without_a_broker_and_says_so(
    settings: Settings, session: aiohttp.ClientSession
) -> None:
    nowhere = SHORT | {"kafka_bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}"}
    async with serving(settings.model_copy(update=nowhere)) as address:
        poster = Poster(session, address, settings.secrets("meta_app_secrets")[0])
        assert (await poster.get("/ready")).status == 503
        assert (await poster.get("/health")).json["kafka"] == "away"
        assert (await poster.post(a_notification(a_text("x")))).outcome == (503, "kafka_unavailable")
        assert (await poster.post_unsigned()).status == 403


async def test_it_becomes_ready_when_its_topics_exist(
    settings: Settings, session: aiohttp.ClientSession
) -> None:
    async with serving(settings.model_copy(update=SHORT)) as address:
        poster = Poster(session, address, settings.secrets("meta_app_secrets")[0])
        assert (await poster.get("/ready")).status == 503
        assert (await poster.post(a_notification(a_text("x")))).status == 503
        await topics.apply(settings, ())
        await eventually(poster.is_ready)
        await eventually(lambda: poster.is_accepted(a_notification(a_text("x"))))


async def test_requests_under_way_are_finished_when_it_stops(
    settings: Settings, created_topics: None, breakable_stack: EmbeddedStack, session: aiohttp.ClientSession
) -> None:
    addresses: asyncio.Queue[str] = asyncio.Queue()
    stop = asyncio.Event()

    async def serve_until_stopped() -> None:
        async with serving(settings) as address:
            await addresses.put(address)
            await stop.wait()

    server = asyncio.create_task(serve_until_stopped())
    poster = Poster(session, await addresses.get(), settings.secrets("meta_app_secrets")[0])
    await eventually(lambda: poster.is_accepted(a_notification(a_text("x"))))
    posts: list[asyncio.Task[Answer]] = []

    async def one_waits() -> bool:
        if not posts or posts[-1].done():  # it was given up before anybody looked
            posts.append(asyncio.create_task(poster.post(a_notification(a_text("x")))))
        return await in_flight(poster)

    with suspended(breakable_stack):
        await eventually(one_waits)
        stop.set()
    assert (await posts[-1]).status == 200
    await server
    assert len(await message_ids(settings)) >= 2  # and perhaps those that were given up


async def in_flight(poster: Poster) -> bool:
    return b"\neasymo_ingress_requests_in_flight 1.0\n" in (await poster.get("/metrics")).body


async def test_no_number_and_no_secret_is_logged(
    settings: Settings, created_topics: None, breakable_stack: EmbeddedStack
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    output = io.StringIO()
    logs.configure("ingress", "debug", secrets=known_secrets(settings), stream=output)
    try:
        async with posting(settings.model_copy(update=SHORT)) as poster:
            await poster.post(a_notification(a_text("x")), x_request_id=PHONE)
            await eventually(lambda: poster.is_accepted(a_notification(a_text("x"))))
            await poster.post(f'{{"entry": {PHONE}, oops}}'.encode())
            await poster.get(
                "/webhooks/whatsapp", params={"hub.verify_token": settings.need("meta_verify_token")}
            )
            with suspended(breakable_stack):
                await poster.post(a_notification(a_text("x")))
            await eventually(poster.is_ready)
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    written = output.getvalue()
    assert "webhook.accepted" in written
    assert PHONE not in written
    for secret in known_secrets(settings):
        assert secret not in written


async def test_a_port_that_is_taken_names_the_setting(poster: Poster, settings: Settings) -> None:
    taken = settings.model_copy(update={"ingress_port": poster.port})
    with pytest.raises(MissingSetting, match="EASYMO_INGRESS_PORT"):
        async with serving(taken):
            pass


@pytest.mark.parametrize("name", ["meta_app_secrets", "meta_verify_token", "kafka_bootstrap_servers"])
async def test_a_missing_setting_is_named(settings: Settings, name: str) -> None:
    with pytest.raises(MissingSetting, match=f"EASYMO_{name.upper()}"):
        async with serving(settings.model_copy(update={name: None})):
            pass
