"""A record on its way through the runtime, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

import ormsgpack

from infra.kafka.publisher import Output

if TYPE_CHECKING:
    from consumers.domain import Route
    from consumers.runtime.frontier import Frontier
    from schemas.envelope import Envelope
    from schemas.model import EventData


class Outcome(StrEnum):
    """How an event ends, for one consumer. The last three still wait; all others are final."""

    PROCESSED = "processed"
    SUPERSEDED = "superseded"  # a later turn of the person took effect first
    DEAD = "dead"
    GONE = "gone"  # a redelivery or timer whose row was cancelled, or handled before
    DEFERRED = "deferred"
    PARKED = "parked"
    CLAIMED = "claimed"  # another member's call is under way: looked at again when its lease is over


@dataclass(slots=True, eq=False)
class Record:
    """One Kafka record, and where it came from. Compared by identity."""

    topic: str  # without the installation's prefix
    partition: int
    offset: int
    timestamp: int  # ms since the epoch, the broker's or the producer's
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    frontier: Frontier
    route: Route | None = None
    attributes: dict[str, bytes] | None = None  # the headers by name, from admission until it is read
    event: Envelope = field(init=False)  # once it has been read
    data: EventData | None = None
    day: date = field(init=False)  # under which its outcome is written
    malformed: str | None = None  # why it is no event, or not one that can be remembered
    is_read: bool = False
    crowded: bool = False  # too many of its key are in flight: to be parked, not handled
    failure: Exception | None = None  # what its handler raised, on an earlier run of the chunk
    token: UUID | None = None  # by which its claim is known as this process's, once it has been claimed
    stalled: bool = False  # its handler ran out of time in the middle of a statement, once

    def now(self, clock: datetime) -> datetime:
        """The time as its handler is told it: a timer comes at no time before its own, by whichever clock it
        was sent."""
        return clock if self.event.later_id is None else max(clock, self.event.time)


@dataclass(slots=True)
class Result:
    """What became of one record: its outcome, and what is to be published because of it."""

    record: Record
    outcome: Outcome
    outputs: list[Output] = field(default_factory=list)
    repeated: bool = False  # found processed: only its outputs are published again


def pack_outputs(outputs: list[Output]) -> bytes | None:
    """Outputs as they are stored beside the outcome; None when there are none."""
    return ormsgpack.packb([tuple(output) for output in outputs]) if outputs else None


def unpack_outputs(stored: bytes | None) -> list[Output]:
    """The inverse of `pack_outputs`."""
    if not stored:
        return []
    return [
        Output(topic, key, value, [(name, content) for name, content in headers])
        for topic, key, value, headers in ormsgpack.unpackb(stored)
    ]


def pack_record(value: bytes | None, headers: list[tuple[str, bytes]]) -> bytes:
    """A record's value and headers, byte for byte, as `later` keeps them."""
    return ormsgpack.packb((value, headers))


def unpack_record(stored: bytes) -> tuple[bytes | None, list[tuple[str, bytes]]]:
    """The inverse of `pack_record`."""
    value, headers = ormsgpack.unpackb(stored)
    return value, [(name, content) for name, content in headers]


Key = tuple[UUID, int]  # (event id, number of the delivery): what a consumer handles once
