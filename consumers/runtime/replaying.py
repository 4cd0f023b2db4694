"""A part of a topic to one consumer once more: what was missed (repair), or everything anew (rebuild).

Copies go to `redelivery.<consumer>`, so nobody else sees them. How they are recognised, and why outputs of a
rebuild stay away, is told in infra/decisions/0031-replay.md.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import Any

import asyncpg

from consumers.domain import Domain
from consumers.runtime.accounting import Progress, TooOld, as_read, no_progress
from consumers.runtime.interest import group_of
from consumers.runtime.reading import OLDEST_DAYS
from consumers.runtime.replay_choice import Choice, copy_of, pick
from infra.journal.outcomes import find_fates
from infra.journal.replays import NoSuchReplay, Replay, save_end, save_progress, working_on
from infra.journal.spans import Journal, Span
from infra.kafka.publisher import Output, Publisher

BATCH = 500
FIRST_TIME = "first_time"  # among what takes effect in a rebuild: never handled before, and no output now
BURST = 100  # so many are published at once, then the rate is looked at


async def clip_to_committed(journal: Journal, domain: Domain, spans: Sequence[Span]) -> list[Span]:
    """The ranges up to the consumer's committed offsets: what lies beyond it has yet to handle by itself."""
    if not spans:
        return []
    committed = await journal.committed(group_of(domain), spans[0].topic)
    return [
        Span(s.topic, s.partition, s.first, max(s.first, min(s.end, committed.get(s.partition, s.first))))
        for s in spans
    ]


async def check_range(journal: Journal, replay: Replay, now: datetime) -> None:
    """Raise TooOld where a repair begins before what the tables remember."""
    if replay.rebuild or not replay.spans:
        return
    midnight = datetime.combine(now.date() - timedelta(days=OLDEST_DAYS), time(), UTC)
    kept = await journal.spans(replay.topic, midnight, partitions=[span.partition for span in replay.spans])
    for span, remembered in zip(replay.spans, kept, strict=True):
        if span.size and span.first < remembered.first:
            raise TooOld(
                f"The range of partition {span.partition} begins before {midnight:%Y-%m-%d}: what became "
                f"of an event is remembered for {OLDEST_DAYS} days, so nothing older can be told from what "
                "was never handled. Begin later, or have everything handled anew with --again."
            )


class Replayer:
    """Goes through what is left of a replay's ranges."""

    def __init__(
        self,
        replay: Replay,
        domain: Domain,
        journal: Journal,
        database: asyncpg.Connection[Any],
        *,
        now: datetime,
        progress: Progress = no_progress,
    ) -> None:
        self.replay = replay
        self.domain = domain
        self.now = now
        self.counts = Counter(replay.counts)
        self._journal = journal
        self._database = database
        self._progress = progress

    async def count(self) -> Counter[str]:
        """What would be done with the records, by Choice. Nothing is published."""
        async for _ in self._choose():
            pass
        return self.counts

    def check_can_run(self) -> None:
        """Raise NoSuchReplay when it has ended, or cannot be told from others any more."""
        replay = self.replay
        if replay.is_finished:
            raise NoSuchReplay(f"Replay {replay.id} has gone through all of its range.")
        if (self.now.date() - replay.began_on).days >= OLDEST_DAYS:
            raise NoSuchReplay(
                f"Replay {replay.id} began on {replay.began_on}: what it did is not remembered any more. "
                "Begin a new one."
            )

    async def run(self, publisher: Publisher, *, rate: float) -> Counter[str]:
        """Hand the copies over, at most `rate` a second; returns what was done with the records, by Choice.

        Killed, it goes on from its last recorded position: what is published twice then has one effect.
        Raises NoSuchReplay when it cannot go on.
        """
        self.check_can_run()
        async with working_on(self._database, self.replay.id):
            began, sent = monotonic(), 0
            async for copies in self._choose():
                for first in range(0, len(copies), BURST):
                    burst = copies[first : first + BURST]
                    await publisher.publish(burst)
                    sent += len(burst)
                    await asyncio.sleep(max(0.0, began + sent / rate - monotonic()))
            await save_end(self._database, self.replay)
        return self.counts

    async def _choose(self) -> AsyncIterator[list[Output]]:
        """Batch by batch, the copies to publish; the position moves on when the caller comes back."""
        replay = self.replay
        total = sum(span.size for span in replay.spans)
        done = total - sum(span.size for span in replay.left)
        self._progress(replay.topic, done, total)
        async for batch in self._journal.read(replay.left, BATCH):
            read = [as_read(replay.topic, raw) for raw in batch]
            fates = await find_fates(self._database, [r.event.id for r in read], [self.domain.name])
            copies = []
            for one in read:
                fate = fates.get((one.event.id, self.domain.name))
                picked = pick(self.domain, replay, one, fate, self.now)
                self.counts[picked.choice.value] += 1
                if picked.choice is Choice.TAKES_EFFECT:
                    copies.append(copy_of(replay, one, picked.delivery))
                    if replay.rebuild and picked.delivery is None:
                        self.counts[FIRST_TIME] += 1
            yield copies
            for one in read:
                replay.positions[one.record.partition] = one.record.offset + 1
            replay.counts = dict(self.counts)
            if replay.id:
                await save_progress(self._database, replay)
            done += len(batch)
            self._progress(replay.topic, done, total)
        self._progress(replay.topic, total, total)
