"""Reading a record: its envelope, its data, its day. What cannot be read says why; nothing is raised."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from consumers.route import Route
from consumers.runtime.records import Record
from schemas.envelope import MUTED, PLACE, REPLAY, Envelope, MalformedEvent, header, read_envelope
from schemas.ids import raw_record_id
from schemas.model import EventData
from schemas.upcasts import read_as

OLDEST_DAYS = 9  # Meta repeats for 7
AHEAD_DAYS = 1  # clocks and time zones
SPARE_DAYS = 1  # kept and made beyond these: refused, but still remembered under its own day
INTEGER_MAX = 2**31 - 2  # of the column `delivery`, with one more to come
BIGINT_MAX = 2**63 - 1
YEAR_9999 = 253_370_764_800  # seconds: later ones are no datetime


def read(record: Record, now: datetime) -> None:
    """Fill in the record's envelope, data and day, or say in `malformed` why it is no event of ours.

    A record without a readable envelope gets one made of its place and bytes, so that it has an id and a
    day like any other, the same on every repeat.
    """
    if record.is_read:
        return
    record.is_read = True
    record.event, record.malformed = envelope_of(record)
    route = record.route
    if record.malformed is None and route is not None:
        try:
            record.data = _data_of(record.event, record.value, route)
        except MalformedEvent as error:
            record.malformed = str(error)
    record.attributes = None
    record.day, wrong_day = day_of(record.event, now)
    record.malformed = record.malformed or wrong_day
    if record.route is None and record.malformed is None:
        record.malformed = f"nobody here knows the type {record.event.type}"


def _data_of(event: Envelope, value: bytes | None, route: Route) -> EventData:
    """The record's data in the version that is handled here. Raises MalformedEvent."""
    if event.type == route.kind and event.dataschema in (route.schema, ""):
        return route.model.read(value)  # the newest version, which nearly every event has
    said = "/v".join(event.type.rsplit(".v", 1))
    if event.dataschema not in (said, ""):
        raise MalformedEvent(f"its schema is {event.dataschema[:100]}, and its type says {said[:100]}")
    return read_as(route.model, event.type, value)


def envelope_of(record: Record) -> tuple[Envelope, str | None]:
    """The record's envelope, and why it had to be made up, if it had."""
    try:
        event = read_envelope(record.headers if record.attributes is None else record.attributes)
        if event.attempt or event.later_id is not None:
            _check_range("attempt", event.attempt, INTEGER_MAX)
            _check_range("row", event.later_id or 0, BIGINT_MAX)
    except MalformedEvent as error:
        return _made_up(record), str(error)
    return event, None


def _check_range(what: str, number: int, highest: int) -> None:
    """Raise MalformedEvent for a number that no column holds."""
    if not 0 <= number <= highest:
        raise MalformedEvent(f"the header that names the {what} holds {str(number)[:20]}")


def _made_up(record: Record) -> Envelope:
    topic, partition, offset, timestamp, replay = _place(record)
    return Envelope(
        id=raw_record_id(topic, partition, offset, record.value),
        type="",
        source=f"/kafka/{topic}",
        subject="",
        time=datetime.fromtimestamp(min(max(timestamp, 0) / 1000, YEAR_9999), UTC),
        replay=replay,
        dataschema="",
        correlation_id="",
        causation_id="",
        traceparent="",
    )


def _place(record: Record) -> tuple[str, int, int, int, int]:
    """Where the record lay first, when, and the replay that published this copy of it, or 0."""
    try:
        place = header(record.headers, PLACE)
        replay = header(record.headers, REPLAY)
        if place is not None and replay is not None:
            topic, partition, offset, timestamp = place.decode().rsplit("/", 3)
            return topic, int(partition), int(offset), int(timestamp), int(replay.removesuffix(MUTED))
    except ValueError:  # somebody else's headers of these names
        pass
    return record.topic, record.partition, record.offset, record.timestamp, 0


def day_of(envelope: Envelope, now: datetime) -> tuple[date, str | None]:
    """The day under which the event is recorded, and what is wrong with its own, if anything.

    Days that are not kept any more (or not made yet) cannot tell a repeat, so such an event is refused, and
    that is recorded under today. On the day beyond, it may have been handled before midnight, or come again
    after it: what was said of it then is looked for, and what is said now is found, under its own day.
    """
    today = now.date()
    day = envelope.day
    if day == today:
        return day, None
    spare = timedelta(days=SPARE_DAYS)
    oldest, latest = today - timedelta(days=OLDEST_DAYS), today + timedelta(days=AHEAD_DAYS)
    if oldest <= day <= latest:
        return day, None
    wrong = "too_old" if day < oldest else "bad_time"
    return (day if oldest - spare <= day <= latest + spare else today), wrong
