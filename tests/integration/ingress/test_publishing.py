"""The producer: replaced when it is of no use any more; a trace leads from the request to its record."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka.errors import OutOfOrderSequenceNumber

from infra.settings import Settings
from ingress.publish import KafkaAway, Publisher, UpdateTooLarge
from ingress.serve import TOPICS
from ingress.split import split
from ingress.update import Update
from schemas.envelope import read_envelope
from tests.builders import a_notification, a_text
from tests.collector import collecting
from tests.integration.ingress.conftest import posting
from tests.integration.ingress.published import message_ids, records
from tests.waiting import eventually

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def an_update(body: str = "x") -> list[Update]:
    return split(a_notification(a_text(body)), datetime.now(UTC))


async def is_published(publisher: Publisher, updates: list[Update]) -> bool:
    try:
        await publisher.publish(updates, TRACE)
    except KafkaAway:
        return False
    return True


async def test_a_producer_that_lost_its_sequence_is_replaced(
    settings: Settings, created_topics: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(settings, TOPICS)
    await publisher.start()
    await eventually(lambda: is_published(publisher, an_update()))
    broken = publisher._producer
    assert broken is not None

    async def out_of_order(*args: Any, **kwargs: Any) -> asyncio.Future[object]:
        refused: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        refused.set_exception(OutOfOrderSequenceNumber())
        return refused

    monkeypatch.setattr(broken, "send_batch", out_of_order)
    with pytest.raises(KafkaAway, match="OutOfOrderSequenceNumber"):
        await publisher.publish(an_update() + an_update(), TRACE)

    await eventually(lambda: is_published(publisher, an_update()))
    assert publisher._producer is not broken
    assert publisher.reachable
    assert publisher.watched
    await publisher.close()
    assert not publisher.watched


async def test_what_fits_into_no_record_is_refused_alone(settings: Settings, created_topics: None) -> None:
    publisher = Publisher(settings, TOPICS)
    await publisher.start()
    await eventually(lambda: is_published(publisher, an_update()))
    producer = publisher._producer
    with pytest.raises(UpdateTooLarge):
        await publisher.publish(an_update("x" * 5_000_000), TRACE)
    await publisher.publish(an_update(), TRACE)
    assert publisher._producer is producer
    await publisher.close()


async def test_a_requests_span_is_the_parent_of_its_records(settings: Settings, created_topics: None) -> None:
    with collecting() as collector:
        traced = settings.model_copy(update={"otlp_endpoint": collector.address})
        async with posting(traced) as poster:
            await eventually(lambda: poster.is_accepted(a_notification(a_text("x"))))
            await poster.post_unsigned()
        assert len(await message_ids(settings)) == 1
        (record,) = await records(settings)
    trace, span = read_envelope(record.headers).traceparent.split("-")[1:3]
    (accepted,) = [found for found in collector.spans if found.span_id.hex() == span]
    assert accepted.trace_id.hex() == trace
    assert accepted.name == "POST /webhooks/whatsapp"
    assert not accepted.parent_span_id
    attributes = {a.key: a.value for a in accepted.attributes}
    assert attributes["easymo.accepted"].int_value == 1
    refused = [found for found in collector.spans if found.status.message == "invalid_signature"]
    assert len(refused) == 1
