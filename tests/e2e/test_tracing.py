"""Traces through the whole system: one id from Meta's webhook to the calls that answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from infra.settings import Settings
from infra.simulator.chat import Chat
from tests.collector import Collector, collecting
from tests.waiting import eventually

CALL = "sender perform whatsapp.send_message.v1"  # the Graph call
WAY = [
    "POST /webhooks/whatsapp",
    "core whatsapp.message_received.v1",
    "mobility conversation.turn_routed.v1",
    CALL,
]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, collector: Collector) -> Settings:
    """Those of every test, and where spans go."""
    return settings.model_copy(update={"otlp_endpoint": collector.address})


async def test_one_trace_leads_from_the_webhook_to_each_reply(chat: Chat, collector: Collector) -> None:
    await chat.says("book ride")
    await chat.hears("Where should we pick you up?")
    await chat.hears("We look for this vehicle")

    async def both_calls_are_told_of() -> bool:
        return sum(way == WAY for way in _ways(collector)) == 2

    await eventually(both_calls_are_told_of)
    calls = [span for span in collector.spans if span.name == CALL]
    assert len({span.trace_id for span in calls}) == 1
    assert "easymo-ingress" in collector.services.values()
    number = chat.person.phone or ""
    assert number
    assert not [span for span in collector.spans if number in str(span)]


async def test_each_message_has_a_trace_of_its_own(chat: Chat, collector: Collector) -> None:
    await chat.says("hello")
    await chat.hears_list()
    await chat.says("help")
    await chat.hears("STOP")

    async def two_calls_are_told_of() -> bool:
        return len({span.trace_id for span in collector.spans if span.name == CALL}) == 2

    await eventually(two_calls_are_told_of)


def _ways(collector: Collector) -> list[list[str]]:
    """For each Graph call: the names of the spans from the root of its trace to it."""
    spans = {span.span_id: span for span in tuple(collector.spans)}
    return [_way_to(span, spans) for span in spans.values() if span.name == CALL]


def _way_to(span: Span, spans: dict[bytes, Span]) -> list[str]:
    parent = spans.get(span.parent_span_id)
    assert parent is None or parent.trace_id == span.trace_id
    return [*(_way_to(parent, spans) if parent is not None else ()), span.name]
