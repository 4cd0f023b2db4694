"""How far the consumer groups are behind: nothing left at all, or nothing that is older than a moment."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from consumers import domain_names
from consumers.domain import Domain
from consumers.runtime.discovery import load_domain
from consumers.runtime.interest import group_of, topics_of
from infra.kafka.connection import consumer_options
from infra.settings import Settings

LOOK_SECONDS = 0.2
FRESH_SECONDS = 1.0  # under load there is always something under way; older than this it counts as behind
ANSWER_SECONDS = 5.0
RETRY_MS = 500  # while the broker is away

Ends = dict[TopicPartition, int]


class Lag:
    """Asks the broker. Raises KafkaError, OSError or TimeoutError while it is away."""

    def __init__(
        self,
        settings: Settings,
        domains: Sequence[Domain],
        admin: AIOKafkaAdminClient,
        consumer: AIOKafkaConsumer,
    ) -> None:
        self._admin = admin
        self._consumer = consumer
        self._prefix = settings.kafka_topic_prefix
        self._domains = domains
        self._own = {each.name: {self._prefix + topic for topic in topics_of(each)} for each in self._domains}
        self.last_behind: list[str] = []  # which consumers were so until `is_fresh` held
        self._places: list[TopicPartition] = []  # there are no new ones during a run
        self._ends: deque[tuple[float, Ends]] = deque(maxlen=100)

    async def behind(self) -> dict[str, int]:
        """Per consumer, how many records it has not committed."""
        ends = await self._all_ends()
        return {name: self._count(name, ends, done) for name, done in (await self._committed()).items()}

    async def is_fresh(self) -> bool:
        """Whether nothing that any group has left to do is older than a second."""
        now = time.monotonic()
        self._ends.append((now, await self._all_ends()))
        while len(self._ends) > 1 and self._ends[1][0] <= now - FRESH_SECONDS:
            self._ends.popleft()
        then, ends = self._ends[0]
        if then > now - FRESH_SECONDS:
            return False
        late = {name: self._count(name, ends, done) for name, done in (await self._committed()).items()}
        self.last_behind = sorted(name for name, count in late.items() if count) or self.last_behind
        return not any(late.values())

    def forget(self) -> None:
        """Begin anew."""
        self._ends.clear()
        self.last_behind = []

    async def _all_ends(self) -> Ends:
        async with asyncio.timeout(ANSWER_SECONDS):
            if not self._places:
                names = sorted(set().union(*self._own.values()))
                self._places = [
                    TopicPartition(answer["topic"], partition["partition"])
                    for answer in await self._admin.describe_topics(names)
                    for partition in answer["partitions"]
                ]
            found: Ends = await self._consumer.end_offsets(self._places)
        return found

    async def _committed(self) -> dict[str, Ends]:
        found = {}
        async with asyncio.timeout(ANSWER_SECONDS):
            for each in self._domains:
                group = self._prefix + group_of(each)
                offsets = await self._admin.list_consumer_group_offsets(group)
                found[each.name] = {place: max(0, meta.offset) for place, meta in offsets.items()}
        return found

    def _count(self, name: str, ends: Ends, done: Ends) -> int:
        return sum(max(0, end - done.get(p, 0)) for p, end in ends.items() if p.topic in self._own[name])


@asynccontextmanager
async def watching(settings: Settings) -> AsyncIterator[Lag]:
    """Look at the groups from outside, without joining any."""
    admin = AIOKafkaAdminClient(**consumer_options(settings), retry_backoff_ms=RETRY_MS)
    domains = [load_domain(name) for name in domain_names()]
    consumer = AIOKafkaConsumer(**consumer_options(settings), retry_backoff_ms=RETRY_MS)
    await admin.start()
    try:
        await consumer.start()
        yield Lag(settings, domains, admin, consumer)
    finally:
        await consumer.stop()
        await admin.close()


async def until_fresh(lag: Lag, limit_seconds: float) -> float | None:
    """Seconds until no group is behind any more; None when that takes longer than the limit."""
    began = time.monotonic()
    lag.forget()
    while (passed := time.monotonic() - began) < limit_seconds:
        try:
            if await lag.is_fresh():
                return passed
        except (KafkaError, OSError, TimeoutError):
            lag.forget()  # the broker is away again
        await asyncio.sleep(LOOK_SECONDS)
    return None
