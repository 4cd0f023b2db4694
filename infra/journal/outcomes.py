"""What became of events, looked up in bulk: their outcomes, what waits of them, and calls under way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from infra.settings import Settings

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 60

FIND_OUTCOMES = """
SELECT event_id, consumer, day, delivery, outcome, recorded_at FROM runtime.processed
WHERE event_id = ANY($1::uuid[]) AND consumer = ANY($2::text[])"""

FIND_STEPS = """
SELECT event_id, consumer, delivery, outcome, outputs, recorded_at FROM runtime.processed
WHERE event_id = ANY($1::uuid[]) ORDER BY recorded_at, delivery"""

FIND_WAITING = """
SELECT event_id, consumer, id, kind, name, delivery, tries, due, reason, sent_at, created_at
FROM runtime.later WHERE event_id = ANY($1::uuid[]) AND consumer = ANY($2::text[])"""

FIND_CLAIMS = """
SELECT event_id, consumer, claimed_at, lease_until FROM runtime.claim
WHERE consumer = ANY($2::text[]) AND event_id = ANY($1::uuid[])"""

# Where operators gave an event up, its row in `later` went with that; their table alone says so.
HAS_LETTERS = "SELECT to_regclass('dead_letters.letter') IS NOT NULL"
FIND_DISCARDED = """
SELECT event_id, consumer FROM dead_letters.letter
WHERE event_id = ANY($1::uuid[]) AND consumer = ANY($2::text[]) AND status = 'discarded'"""

WAITING = frozenset(("deferred", "parked", "claimed"))  # outcomes that are no end


@dataclass(frozen=True, slots=True)
class Ended:
    """How one delivery of an event ended."""

    event_id: UUID
    consumer: str
    day: date
    delivery: int
    outcome: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """How one delivery of an event ended, and what followed from it (packed)."""

    event_id: UUID
    consumer: str
    delivery: int
    outcome: str
    outputs: bytes | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Waits:
    """A row of `later`: what waits, until when, and why."""

    event_id: UUID
    consumer: str
    id: int
    kind: str
    name: str | None
    delivery: int
    tries: int
    due: datetime
    reason: str
    sent_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """A call to the world that is not recorded yet."""

    event_id: UUID
    consumer: str
    claimed_at: datetime
    lease_until: datetime


@dataclass(slots=True)
class Fate:
    """All that one consumer's tables say of one event."""

    ended: list[Ended] = field(default_factory=list)  # by delivery
    waits: list[Waits] = field(default_factory=list)
    claimed: Claimed | None = None
    discarded: bool = False  # an operator gave it up

    @property
    def was_set_aside(self) -> bool:
        """Whether its last outcome is no end, and yet nothing waits."""
        return bool(self.ended) and self.ended[-1].outcome in WAITING and not self.waits


Fates = dict[tuple[UUID, str], Fate]


@asynccontextmanager
async def operator_connection(settings: Settings) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A connection as the owner of the tables, who sees the rows of every consumer."""
    connection = await asyncpg.connect(
        settings.need("postgres_dsn"),
        timeout=CONNECT_SECONDS,
        command_timeout=STATEMENT_SECONDS,
        server_settings={
            "application_name": "easymo operator",
            "timezone": "UTC",
            "jit": "off",
            "enable_seqscan": "off",  # every query has an index; see infra/decisions/0005
        },
    )
    try:
        yield connection
    finally:
        await connection.close()


async def find_steps(connection: asyncpg.Connection[Any], events: Collection[UUID]) -> list[Step]:
    """All that was done with these events, by whomever, in the order of time."""
    if not events:
        return []
    return [Step(**dict(row)) for row in await connection.fetch(FIND_STEPS, list(set(events)))]


async def find_fates(
    connection: asyncpg.Connection[Any], events: Collection[UUID], consumers: Sequence[str]
) -> Fates:
    """What is known of these events, seen at one moment: nothing is between two tables."""
    fates: Fates = {}
    wanted, names = list(set(events)), list(consumers)
    if not wanted or not names:
        return fates
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        ended = await connection.fetch(FIND_OUTCOMES, wanted, names)
        waiting = await connection.fetch(FIND_WAITING, wanted, names)
        claims = await connection.fetch(FIND_CLAIMS, wanted, names)
    for row in ended:
        fates.setdefault((row["event_id"], row["consumer"]), Fate()).ended.append(Ended(**dict(row)))
    for row in waiting:
        fates.setdefault((row["event_id"], row["consumer"]), Fate()).waits.append(Waits(**dict(row)))
    for row in claims:
        fates.setdefault((row["event_id"], row["consumer"]), Fate()).claimed = Claimed(**dict(row))
    for fate in fates.values():
        fate.ended.sort(key=lambda end: (end.delivery, end.recorded_at))
        fate.waits.sort(key=lambda wait: wait.delivery)
    await _mark_discarded(connection, fates)
    return fates


async def _mark_discarded(connection: asyncpg.Connection[Any], fates: Fates) -> None:
    doubtful = {key: fate for key, fate in fates.items() if fate.was_set_aside}
    if not doubtful or not await connection.fetchval(HAS_LETTERS):
        return
    events, consumers = {event for event, _ in doubtful}, {consumer for _, consumer in doubtful}
    for row in await connection.fetch(FIND_DISCARDED, list(events), list(consumers)):
        fate = doubtful.get((row["event_id"], row["consumer"]))
        if fate is not None:
            fate.discarded = True
