"""A record of `dead-letters` as the runtime writes it, and as anybody else might."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from consumers.dead_letters.reading import STRANGER, read
from consumers.dead_letters.rules import Status
from consumers.runtime.reading import envelope_of
from consumers.runtime.records import Outcome, Record, unpack_record
from consumers.runtime.rendering import dead_letter
from infra.kafka.publisher import Output
from schemas.envelope import ATTEMPT
from schemas.ids import set_aside_id
from tests.unit.runtime.made import a_record, an_envelope

DUE = datetime(2025, 6, 15, 12, 5, tzinfo=UTC)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
WRITTEN_MS = 1_750_000_000_000


@dataclass
class Raw:
    """A record as Kafka hands it out."""

    key: bytes | None = b"ann"
    value: bytes | None = b"{}"
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    topic: str = "dead-letters"
    partition: int = 3
    offset: int = 17
    timestamp: int = WRITTEN_MS


def raw_of(output: Output) -> Raw:
    return Raw(output.key, output.value, output.headers)


def set_aside(
    record: Record, error: BaseException | str, *, due: datetime | None = DUE, tries: int = 1
) -> Raw:
    record.event, _ = envelope_of(record)
    outcome = Outcome.DEFERRED if due else Outcome.DEAD
    return raw_of(dead_letter("jobs", record, outcome, error, tries=tries, due=due))


def test_a_deferred_event_is_read_complete() -> None:
    event = an_envelope(traceparent=f"00-{TRACE}-00f067aa0ba902b7-01")
    headers = [*event.headers(), (ATTEMPT, b"2"), ("x", b"\xff\x00"), ("x", b"")]
    record = a_record(b"ann", offset=41, headers=headers, timestamp=WRITTEN_MS - 1000)
    found = read(set_aside(record, ValueError("no \x00 such place"), tries=3))
    assert unpack_record(found.record) == (record.value, headers)
    assert (found.topic, found.partition, found.offset, found.key) == ("intents.probe", 0, 41, b"ann")
    assert found.written_at == datetime.fromtimestamp(WRITTEN_MS / 1000 - 1, UTC)
    assert (found.consumer, found.event_id, found.is_event) == ("jobs", event.id, True)
    assert (found.status, found.due, found.attempts, found.delivery) == (Status.WAITING, DUE, 3, 2)
    assert found.attempt_id == set_aside_id("jobs", event.id, 2)
    assert (found.ce_type, found.contact, found.trace_id) == (event.type, "ann", TRACE)
    assert found.error_type == "builtins.ValueError"
    assert found.reason == "ValueError: no \ufffd such place"
    assert "ValueError" in found.stack
    assert found.at == datetime.fromtimestamp(WRITTEN_MS / 1000, UTC)


def test_a_dead_one_waits_for_nothing() -> None:
    found = read(set_aside(a_record(headers=an_envelope().headers()), "too_old", due=None))
    assert (found.status, found.due, found.reason) == (Status.DEAD, None, "malformed: too_old")
    assert found.is_event


@pytest.mark.parametrize("value", [None, b"", b"\xff"])
@pytest.mark.parametrize("key", [None, b"", b"\x00\xff"])
def test_what_is_no_event_is_kept_byte_for_byte(key: bytes | None, value: bytes | None) -> None:
    headers = [("ce_id", b"\xfe"), ("easymo_due", b"\xfd"), ("", b"")]
    found = read(set_aside(a_record(key, value=value, headers=headers), "no ce_id", due=None))
    assert unpack_record(found.record) == (value, headers)
    assert (found.key, found.is_event, found.status) == (key, False, Status.DEAD)


def test_an_id_that_only_looks_like_one_makes_no_event() -> None:
    """Refused for a delivery number that no column holds: it stands under an id that was made up."""
    headers = [*an_envelope().headers(), (ATTEMPT, b"99999999999999999999")]
    found = read(set_aside(a_record(headers=headers), "range", due=None))
    assert (found.is_event, found.delivery) == (False, 0)


def test_long_keys_and_reasons_are_cut_where_they_are_indexed_or_listed() -> None:
    found = read(set_aside(a_record(b"k" * 10_000, headers=[]), "r" * 1_000))
    assert (len(found.contact), len(found.reason)) == (200, 300)
    assert found.key == b"k" * 10_000


@pytest.mark.parametrize(
    "missing", ["easymo_event_id", "kafka_dlt-original-offset", "kafka_dlt-original-topic"]
)
def test_what_somebody_else_wrote_there_is_kept_too(missing: str) -> None:
    raw = set_aside(a_record(headers=an_envelope().headers()), "x", due=None)
    raw.headers = [(name, value) for name, value in raw.headers if name != missing]
    found = read(raw)
    assert (found.consumer, found.is_event, found.status) == (STRANGER, False, Status.DEAD)
    assert unpack_record(found.record) == (raw.value, raw.headers)
    assert (found.topic, found.partition, found.offset) == ("dead-letters", 3, 17)
    assert read(raw).event_id == found.event_id


NAMES = ["easymo_event_id", "easymo_dead_id", "easymo_outcome", "easymo_tries", "easymo_due"]
NAMES += [f"kafka_dlt-{rest}" for rest in ("original-topic", "original-partition", "original-offset")]
NAMES += ["kafka_dlt-original-timestamp", "kafka_dlt-exception-fqcn", "ce_id", "traceparent"]
VALUES = some.one_of(
    some.binary(max_size=20),
    some.integers(-(10**25), 10**25).map(lambda number: str(number).encode()),
    some.sampled_from([None, str(uuid4()).encode(), b"deferred", b"2025-01-01", b"\xd9\xa1"]),
)


@given(some.lists(some.tuples(some.sampled_from(NAMES), VALUES), max_size=20), some.booleans())
def test_no_headers_stop_the_reading(headers: list[tuple[str, bytes]], ours_first: bool) -> None:
    ours = set_aside(a_record(headers=[]), "x").headers
    raw = Raw(headers=[*ours, *headers] if ours_first else headers)
    found = read(raw)
    assert found.record
    assert 0 <= found.partition < 2**31
    assert 0 <= found.attempts < 2**31
    assert found.due is None or isinstance(found.due, datetime)
