"""Reading a record: whatever the bytes are, it becomes an event or says why it is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.decision import Decision
from consumers.route import Route
from consumers.runtime.reading import read
from consumers.runtime.records import Record
from schemas.envelope import ATTEMPT, LATER_ID, SENT_DAY
from schemas.events.core import AddressChanged
from tests.unit.runtime.made import NOW, a_record, an_envelope

TODAY = NOW.date()
NAMES = ("ce_id", "ce_time", "ce_type", ATTEMPT, LATER_ID)


async def nothing(changed: AddressChanged) -> Decision:
    """A handler that decides nothing."""
    return Decision()


def test_an_event_is_read() -> None:
    record = a_record(value=b'{"number":7,"unknown":true}')
    read(record, NOW)
    assert record.malformed is None
    assert record.day == TODAY
    assert record.data is not None
    assert record.data.model_dump() == {"number": 7}


@pytest.mark.parametrize(
    ("days", "day", "malformed"),
    [
        (-11, TODAY, "too_old"),
        (-10, TODAY - timedelta(days=10), "too_old"),  # it may have been handled before midnight
        (-9, TODAY - timedelta(days=9), None),
        (0, TODAY, None),
        (1, TODAY + timedelta(days=1), None),
        (2, TODAY + timedelta(days=2), "bad_time"),  # tomorrow it is known to be dead
        (3, TODAY, "bad_time"),
    ],
)
def test_the_day_comes_from_the_event(days: int, day: date, malformed: str | None) -> None:
    record = a_record(envelope=an_envelope(time=NOW + timedelta(days=days)))
    read(record, NOW)
    assert (record.day, record.malformed) == (day, malformed)


def test_a_redelivery_is_recorded_under_the_day_it_was_sent() -> None:
    envelope = an_envelope(time=NOW - timedelta(days=40), sent_day=TODAY, attempt=3)
    record = a_record(envelope=envelope)
    read(record, NOW)
    assert (record.day, record.malformed) == (TODAY, None)


@pytest.mark.parametrize(
    "value", [None, b"", b"no json", b'{"number":"x"}', b"[1]", b"\xff\xfe", b"[" * 5000]
)
def test_data_that_does_not_fit_says_so(value: bytes | None) -> None:
    record = a_record(value=value)
    read(record, NOW)
    assert record.malformed
    assert record.data is None


def test_a_type_that_nobody_knows_says_so() -> None:
    record = a_record(envelope=an_envelope(type="probe.poke.v2"), route=None)
    read(record, NOW)
    assert record.malformed == "nobody here knows the type probe.poke.v2"


def changed(kind: str, schema: str, **data: str) -> Record:
    """A record of another version than the newest, for whoever handles core.address_changed."""
    value = orjson.dumps({"person": "p", "contact": "250788123456", "at": "2025-06-15T12:00:00Z"} | data)
    route = Route(AddressChanged, "transact", nothing, 5.0)
    return a_record(envelope=an_envelope(type=kind, dataschema=schema), value=value, route=route)


@pytest.mark.parametrize(
    ("kind", "schema", "data", "phone"),
    [
        ("core.address_changed.v1", "core.address_changed/v1", {}, "250788123456"),
        ("core.address_changed.v1", "", {"phone": "1234567"}, "250788123456"),  # no field of v1
        ("core.address_changed.v2", "core.address_changed/v2", {"phone": "1234567"}, "1234567"),
        ("core.address_changed.v2", "", {}, None),
        ("core.address_changed.v9", "core.address_changed/v9", {"phone": "1234567", "new": "x"}, "1234567"),
    ],
)
def test_every_version_is_given_as_the_newest(
    kind: str, schema: str, data: dict[str, str], phone: str | None
) -> None:
    record = changed(kind, schema, **data)
    read(record, NOW)
    assert record.malformed is None
    assert record.data == AddressChanged(person="p", contact="250788123456", phone=phone, at=NOW)


@pytest.mark.parametrize(
    ("kind", "schema", "data", "why"),
    [
        ("core.address_changed.v1", "core.address_changed/v2", {}, "its type says core.address_changed/v1"),
        ("core.address_changed.v2", "core.address_changed/v1", {}, "its type says core.address_changed/v2"),
        ("core.address_changed.v2", "core.opted_out/v2", {}, "its schema is core.opted_out/v2"),
        ("core.address_changed.v1", "", {"at": "x"}, "core.address_changed.v1: at: "),
        ("core.address_changed.v3", "", {"at": "x"}, "core.address_changed.v3, as v2 would read it: "),
    ],
)
def test_a_version_that_lies_or_does_not_fit_says_so(
    kind: str, schema: str, data: dict[str, str], why: str
) -> None:
    record = changed(kind, schema, **data)
    read(record, NOW)
    assert why in (record.malformed or "")
    assert record.data is None


@pytest.mark.parametrize(
    "header",
    [
        (ATTEMPT, b"4294967296"),
        (ATTEMPT, b"-1"),
        (ATTEMPT, b"9" * 5000),
        (LATER_ID, b"9223372036854775808"),
        (LATER_ID, b"x"),
        (SENT_DAY, b"yesterday"),
        ("ce_time", b"soon"),
        ("ce_id", b"\xff"),
    ],
)
def test_headers_that_no_column_takes_are_malformed(header: tuple[str, bytes]) -> None:
    headers = [each for each in an_envelope().headers() if each[0] != header[0]]
    record = a_record(headers=[*headers, header])
    read(record, NOW)
    assert record.malformed
    assert record.data is None


@given(
    st.lists(
        st.tuples(st.sampled_from(["ce_id", "ce_time", "ce_type", ATTEMPT, LATER_ID]), st.binary(max_size=20))
    ),
    st.none() | st.binary(max_size=20),
    st.integers(-(2**63), 2**63 - 1),
)
def test_nothing_is_raised_and_a_repeat_has_the_same_id(
    headers: list[tuple[str, bytes]], value: bytes | None, timestamp: int
) -> None:
    twice = [a_record(headers=headers, value=value, timestamp=timestamp, offset=9) for _ in range(2)]
    for record in twice:
        read(record, NOW)
        assert record.malformed
    assert twice[0].event.id == twice[1].event.id
    assert twice[0].day == twice[1].day


def test_other_bytes_at_the_same_place_are_another_event() -> None:
    """A topic that is made anew uses its offsets again."""
    first, second = a_record(headers=[], value=b"a"), a_record(headers=[], value=b"b")
    read(first, NOW)
    read(second, NOW)
    assert first.event.id != second.event.id


def test_a_record_is_read_once() -> None:
    record = a_record()
    read(record, NOW)
    event = record.event
    read(record, datetime(2030, 1, 1, tzinfo=UTC))
    assert record.event is event
    assert record.day == TODAY
