"""What a history is made of: hops, what follows from them, and where an event stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from consumers.domain import Domain
from consumers.runtime.accounting import Read, State, state_of
from consumers.runtime.interest import is_meant_for
from infra.journal.outcomes import Fate, Step
from infra.kafka.publisher import Output
from schemas import topics
from schemas.envelope import header
from schemas.ids import output_id

TIMERS_LIMIT = 8  # of one event: their ids follow those of its outputs


@dataclass(slots=True)
class Followed:
    """An event on the trail, as far as it is known."""

    id: UUID
    type: str = ""
    topic: str | None = None
    key: bytes | None = None
    cause: UUID | None = None
    around: datetime | None = None  # when it was published, roughly
    read: Read | None = None  # its record, once found
    is_timer: bool = False


@dataclass(frozen=True, slots=True)
class Hop:
    """One thing that happened."""

    at: datetime
    what: str  # published, handled, set aside
    event: UUID
    type: str
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    key: str | None = None
    consumer: str | None = None
    outcome: str | None = None
    delivery: int | None = None
    outputs: tuple[str, ...] = ()  # `<topic> <id>` of each
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one event is now, for one consumer."""

    event: UUID
    type: str
    consumer: str
    state: State
    until: datetime | None = None
    reason: str | None = None


@dataclass(slots=True)
class History:
    """What happened, in the order of time, and where things are now."""

    hops: list[Hop] = field(default_factory=list)
    now: list[Standing] = field(default_factory=list)
    not_found: list[Followed] = field(default_factory=list)  # known by the tables, not seen in Kafka
    cut: bool = False  # more followed than is looked at

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is known."""
        return not self.hops and not self.now


def standing_of(domain: Domain, read: Read, fate: Fate | None, frontier: Mapping[int, int]) -> list[Standing]:
    """Where an event whose record was found is now; empty where the consumer passes over it."""
    record, event = read.record, read.event
    if not is_meant_for(domain, record.topic, record.headers):
        return []
    passed = record.offset < frontier.get(record.partition, -1)
    state, word = state_of(domain, read, fate, passed=passed)
    reason = word if isinstance(word, str) else fate.waits[-1].reason if fate and fate.waits else None
    until = word if isinstance(word, datetime) else None
    return [Standing(event.id, event.type, domain.name, state, until, reason)]


def children_of(step: Step, outputs: Sequence[Output]) -> list[Followed]:
    """What was published because of it, and the timers that may have been set."""
    found = []
    for output in outputs:
        identity = id_of(output)
        if identity is not None and output.topic != topics.DEAD_LETTERS:
            kind = text_of(output, "ce_type")
            found.append(Followed(identity, kind, output.topic, output.key, step.event_id, step.recorded_at))
    for index in range(len(outputs) + TIMERS_LIMIT):
        identity = output_id(step.consumer, step.event_id, index)
        if all(child.id != identity for child in found):
            found.append(Followed(identity, "timer", cause=step.event_id, is_timer=True))
    return found


def text_of(output: Output, name: str) -> str:
    """A header as text."""
    return (header(output.headers, name) or b"").decode(errors="replace")


def id_of(output: Output) -> UUID | None:
    """The id of a published event."""
    try:
        return UUID(text_of(output, "ce_id"))
    except ValueError:
        return None  # a dead letter of what was no event


def published(read: Read) -> Hop:
    """The hop that a record in Kafka is."""
    record = read.record
    return Hop(
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        what="published",
        event=read.event.id,
        type=read.event.type,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=(record.key or b"").decode(errors="replace"),
    )
