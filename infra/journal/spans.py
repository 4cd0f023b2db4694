"""Ranges of a topic, by time or by offset, and the records in them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import NoError, for_code

from infra.kafka.connection import answering, consumer_options, disconnect
from infra.settings import Settings

POLL_MS = 500
FETCH_BYTES = 512 * 1024  # a partition; a larger record still comes alone
FETCHES = 8  # partitions' worth of it at most in one answer
START_SECONDS = 30.0

Raw: TypeAlias = ConsumerRecord[bytes, bytes]


class NoSuchTopic(Exception):
    """The cluster does not have this topic."""


@dataclass(frozen=True, slots=True)
class Span:
    """The records of one partition from `first` up to, not including, `end`."""

    topic: str  # without the installation's prefix
    partition: int
    first: int
    end: int

    @property
    def size(self) -> int:
        """How many offsets it has; compaction may have taken some."""
        return max(0, self.end - self.first)


class Journal:
    """Kafka, for somebody who reads without being a member of any group. One reader at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prefix = settings.kafka_topic_prefix
        self._kafka: Any = AIOKafkaConsumer(
            **consumer_options(settings),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=FETCH_BYTES * FETCHES,
        )
        self._admin: Any = AIOKafkaAdminClient(**consumer_options(settings))

    async def __aenter__(self) -> Self:
        """Raises KafkaUnreachable, KafkaRefused."""
        try:
            async with answering(self._settings, START_SECONDS):
                await self._kafka.start()
                await self._admin.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Disconnect."""
        await disconnect(self._kafka.stop())
        await disconnect(self._admin.close())

    async def partitions(self, topic: str) -> list[int]:
        """The partitions of a topic. Raises NoSuchTopic."""
        name = self._prefix + topic
        [answer] = await self._admin.describe_topics([name])
        if for_code(answer["error_code"]) is not NoError:
            raise NoSuchTopic(f"Kafka has no topic {name}. `easymo topics list` shows those there are.")
        return sorted(partition["partition"] for partition in answer["partitions"])

    async def spans(
        self,
        topic: str,
        since: datetime | None = None,
        until: datetime | None = None,
        partitions: Iterable[int] | None = None,
    ) -> list[Span]:
        """What was appended from `since` up to `until` (as the records' timestamps have it), by partition.

        Without `since`: from the first record that is kept; without `until`: to the end as it is now.
        """
        chosen = await self.partitions(topic) if partitions is None else list(partitions)
        places = [TopicPartition(self._prefix + topic, number) for number in chosen]
        if not places:
            return []
        ends = await self._kafka.end_offsets(places)
        begins = await self._kafka.beginning_offsets(places)
        first = await self._at(places, since, ends) if since is not None else begins
        end = await self._at(places, until, ends) if until is not None else ends
        return [
            Span(topic, place.partition, max(first[place], begins[place]), end[place]) for place in places
        ]

    async def _at(
        self, places: Sequence[TopicPartition], time: datetime, ends: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """The first offset that is not before `time`, or the end."""
        moment = max(0, int(time.timestamp() * 1000))
        found = await self._kafka.offsets_for_times(dict.fromkeys(places, moment))
        return {place: ends[place] if found[place] is None else found[place].offset for place in places}

    async def clip(self, wanted: Iterable[Span]) -> list[Span]:
        """The same ranges, cut to what the partitions still, or already, have."""
        cut = []
        for span in wanted:
            [whole] = await self.spans(span.topic, partitions=[span.partition])
            first = min(max(span.first, whole.first), whole.end)
            cut.append(Span(span.topic, span.partition, first, max(first, min(span.end, whole.end))))
        return cut

    async def committed(self, group: str, topic: str) -> dict[int, int]:
        """The committed offset of each partition of a topic, for those where the group has one."""
        name = self._prefix + topic
        places = [TopicPartition(name, number) for number in await self.partitions(topic)]
        async with answering(self._settings, START_SECONDS):
            found = await self._admin.list_consumer_group_offsets(self._prefix + group, partitions=places)
        return {place.partition: value.offset for place, value in found.items() if value.offset >= 0}

    async def read(self, spans: Iterable[Span], batch: int = 1_000) -> AsyncGenerator[list[Raw], None]:
        """The records of the spans, up to `batch` at a time, in order within a partition.

        Whoever stops reading early closes the iterator.
        """
        ends = {
            TopicPartition(self._prefix + span.topic, span.partition): span.end for span in spans if span.size
        }
        if not ends:
            return
        self._kafka.assign(list(ends))
        for span in spans:
            if span.size:
                self._kafka.seek(TopicPartition(self._prefix + span.topic, span.partition), span.first)
        left = set(ends)
        try:
            while left:
                polled = await self._kafka.getmany(*left, timeout_ms=POLL_MS, max_records=batch)
                found = [
                    record
                    for place, records in polled.items()
                    for record in records
                    if record.offset < ends[place]
                ]
                if found:
                    yield found
                for place in list(left):
                    # The position passes gaps, and jumps ahead where retention has been quicker than we.
                    if await self._kafka.position(place) >= ends[place]:
                        left.discard(place)
                        self._kafka.pause(place)
        finally:
            self._kafka.unsubscribe()

    def topic_of(self, record: Raw) -> str:
        """The record's topic, without the installation's prefix."""
        topic: str = record.topic
        return topic[len(self._prefix) :]
