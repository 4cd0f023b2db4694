"""A record of the topic `dead-letters` as a row: the original byte for byte, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import ormsgpack

from consumers.dead_letters.rules import Status
from infra.telemetry.tracing import read_traceparent
from schemas.envelope import Envelope, MalformedEvent, read_envelope
from schemas.ids import raw_record_id

Headers = Sequence[tuple[str, bytes]]

FIRST_OF_OURS = "kafka_dlt-original-topic"  # the runtime adds its headers behind the original's
NAME_CHARACTERS = 200  # of what is indexed
REASON_CHARACTERS = 300
INTEGER_MAX = 2**31 - 1
BIGINT_MAX = 2**63 - 1
YEAR_9999_MS = 253_370_764_800_000  # later ones are no datetime
STRANGER = "?"  # in place of the consumer, where the record was not set aside by one of ours


class RawRecord(Protocol):
    """What Kafka hands out."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None

    @property
    def headers(self) -> Headers:
        """In their order; a value may be null, whatever the type says."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """One event, set aside once."""

    consumer: str
    event_id: UUID
    attempt_id: UUID
    status: Status
    topic: str
    partition: int
    offset: int
    written_at: datetime
    key: bytes | None
    record: bytes
    is_event: bool
    ce_type: str
    contact: str
    trace_id: str
    reason: str
    error_type: str
    message: str
    stack: str
    delivery: int
    attempts: int
    due: datetime | None
    at: datetime


def read(raw: RawRecord) -> SetAside:
    """Read a record; whatever it holds, nothing is raised and nothing is left out."""
    headers = [(name, value) for name, value in raw.headers]
    cut = next((n for n, (name, _) in enumerate(headers) if name == FIRST_OF_OURS), len(headers))
    original, told = headers[:cut], dict(headers[cut:])
    try:
        return _set_aside(raw, original, told)
    except (KeyError, ValueError, TypeError, AttributeError):
        return _strange(raw, headers)


def _set_aside(raw: RawRecord, original: Headers, told: Mapping[str, bytes]) -> SetAside:
    """Raises KeyError, ValueError, TypeError, AttributeError for what no consumer of ours has written."""
    event_id = UUID(told["easymo_event_id"].decode())
    envelope = _envelope(original)
    is_event = envelope is not None and envelope.id == event_id
    error_type = _text(told["kafka_dlt-exception-fqcn"])
    message = _text(told["kafka_dlt-exception-message"])
    due = told.get("easymo_due")
    return SetAside(
        consumer=_text(told["kafka_dlt-original-consumer-group"])[:NAME_CHARACTERS],
        event_id=event_id,
        attempt_id=UUID(told["easymo_dead_id"].decode()),
        status=Status.WAITING if told["easymo_outcome"] == b"deferred" else Status.DEAD,
        topic=_text(told[FIRST_OF_OURS]),
        partition=_number(told["kafka_dlt-original-partition"], INTEGER_MAX),
        offset=_number(told["kafka_dlt-original-offset"], BIGINT_MAX),
        written_at=_time(int(told["kafka_dlt-original-timestamp"])),
        key=raw.key,
        record=ormsgpack.packb((raw.value, original)),
        is_event=is_event,
        ce_type=_text(dict(original).get("ce_type") or b"")[:NAME_CHARACTERS],
        contact=_text(raw.key or b"")[:NAME_CHARACTERS],
        trace_id=_trace_id(dict(original).get("traceparent") or b""),
        reason=f"{error_type.rpartition('.')[2]}: {message}"[:REASON_CHARACTERS],
        error_type=error_type,
        message=message,
        stack=_text(told["kafka_dlt-exception-stacktrace"]),
        delivery=envelope.attempt if envelope is not None and is_event else 0,
        attempts=_number(told["easymo_tries"], INTEGER_MAX),
        due=datetime.fromisoformat(due.decode()) if due is not None else None,
        at=_time(raw.timestamp),
    )


def _strange(raw: RawRecord, headers: Headers) -> SetAside:
    """Somebody else wrote it there: kept like all others, for a person to look at."""
    identity = raw_record_id(raw.topic, raw.partition, raw.offset, raw.value)
    says = "not set aside by a consumer of this installation"
    return SetAside(
        consumer=STRANGER,
        event_id=identity,
        attempt_id=identity,
        status=Status.DEAD,
        topic=_text(raw.topic.encode()),
        partition=raw.partition,
        offset=raw.offset,
        written_at=_time(raw.timestamp),
        key=raw.key,
        record=ormsgpack.packb((raw.value, headers)),
        is_event=False,
        ce_type=_text(dict(headers).get("ce_type") or b"")[:NAME_CHARACTERS],
        contact=_text(raw.key or b"")[:NAME_CHARACTERS],
        trace_id="",
        reason=says,
        error_type="",
        message=says,
        stack="",
        delivery=0,
        attempts=0,
        due=None,
        at=_time(raw.timestamp),
    )


def _envelope(headers: Headers) -> Envelope | None:
    try:
        return read_envelope(headers)
    except MalformedEvent:
        return None


def _text(content: bytes) -> str:
    """As PostgreSQL takes it: an exception may quote anything."""
    return content.decode(errors="replace").replace("\x00", "\ufffd")


def _number(content: bytes, highest: int) -> int:
    number = int(content)
    if not 0 <= number <= highest:
        raise ValueError(f"{number} is not from 0 to {highest}")
    return number


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(min(max(milliseconds, 0), YEAR_9999_MS) / 1000, UTC)


def _trace_id(traceparent: bytes) -> str:
    found = read_traceparent(traceparent.decode(errors="replace"))
    return f"{found[0]:032x}" if found is not None else ""
