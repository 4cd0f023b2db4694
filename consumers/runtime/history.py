"""Everything that happened to an event and to what followed from it, hop by hop; and where each of it is now.

The tables lead: `processed` says who handled an event, when, and what followed (its stored outputs). Kafka is
read only in the partition that a key belongs to, and around the time that the tables name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from consumers.domain import Domain
from consumers.runtime.accounting import Progress, Read, State, no_progress
from consumers.runtime.history_search import Search
from consumers.runtime.hops import (
    Followed,
    History,
    Hop,
    Standing,
    children_of,
    id_of,
    published,
    standing_of,
)
from consumers.runtime.interest import group_of, topics_of
from consumers.runtime.records import unpack_outputs
from infra.journal.outcomes import Step, find_fates, find_steps
from infra.journal.spans import Journal
from infra.kafka.publisher import Output
from schemas import topics
from schemas.envelope import header

EVENTS_LIMIT = 500  # followed at most; a conversation's turn has about ten
BEFORE = timedelta(seconds=5)  # clocks, and the transaction that a row's time is the beginning of
AFTER = timedelta(minutes=2)  # published once it has committed, unless Kafka was away
LOOK_BACK = (timedelta(minutes=1), timedelta(hours=1))  # for the record of an event that was handled


class Historian:
    """Follows events. For one question; one at a time."""

    def __init__(
        self,
        journal: Journal,
        database: asyncpg.Connection[Any],
        domains: Sequence[Domain],
        *,
        since: datetime,
        now: datetime,
        progress: Progress = no_progress,
    ) -> None:
        """`since`: what has left no trace in the tables is looked for in Kafka from then on."""
        self._journal = journal
        self._search = Search(journal, progress)
        self._database = database
        self._domains = {domain.name: domain for domain in domains}
        self._since = since
        self._now = now
        self._found = History()
        self._followed: dict[UUID, Followed] = {}

    async def of_events(self, ids: Iterable[UUID], topic: str | None = None) -> History:
        """The history of these events, whichever of them there are; `topic`: where they must lie."""
        roots = [Followed(identity, topic=topic) for identity in ids]
        await self._follow(roots)
        known = {hop.event for hop in self._found.hops}
        started = min((hop.at for hop in self._found.hops), default=None)
        if known or not await self._are_timers(roots):
            await self._find_roots([root for root in roots if not known or root.id in known], started, topic)
        return await self._conclude()

    async def _are_timers(self, roots: Sequence[Followed]) -> bool:
        """Whether one is a timer that is not due yet: it lies in no topic."""
        fates = await find_fates(self._database, [root.id for root in roots], list(self._domains))
        return any(fate.waits for fate in fates.values())

    async def of_contacts(self, contacts: Sequence[str], limit: int) -> History:
        """The history of the last `limit` messages of each contact, and of as many delivery statuses."""
        read: list[Read] = []
        for topic in (topics.INBOUND, topics.STATUSES):
            for key in (contact.encode() for contact in contacts):
                for span in await self._search.spans(topic, key, self._since, None):
                    read += await self._search.last_of(span, key, limit)
        await self._follow([Followed(one.event.id, one.event.type) for one in read])
        self._saw(read)
        return await self._conclude()

    # Following ----------------------------------------------------------------------------------------

    async def _follow(self, roots: Sequence[Followed]) -> None:
        """Breadth first: each round is one look at the tables."""
        layer = list(roots)
        while layer:
            room = EVENTS_LIMIT - len(self._followed)
            self._found.cut |= len(layer) > room
            layer = [one for one in layer[:room] if one.id not in self._followed]
            self._followed |= {one.id: one for one in layer}
            following: dict[UUID, Followed] = {}
            for step in await find_steps(self._database, [one.id for one in layer]):
                outputs = unpack_outputs(step.outputs)
                self._note(step, outputs)
                for child in children_of(step, outputs):
                    following.setdefault(child.id, child)
            layer = await self._real(following)

    async def _real(self, following: dict[UUID, Followed]) -> list[Followed]:
        """Without the timers that only might have been set."""
        maybe = [one.id for one in following.values() if one.is_timer]
        there = {step.event_id for step in await find_steps(self._database, maybe)}
        fates = await find_fates(self._database, maybe, list(self._domains))
        there |= {event for event, _ in fates}
        return [one for one in following.values() if not one.is_timer or one.id in there]

    def _note(self, step: Step, outputs: Sequence[Output]) -> None:
        followed = self._followed[step.event_id]
        letters = [output for output in outputs if output.topic == topics.DEAD_LETTERS]
        reason = None
        if letters:
            reason = (header(letters[-1].headers, "kafka_dlt-exception-message") or b"").decode(
                errors="replace"
            )
            if not followed.type:
                followed.type = (header(letters[-1].headers, "ce_type") or b"").decode(errors="replace")
            followed.key = followed.key or letters[-1].key
        self._found.hops.append(
            Hop(
                at=step.recorded_at,
                what="set aside" if letters else "handled",
                event=step.event_id,
                type=followed.type,
                consumer=step.consumer,
                outcome=step.outcome,
                delivery=step.delivery,
                outputs=tuple(f"{output.topic} {id_of(output)}" for output in outputs),
                reason=reason,
            )
        )
        if followed.topic is None and not followed.is_timer:
            followed.around = min(step.recorded_at, followed.around or step.recorded_at)

    # Finding records ----------------------------------------------------------------------------------

    async def _find_roots(
        self, roots: Sequence[Followed], handled_at: datetime | None, topic: str | None
    ) -> None:
        """Look where the consumers that handled them read; where nobody did, on `topic`, or everywhere."""
        ids = {root.id for root in roots}
        consumers = {hop.consumer for hop in self._found.hops if hop.event in ids}
        readers = [self._domains[name] for name in consumers if name in self._domains]
        names = {t for domain in readers or self._domains.values() for t in topics_of(domain)}
        names -= {topics.redelivery(name) for name in self._domains}  # copies
        backs = [handled_at - back for back in LOOK_BACK] if handled_at is not None else []
        end = handled_at + BEFORE if handled_at is not None else None
        for start in [*backs, self._since]:
            for name in [topic] if topic else sorted(names):
                for span in await self._search.spans(name, None, start, end):
                    found = await self._search.find(span, ids)
                    self._saw(found)
                    ids -= {read.event.id for read in found}
                    if not ids:
                        return
            if len(ids) < len(roots):
                return  # of the ids that a wamid may stand for, one is there

    async def _find_children(self) -> None:
        """One look at each partition that something of the trail was published to."""
        wanted: dict[tuple[str, bytes | None], list[Followed]] = {}
        for one in self._followed.values():
            if one.read is None and one.topic is not None and one.around is not None:
                wanted.setdefault((one.topic, one.key), []).append(one)
        for (topic, key), group in wanted.items():
            times = [one.around for one in group if one.around is not None]
            left = {one.id for one in group}
            for span in await self._search.spans(topic, key, min(times) - BEFORE, max(times) + AFTER):
                self._saw(await self._search.find(span, left))

    def _saw(self, found: Iterable[Read]) -> None:
        for read in found:
            one = self._followed.setdefault(read.event.id, Followed(read.event.id))
            one.read, one.type = read, read.event.type
            one.topic, one.key = read.record.topic, read.record.key

    # Concluding ---------------------------------------------------------------------------------------

    async def _conclude(self) -> History:
        await self._find_children()
        found = self._found
        for one in self._followed.values():
            if one.read is not None:
                found.hops.append(published(one.read))
            elif one.topic is not None and one.around is not None:
                found.not_found.append(one)
        await self._stand()
        kinds = {one.id: one.type for one in self._followed.values()}
        found.hops = [replace(hop, type=hop.type or kinds.get(hop.event, "")) for hop in found.hops]
        found.hops.sort(key=lambda hop: hop.at)
        return found

    async def _stand(self) -> None:
        """Where everything is now: the committed offsets first, then the tables, as in an account."""
        read = [
            one for one in self._followed.values() if one.read is not None and one.read.record is not None
        ]
        frontiers: dict[tuple[str, str], dict[int, int]] = {}
        for topic in {one.topic for one in read if one.topic is not None}:
            for domain in self._domains.values():
                if topic in topics_of(domain):
                    frontiers[domain.name, topic] = await self._journal.committed(group_of(domain), topic)
        fates = await find_fates(self._database, list(self._followed), list(self._domains))
        for one in self._followed.values():
            for domain in self._domains.values():
                fate = fates.get((one.id, domain.name))
                if one.read is None:  # a timer, not sent yet
                    waits = fate.waits if fate else ()
                    self._found.now += [
                        Standing(one.id, one.type, domain.name, State.WAITING, wait.due, wait.reason)
                        for wait in waits
                    ]
                elif (domain.name, one.read.record.topic) in frontiers:
                    frontier = frontiers[domain.name, one.read.record.topic]
                    self._found.now += standing_of(domain, one.read, fate, frontier)
