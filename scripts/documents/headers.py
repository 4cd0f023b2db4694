"""The record headers as a schema, and those of an example: CloudEvents in Kafka's binary mode."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas.envelope import (
    ATTEMPT,
    CONTENT_TYPE,
    LATER_ID,
    ORIGIN,
    PLACE,
    REPLAY,
    SENT_DAY,
    SPEC_VERSION,
    Envelope,
)
from schemas.ids import NAMESPACE, uuid5_from
from schemas.model import EventData

Schema = dict[str, Any]

EXAMPLE_TIME = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
EXAMPLE_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"  # W3C's own example


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


# Every header is text (UTF-8 bytes), numbers too.
ENVELOPE: dict[str, Schema] = {
    SPEC_VERSION[0]: _text("The version of CloudEvents.", const=SPEC_VERSION[1].decode()),
    "ce_id": _text("The event's id, a UUIDv5 of what it is: a repeat has the same.", format="uuid"),
    "ce_type": _text("`<domain>.<past tense or imperative>.v<N>`."),
    "ce_source": _text("Who says it: `/ingress/<source>` or `/consumers/<domain>`."),
    "ce_time": _text("When it happened, by the source's own clock.", format="date-time"),
    "ce_subject": _text("What it is about; the record's key unless the sender says more."),
    "ce_dataschema": _text("`<subject>/v<N>`: the published schema of the value."),
    "ce_correlationid": _text("The id of the first event of the chain."),
    "ce_causationid": _text("The id of the event before; absent where nothing caused it."),
    "traceparent": _text("W3C Trace Context.", pattern="^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"),
    CONTENT_TYPE[0]: _text("Of the value.", const=CONTENT_TYPE[1].decode()),
}
REQUIRED = (SPEC_VERSION[0], "ce_id", "ce_type", "ce_source", "ce_time", "ce_dataschema", CONTENT_TYPE[0])

ONLY_SOMETIMES: dict[str, Schema] = {
    ORIGIN: _text("On a shared topic, the consumer that asked: all others skip the record."),
    LATER_ID: _text("Of a timer or a redelivery: the row in `later` that it stands for.", pattern="^[0-9]+$"),
    ATTEMPT: _text("Of a redelivery: how often it was tried before.", pattern="^[0-9]+$"),
    SENT_DAY: _text("Of a redelivery: the day on which it was sent (UTC).", format="date"),
    REPLAY: _text("Of a replayed copy: the replay's number, and ` muted` where nothing may follow from it."),
    PLACE: _text("Of a replayed copy: topic, partition, offset and timestamp of the original."),
}

SET_ASIDE: dict[str, Schema] = {
    "kafka_dlt-original-topic": _text("Where the record was read."),
    "kafka_dlt-original-partition": _text("The same, its partition.", pattern="^[0-9]+$"),
    "kafka_dlt-original-offset": _text("The same, its offset.", pattern="^[0-9]+$"),
    "kafka_dlt-original-timestamp": _text("Of the record, in milliseconds.", pattern="^-?[0-9]+$"),
    "kafka_dlt-original-consumer-group": _text("The consumer that could not handle it."),
    "kafka_dlt-exception-fqcn": _text("The error's class, or `malformed`."),
    "kafka_dlt-exception-message": _text("The reason, for people."),
    "kafka_dlt-exception-stacktrace": _text("Where it was raised; empty where nothing was."),
    "easymo_dead_id": _text("The letter's id: the same for every repeat.", format="uuid"),
    "easymo_event_id": _text("The id of the event that was set aside.", format="uuid"),
    "easymo_outcome": _text("What became of it: deferred, parked or dead."),
    "easymo_tries": _text("How often it was tried.", pattern="^[0-9]+$"),
    "easymo_due": _text("When it is tried again; absent where it is not.", format="date-time"),
}
SET_ASIDE_REQUIRED = tuple(name for name in SET_ASIDE if name != "easymo_due")


def envelope_schema() -> Schema:
    """Of every event's headers."""
    return {
        "type": "object",
        "title": "CloudEvents 1.0, Kafka's binary mode",
        "properties": ENVELOPE | ONLY_SOMETIMES,
        "required": list(REQUIRED),
    }


def set_aside_schema() -> Schema:
    """Of what the runtime adds to the headers of a record that it sets aside."""
    return {
        "type": "object",
        "title": "What happened to a record that was set aside",
        "properties": SET_ASIDE,
        "required": list(SET_ASIDE_REQUIRED),
    }


def example_headers(model: type[EventData], source: str) -> dict[str, str]:
    """Headers that an event of this type could have: the same at every call."""
    identity = uuid5_from(NAMESPACE, f"example:{model.event_type}".encode())
    first = uuid5_from(NAMESPACE, b"example:first")
    envelope = Envelope(
        id=identity,
        type=model.event_type,
        source=source,
        subject="example",
        time=EXAMPLE_TIME,
        dataschema=model.dataschema(),
        correlation_id=str(first),
        causation_id=str(first),
        traceparent=EXAMPLE_TRACE,
    )
    return {name: value.decode() for name, value in envelope.headers()}
