"""Looking for records in Kafka: in the key's partition, around a time, and no further than needed."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Collection
from contextlib import aclosing
from datetime import datetime
from uuid import UUID

from consumers.runtime.accounting import Progress, Read, as_read
from infra.journal.spans import Journal, NoSuchTopic, Span
from infra.kafka.partition import partition_of

BATCH = 1_000


class Search:
    """Reads spans one after the other, and tells how far it is."""

    def __init__(self, journal: Journal, progress: Progress) -> None:
        self._journal = journal
        self._progress = progress

    async def spans(
        self, topic: str, key: bytes | None, since: datetime, until: datetime | None
    ) -> list[Span]:
        """The parts of a topic that a key's records of that time lie in; none without such a topic."""
        try:
            numbers = await self._journal.partitions(topic)
        except NoSuchTopic:
            return []
        if key is not None:
            numbers = [numbers[partition_of(key, len(numbers))]]
        return [span for span in await self._journal.spans(topic, since, until, numbers) if span.size]

    async def find(self, span: Span, wanted: Collection[UUID]) -> list[Read]:
        """The records of these events, each once; reading ends with the last one found."""
        left, found = set(wanted), []
        if not left:
            return []
        async with aclosing(self._records(span)) as records:
            async for read in records:
                if read.event.id in left:
                    left.discard(read.event.id)
                    found.append(read)
                    if not left:
                        break
        return found

    async def last_of(self, span: Span, key: bytes, limit: int) -> list[Read]:
        """The last records of a key."""
        async with aclosing(self._records(span)) as records:
            return list(deque([read async for read in records if read.record.key == key], limit))

    async def _records(self, span: Span) -> AsyncGenerator[Read, None]:
        done, name = 0, f"{span.topic}/{span.partition}"
        self._progress(name, 0, span.size)
        async with aclosing(self._journal.read([span], BATCH)) as batches:
            async for batch in batches:
                for raw in batch:
                    yield as_read(span.topic, raw)
                done += len(batch)
                self._progress(name, done, span.size)
