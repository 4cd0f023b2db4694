"""The envelope: CloudEvents 1.0 in Kafka's binary mode, written to and read from record headers.

Source: CloudEvents Kafka protocol binding 1.0.2 (the attribute ``id`` becomes the header ``ce_id``)
and W3C Trace Context (``traceparent``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from schemas.ids import read_id

Headers = Sequence[tuple[str, bytes]]

CONTENT_TYPE = ("content-type", b"application/json")
SPEC_VERSION = ("ce_specversion", b"1.0")

ORIGIN = "origin"  # who asked, on a shared topic: others skip the record before parsing it
LATER_ID = "easymo_later"  # the row in `later` that this redelivery or timer stands for
ATTEMPT = "easymo_attempt"  # how often the event was tried before
NOT_UTF8 = "easymo_header_not_utf8"  # the raw name of a header, shown beside it with \\x for what is no text
SENT_DAY = "easymo_day"  # the day on which a redelivery was sent: where its outcome is recorded
REPLAY = "easymo_replay"  # the number of the replay that published this copy, and MUTED where it is
PLACE = "easymo_place"  # of a replayed copy: topic, partition, offset and timestamp of the original
MUTED = b" muted"

# Replay N, where it handles everything anew, numbers its deliveries from N × this: so what it handles is
# told from what was handled before by the number of the delivery alone.
REPLAY_DELIVERIES = 1 << 16


class MalformedEvent(Exception):
    """A record that is no event of ours; the message says which header is missing or wrong."""


@dataclass(slots=True)  # not frozen: that would make it take three times as long, for each event
class Envelope:
    """What a record's headers say of the event in its value.

    `time` is the source's own (Meta's timestamp, a timer's due time), never the clock of a process that
    merely hands the event on: the day under which the event is recorded as processed is taken from it.
    """

    id: UUID
    type: str
    source: str
    subject: str
    time: datetime
    dataschema: str
    correlation_id: str
    causation_id: str
    traceparent: str
    origin: str = ""
    attempt: int = 0
    later_id: int | None = None
    sent_day: date | None = None
    replay: int = 0  # the replay that this copy belongs to
    muted: bool = False  # what follows from it is not published: only the changes of state are wanted

    @property
    def day(self) -> date:
        """The day under which this event's outcome is recorded (UTC)."""
        return self.sent_day or self.time.date()

    @property
    def rebuild(self) -> int:
        """The replay within which this event is handled anew, or 0: also of a later delivery of it."""
        return self.attempt // REPLAY_DELIVERIES

    @property
    def is_late(self) -> bool:
        """Whether it comes after its turn: later events of its key may have been handled by now."""
        return self.attempt > 0 or self.replay > 0

    def headers(self) -> list[tuple[str, bytes]]:
        """The record headers of this envelope, in a fixed order."""
        headers = [
            SPEC_VERSION,
            ("ce_id", str(self.id).encode()),
            ("ce_type", self.type.encode()),
            ("ce_source", self.source.encode()),
            ("ce_time", self.time.isoformat().encode()),
            ("ce_subject", self.subject.encode()),
            ("ce_dataschema", self.dataschema.encode()),
            ("ce_correlationid", self.correlation_id.encode()),
            ("ce_causationid", self.causation_id.encode()),
            ("traceparent", self.traceparent.encode()),
            CONTENT_TYPE,
        ]
        if self.origin:
            headers.append((ORIGIN, self.origin.encode()))
        return headers


def read_envelope(headers: Iterable[tuple[str, bytes | None]] | Mapping[str, bytes | None]) -> Envelope:
    """Parse record headers. Raises MalformedEvent; never anything else, whatever the bytes are."""
    raw: Any = headers if isinstance(headers, dict) else dict(headers)  # a null is caught below
    try:
        if NOT_UTF8 in raw:
            raise MalformedEvent("the name of a header is not UTF-8")
        time = datetime.fromisoformat(raw["ce_time"].decode())
        return Envelope(
            id=read_id(raw["ce_id"].decode()),
            type=raw["ce_type"].decode(),
            source=raw["ce_source"].decode(),
            subject=raw.get("ce_subject", b"").decode(),
            time=time if time.tzinfo else time.replace(tzinfo=UTC),
            dataschema=raw.get("ce_dataschema", b"").decode(),
            correlation_id=raw.get("ce_correlationid", b"").decode(),
            causation_id=raw.get("ce_causationid", b"").decode(),
            traceparent=raw.get("traceparent", b"").decode(),
            origin=raw[ORIGIN].decode() if ORIGIN in raw else "",
            attempt=int(raw[ATTEMPT]) if ATTEMPT in raw else 0,
            later_id=int(raw[LATER_ID]) if LATER_ID in raw else None,
            sent_day=date.fromisoformat(raw[SENT_DAY].decode()) if SENT_DAY in raw else None,
            replay=int(raw[REPLAY].removesuffix(MUTED)) if REPLAY in raw else 0,
            muted=raw[REPLAY].endswith(MUTED) if REPLAY in raw else False,
        )
    except KeyError as error:
        raise MalformedEvent(f"header {error.args[0]} is missing") from None
    except (UnicodeDecodeError, ValueError, OverflowError, TypeError, AttributeError) as error:
        raise MalformedEvent(f"a header cannot be read: {error}") from None


def header(headers: Iterable[tuple[str, bytes | None]], name: str) -> bytes | None:
    """The last value of one header, or None."""
    found = None
    for key, value in headers:
        if key == name:
            found = value
    return found
