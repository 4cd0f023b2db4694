"""Records and envelopes as the runtime's unit tests need them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from consumers.decision import Decision
from consumers.domain import Domain, Route
from consumers.runtime.frontier import Frontier
from consumers.runtime.records import Record
from schemas.envelope import ATTEMPT, LATER_ID, SENT_DAY, Envelope
from schemas.model import EventData

NOW = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)


class Poke(EventData):
    """What the records carry."""

    event_type: ClassVar[str] = "probe.poke.v1"

    number: int = 0


async def handled(poke: Poke) -> Decision:
    """A handler that decides nothing."""
    return Decision()


ROUTE = Route(Poke, "transact", handled, 5.0)


def an_envelope(identity: UUID | None = None, **changes: Any) -> Envelope:
    """A valid envelope of a poke."""
    values: dict[str, Any] = {
        "id": identity or uuid4(),
        "type": Poke.event_type,
        "source": "/tests",
        "subject": "",
        "time": NOW,
        "dataschema": Poke.dataschema(),
        "correlation_id": "",
        "causation_id": "",
        "traceparent": "",
    }
    return Envelope(**(values | changes))


def a_record(
    key: bytes | None = b"ann",
    *,
    offset: int = 0,
    topic: str = "intents.probe",
    value: bytes | None = b'{"number":1}',
    headers: list[tuple[str, bytes]] | None = None,
    envelope: Envelope | None = None,
    route: Route | None = ROUTE,
    timestamp: int = 0,
) -> Record:
    """A record as it came from Kafka, not read yet."""
    envelope = envelope or an_envelope()
    own = envelope.headers()
    if envelope.attempt:
        own.append((ATTEMPT, str(envelope.attempt).encode()))
    if envelope.later_id is not None:
        own.append((LATER_ID, str(envelope.later_id).encode()))
    if envelope.sent_day is not None:
        own.append((SENT_DAY, envelope.sent_day.isoformat().encode()))
    headers = own if headers is None else headers
    return Record(topic, 0, offset, timestamp, key, value, headers, Frontier(), route)


def a_domain(**options: Any) -> Domain:
    """A domain without handlers."""
    return Domain("probe", **options)
