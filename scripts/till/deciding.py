"""An operator's decision: published like any event, and waited for until it is in the books."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg

from consumers.payments.finding import outcome_of
from infra.kafka.publisher import Output, Publisher
from infra.settings import Settings
from infra.telemetry.tracing import new_traceparent
from schemas import topics
from schemas.envelope import Envelope
from schemas.events.payments import DecideReview

PUBLISH_SECONDS = 15.0
HANDLED_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.1


class NotHandled(Exception):
    """The decision is on its way, and no consumer has taken it yet."""


async def decide(settings: Settings, pool: asyncpg.Pool[Any], decision: DecideReview) -> str:
    """What came of it: `done`, or why not. Raises NotHandled, TimeoutError when Kafka is away."""
    identity = uuid4()
    envelope = Envelope(
        id=identity,
        type=decision.event_type,
        source="/operators",
        subject=decision.payment,
        time=datetime.now(UTC),
        dataschema=decision.dataschema(),
        correlation_id=str(identity),
        causation_id="",
        traceparent=new_traceparent(),
    )
    record = Output(
        topics.intents("payments"), decision.payment.encode(), decision.write(), envelope.headers()
    )
    publisher = Publisher(settings)
    async with asyncio.timeout(PUBLISH_SECONDS):
        await publisher.start()
        try:
            await publisher.publish([record])
        finally:
            await publisher.stop()
    try:
        async with asyncio.timeout(HANDLED_SECONDS):
            while True:
                outcome = await outcome_of(pool, identity)  # type: ignore[arg-type]
                if outcome is not None:
                    return outcome
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except TimeoutError:
        raise NotHandled(
            "The decision is published, and no consumer has taken it within 20 s. It takes effect when "
            "`easymo consume payments` runs; do not decide again."
        ) from None
