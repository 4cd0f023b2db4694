"""Invariant 4, looked at from outside: what became of every event of a time range, consumer by consumer.

The committed offsets are read first, then the records, then the tables: whatever lay below the committed
offset then has its outcome by the time the tables are read, or it is lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from consumers.domain import Domain
from consumers.runtime.frontier import Frontier
from consumers.runtime.interest import group_of, is_meant_for, route_of, topics_of
from consumers.runtime.judging import WAITING
from consumers.runtime.reading import OLDEST_DAYS, envelope_of
from consumers.runtime.records import Record
from infra.journal.outcomes import Fate, Fates, find_fates, operator_connection
from infra.journal.spans import Journal, Raw
from infra.settings import Settings
from schemas.envelope import REPLAY_DELIVERIES, Envelope

BATCH = 1_000
MISSING_LIMIT = 1_000  # so many are named; all are counted

_NOWHERE = Frontier()


class State(StrEnum):
    """Where an event stands with one consumer."""

    PROCESSED = "processed"
    SUPERSEDED = "superseded"
    DEAD = "dead"
    GONE = "gone"  # a timer that was cancelled, or a copy of what was handled before
    WAITING = "waiting"
    IN_FLIGHT = "in_flight"  # not below the committed offset: still to be handled
    UNREMEMBERED = "unremembered"  # handled, of a kind whose repeat does no harm: no row says so
    UNACCOUNTED = "unaccounted"


class TooOld(Exception):
    """The range begins before what the tables remember."""


@dataclass(frozen=True, slots=True)
class Missing:
    """An event that is not accounted for."""

    consumer: str
    topic: str
    partition: int
    offset: int
    at: datetime
    event_id: UUID
    type: str
    key: str
    why: str


@dataclass(slots=True)
class Account:
    """How the events of a time range ended, by (consumer, topic)."""

    since: datetime
    until: datetime
    states: dict[tuple[str, str], Counter[State]] = field(default_factory=dict)
    missing: list[Missing] = field(default_factory=list)  # the first MISSING_LIMIT of them
    waits_until: dict[tuple[str, str], datetime] = field(default_factory=dict)  # the latest due time

    @property
    def unaccounted(self) -> int:
        """How many events nobody can tell the end of."""
        return sum(states[State.UNACCOUNTED] for states in self.states.values())

    @property
    def total(self) -> int:
        """How many events there were; one that two consumers read counts twice."""
        return sum(states.total() for states in self.states.values())


@dataclass(frozen=True, slots=True)
class Read:
    """A record as a consumer reads it."""

    record: Record
    event: Envelope
    malformed: str | None


Progress = Callable[[str, int, int], None]  # (topic, offsets read, of how many)


def no_progress(topic: str, done: int, total: int) -> None:
    """Tells nobody."""


def as_read(topic: str, raw: Raw) -> Read:
    """A raw record with its event, read as the runtime reads it."""
    record = Record(
        topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, list(raw.headers), _NOWHERE
    )
    event, malformed = envelope_of(record)
    return Read(record, event, malformed)


def check_remembered(since: datetime, now: datetime) -> None:
    """Raise TooOld when outcomes from `since` on are not all kept any more."""
    oldest = (now - timedelta(days=OLDEST_DAYS)).date()
    if since.date() < oldest:
        raise TooOld(
            f"{since:%Y-%m-%d %H:%M} is too long ago: what became of an event is remembered for "
            f"{OLDEST_DAYS} days, so nothing before {oldest} can be told from what was never handled. "
            "Begin later."
        )


async def account(
    settings: Settings,
    domains: Sequence[Domain],
    since: datetime,
    until: datetime,
    *,
    now: datetime,
    topics: Sequence[str] = (),
    progress: Progress = no_progress,
) -> Account:
    """What became of every event that was published from `since` up to `until`, for each of `domains`.

    `topics`: only these of the topics that they read. Memory does not grow with the range. Raises TooOld,
    NoSuchTopic, KafkaUnreachable, KafkaRefused, and what asyncpg raises.
    """
    check_remembered(since, now)
    found = Account(since, until)
    readers: dict[str, list[Domain]] = {}
    for domain in domains:
        for topic in topics_of(domain):
            if not topics or topic in topics:
                readers.setdefault(topic, []).append(domain)
    async with Journal(settings) as journal, operator_connection(settings) as database:
        audit = _Audit(journal, database, found, progress)
        for topic in sorted(readers):
            await audit.take(topic, readers[topic])
    return found


@dataclass(frozen=True, slots=True)
class _Audit:
    """Goes through one topic after the other."""

    journal: Journal
    database: asyncpg.Connection[Any]
    found: Account
    progress: Progress

    async def take(self, topic: str, domains: Sequence[Domain]) -> None:
        """Count the events of one topic, for each of its readers."""
        frontiers = {domain.name: await self.journal.committed(group_of(domain), topic) for domain in domains}
        spans = await self.journal.spans(topic, self.found.since, self.found.until)
        total, done = sum(span.size for span in spans), 0
        for domain in domains:
            self.found.states[domain.name, topic] = Counter()
        self.progress(topic, 0, total)
        async for batch in self.journal.read(spans, BATCH):
            read = [as_read(topic, raw) for raw in batch]
            ids = [one.event.id for one in read]
            fates = await find_fates(self.database, ids, [domain.name for domain in domains])
            for domain in domains:
                for one in read:
                    self._count(domain, one, fates, frontiers[domain.name])
            done += len(batch)
            self.progress(topic, done, total)
        self.progress(topic, total, total)

    def _count(self, domain: Domain, read: Read, fates: Fates, frontier: Mapping[int, int]) -> None:
        record, event, found = read.record, read.event, self.found
        if not is_meant_for(domain, record.topic, record.headers):
            return
        place = (domain.name, record.topic)
        passed = record.offset < frontier.get(record.partition, -1)
        state, word = state_of(domain, read, fates.get((event.id, domain.name)), passed=passed)
        found.states[place][state] += 1
        if isinstance(word, datetime):
            found.waits_until[place] = max(word, found.waits_until.get(place, word))
        if state is State.UNACCOUNTED and len(found.missing) < MISSING_LIMIT:
            found.missing.append(_missing(domain.name, read, str(word)))


def _missing(consumer: str, read: Read, why: str) -> Missing:
    record = read.record
    return Missing(
        consumer=consumer,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        at=datetime.fromtimestamp(record.timestamp / 1000, UTC),
        event_id=read.event.id,
        type=read.event.type or "unreadable",
        key=(record.key or b"").decode(errors="replace"),
        why=why,
    )


def state_of(
    domain: Domain, read: Read, fate: Fate | None, *, passed: bool
) -> tuple[State, datetime | str | None]:
    """Where one event stands with one consumer, and until when it waits, or why nobody can tell. Pure.

    `passed`: the consumer's committed offset lay beyond the record before the tables were read.
    """
    event = read.event
    fate = fate or Fate()
    ended = [end for end in fate.ended if end.delivery // REPLAY_DELIVERIES == event.rebuild]
    waits = [wait for wait in fate.waits if wait.delivery // REPLAY_DELIVERIES == event.rebuild]
    last = ended[-1].outcome if ended else None
    if waits:
        return State.WAITING, waits[-1].due
    if last is not None and last not in WAITING:
        return State(last), None
    if fate.claimed is not None:
        return State.WAITING, fate.claimed.lease_until
    if fate.discarded:
        return State.DEAD, None
    return _unknown(domain, read, last, passed=passed)


def _unknown(domain: Domain, read: Read, last: str | None, *, passed: bool) -> tuple[State, str | None]:
    """The same, where nothing waits and no end is recorded."""
    if last is None and not passed:
        return State.IN_FLIGHT, None
    if read.event.later_id is not None:
        return State.GONE, None  # its row left without it: a timer was cancelled, or this is one copy more
    if last is not None:
        return State.UNACCOUNTED, f"it was {last}, and nothing waits any more"
    route = route_of(domain, read.record.headers)
    if route is not None and route.idempotent and read.malformed is None:
        return State.UNREMEMBERED, None
    return State.UNACCOUNTED, "the committed offset has passed it, and no outcome is recorded"
