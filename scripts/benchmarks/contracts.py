"""Contracts: reading events in the consumers against plain `orjson.loads`, and the audit of a live topic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any

import orjson

from consumers.route import Route
from consumers.runtime.frontier import Frontier
from consumers.runtime.reading import read
from consumers.runtime.records import Record
from infra.kafka.publisher import Output
from schemas.envelope import Envelope
from schemas.events.core import AddressChanged, AddressChangedV1
from schemas.ids import content_id
from schemas.model import EventData
from schemas.publishing import Registry
from schemas.topics import CORE_EVENTS
from schemas.upcasts import read_as
from scripts.benchmarks import records
from scripts.benchmarks.figures import Findings
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.size import Size
from scripts.contracts.audit import read_topic

TYPICAL = "conversation.turn_routed/v1"  # what a domain's consumer reads most
EVENTS = (
    TYPICAL,
    "whatsapp.message_received/v1",
    "core.person_seen/v1",
    "core.address_changed/v2",
    "wallet.transfer/v1",
    "wallet.posted/v1",
    "whatsapp.send_message/v1",
)
PLAIN, DECODED, WHOLE = "orjson.loads", "decoded and validated", "with headers and day"
LIFTED = "core.address_changed/v1, lifted to v2"
AUDIT = "audit of a topic"
COUNT, COUNT_QUICK = 100_000, 1_000
PARTITIONS = 6
TIMINGS = 20  # the least is taken: all others measure what else the machine does
LOOP, LOOP_QUICK = 1_000, 10  # calls in one timing

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """Decoding in this process; then one topic of several types, audited in each round."""
    findings = Findings("contracts")
    _decoding(findings, size, say)
    await _auditing(findings, ground, size, say)
    return findings


# Decoding ---------------------------------------------------------------------------------------------


def _decoding(findings: Findings, size: Size, say: Say) -> None:
    registry = Registry()
    loop = LOOP_QUICK if size.quick else LOOP
    figures: dict[tuple[str, str], list[float]] = {}
    for number in range(size.rounds):
        say(f"round {number + 1}/{size.rounds}: decoding")
        for name in EVENTS:
            model, value = registry.models[name], _example(registry, name)
            for measure, seconds in _timed(model, value, loop).items():
                figures.setdefault((name, measure), []).append(seconds)
        old = _example(registry, AddressChangedV1.dataschema())
        lifted = _seconds(partial(read_as, AddressChanged, AddressChangedV1.event_type, old), loop)
        figures.setdefault((LIFTED, DECODED), []).append(lifted)
    for (name, measure), values in figures.items():
        findings.add(name, measure, "µs", [value * 1e6 for value in values])
    typical = findings.middle(TYPICAL, DECODED)
    findings.at_most(f"{TYPICAL}, {DECODED}, µs", 5.0, typical)
    slowest = max(EVENTS, key=lambda name: findings.middle(name, DECODED))
    findings.notes.append(
        f"decoding: of {TIMINGS} timings of {loop:,} calls the least; the slowest to decode is {slowest}"
    )


def _timed(model: type[EventData], value: bytes, loop: int) -> dict[str, float]:
    """Seconds a call, for each way."""
    route = Route(model, "transact", _nothing, 5.0)
    now = datetime.now(UTC)
    headers = _envelope(model, value).headers()
    frontier = Frontier()

    def whole() -> None:
        record = Record(CORE_EVENTS, 0, 0, 0, b"", value, headers, frontier, route, dict(headers))
        read(record, now)
        assert record.malformed is None, record.malformed

    return {
        PLAIN: _seconds(lambda: orjson.loads(value), loop),
        DECODED: _seconds(lambda: model.read(value), loop),
        WHOLE: _seconds(whole, loop),
    }


def _seconds(call: Callable[[], Any], loop: int) -> float:
    """Of one call: the mean of a timing, and of several timings the least."""
    least = float("inf")
    for _ in range(TIMINGS):
        began = perf_counter()
        for _ in range(loop):
            call()
        least = min(least, perf_counter() - began)
    return least / loop


async def _nothing() -> None:
    """Stands where a handler does; nobody calls it."""


def _example(registry: Registry, name: str) -> bytes:
    """The typical example as it travels: compact."""
    return orjson.dumps(orjson.loads(registry.example(name) or b"null"))


def _envelope(model: type[EventData], value: bytes) -> Envelope:
    return Envelope(
        id=content_id("bench", value),
        type=model.event_type,
        source="/bench",
        subject="",
        time=datetime.now(UTC),
        dataschema=model.dataschema(),
        correlation_id="",
        causation_id="",
        traceparent=records.TRACEPARENT.decode(),
    )


# The audit --------------------------------------------------------------------------------------------


async def _auditing(findings: Findings, ground: Ground, size: Size, say: Say) -> None:
    registry = Registry()
    count = COUNT_QUICK if size.quick else COUNT
    async with ground.trial(migrations=[]) as settings:
        await ground.make_topics(settings, {CORE_EVENTS: PARTITIONS})
        say(f"publishing {count:,} records of {len(EVENTS)} types")
        kinds = [_record(registry, name) for name in EVENTS]
        written = [kinds[n % len(kinds)]._replace(key=f"{n}".encode()) for n in range(count)]
        await records.publish(settings, written)
        rates = []
        for number in range(size.rounds):
            say(f"round {number + 1}/{size.rounds}: audit")
            found = await read_topic(settings, CORE_EVENTS, None, registry.published(), lambda *_: None)
            assert found.audit.records == count, "the audit passed records over"
            assert all(tally.keeps_its_word for tally in found.audit.tallies()), "an example does not fit"
            rates.append(count / found.seconds)
    findings.add(AUDIT, "records", "/s", rates)
    findings.at_least(f"{AUDIT}, records/s", 20_000, findings.middle(AUDIT, "records"))


def _record(registry: Registry, name: str) -> Output:
    model, value = registry.models[name], _example(registry, name)
    return Output(CORE_EVENTS, b"", value, _envelope(model, value).headers())
