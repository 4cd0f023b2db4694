"""What Meta posts is in Kafka when it is answered 200."""

from __future__ import annotations

from collections.abc import AsyncIterator
from zlib import crc32

import orjson
import pytest
from pydantic import SecretStr

from infra.kafka.connection import topic_name
from infra.settings import Settings
from schemas import topics
from schemas.envelope import read_envelope
from schemas.events.whatsapp import MessageReceived
from tests.builders import PHONE, a_change, a_notification, a_status, a_text, signed
from tests.integration.ingress.conftest import Poster, posting
from tests.integration.ingress.published import message_ids, records, values


async def test_a_message_is_published_before_it_is_answered(poster: Poster, settings: Settings) -> None:
    message = a_text("book ride")

    answer = await poster.post(a_notification(message))

    assert (answer.status, answer.json) == (200, {"status": "success", "accepted": 1})
    (record,) = await records(settings)
    assert record.topic == topic_name(settings, topics.INBOUND)
    assert record.key == PHONE.encode()
    assert record.partition == crc32(record.key) % settings.kafka_partitions_at_most
    envelope = read_envelope(record.headers)
    assert envelope.type == MessageReceived.event_type
    assert envelope.traceparent.startswith("00-")
    assert MessageReceived.read(record.value).message == message


async def test_all_that_a_post_holds_is_published(poster: Poster, settings: Settings) -> None:
    answer = await poster.post(a_notification(a_text("x"), a_status(), a_change("flows", {"a": 1})))
    assert answer.json["accepted"] == 3
    found = {record.topic for record in await records(settings)}
    assert found == {topic_name(settings, n) for n in (topics.INBOUND, topics.STATUSES, topics.ACCOUNT)}


async def test_a_thousand_updates_of_three_megabytes(poster: Poster, settings: Settings) -> None:
    messages = [a_text("x" * 2900, sender=f"25078{n % 50:07}") for n in range(1000)]

    answer = await poster.post(a_notification(*messages))

    assert answer.json == {"status": "success", "accepted": 1000}
    found = await values(settings, topics.INBOUND)
    assert len(found) == 1000
    for sender in {message["from"] for message in messages}:
        sent = [message["id"] for message in messages if message["from"] == sender]
        assert [v["message"]["id"] for v in found if v["contact"] == sender] == sent  # in their order


async def test_one_update_of_three_megabytes(poster: Poster, settings: Settings) -> None:
    message = a_text("ä" * 1_500_000)
    assert (await poster.post(a_notification(message))).status == 200
    assert (await values(settings, topics.INBOUND))[0]["message"] == message


async def test_a_repeat_has_the_same_id(poster: Poster, settings: Settings) -> None:
    notification = a_notification(a_text("once"))
    for _ in range(2):
        assert (await poster.post(notification)).status == 200
    ids = [read_envelope(record.headers).id for record in await records(settings)]
    assert len(ids) == 2
    assert len(set(ids)) == 1


async def test_a_post_in_pieces_and_without_a_length(poster: Poster, settings: Settings) -> None:
    body = orjson.dumps(a_notification(a_text("x" * 50_000)))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    answer = await poster.request(
        "POST", "/webhooks/whatsapp", data=pieces(), headers=signed(body, poster.secret)
    )
    assert answer.status == 200
    assert len(await records(settings)) == 1


@pytest.mark.parametrize("used", [0, 1, 2])
async def test_any_of_several_secrets_is_taken(settings: Settings, created_topics: None, used: int) -> None:
    secrets = ("newest-secret", "older-secret", "oldest-secret")
    rotating = settings.model_copy(update={"meta_app_secrets": SecretStr(", ".join(secrets))})
    async with posting(rotating) as poster:
        poster.secret = secrets[used].encode()
        assert (await poster.post(a_notification(a_text("x")))).status == 200


async def test_the_alias_takes_the_same(poster: Poster, settings: Settings) -> None:
    message = a_text("x")
    assert (await poster.post(a_notification(message), path="/webhook")).status == 200
    assert await message_ids(settings) == [message["id"]]


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "text/json", "application/x+json"]
)
async def test_kinds_of_json(poster: Poster, content_type: str) -> None:
    assert (await poster.post(a_notification(a_text("x")), content_type=content_type)).status == 200


async def test_unknown_shapes_are_published(poster: Poster, settings: Settings) -> None:
    answer = await poster.post(
        b'{"object":"whatsapp_business_account","entry":[5,{"id":"1","changes":[7]}],"x":"\\ud83d"}'
    )
    assert (answer.status, answer.json["accepted"]) == (200, 3)
    assert len(await records(settings, topics.ACCOUNT)) == 3
