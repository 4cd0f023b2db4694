"""Publishes updates: all of a request together, acknowledged by all in-sync replicas, within a time limit.

One producer is kept for the process and made anew when it is of no use any more: aiokafka's idempotent
producer does not recover from a lost sequence (a batch given up, a broker that forgot the producer's id), it
refuses everything from then on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from infra.kafka.connection import producer_options, topic_name
from infra.kafka.partition import partition_of
from infra.settings import Settings
from infra.telemetry import metrics
from infra.telemetry.logs import logger
from ingress.batches import Batches
from ingress.deadline import Within
from ingress.update import Update
from schemas.topics import RECORD_BYTES_LIMIT

log = logger(__name__)

BATCH_BYTES = 128 * 1024
OVERHEAD_BYTES = 1024  # of a record beside its key and value: our own headers
REQUEST_SECONDS = 5  # how long one request to the broker may take
PROBE_EVERY_SECONDS = 1.0
PROBE_SECONDS_LIMIT = 3.0
START_SECONDS_LIMIT = 10.0
STOP_SECONDS_LIMIT = 5.0
RETIRING_LIMIT = 3  # producers of no use any more that still hand over what they hold


class KafkaAway(Exception):
    """Not acknowledged in time, or refused: the sender must post again. The message says why."""


class UpdateTooLarge(Exception):
    """An update does not fit into a record."""


class Publisher:
    """Publishes to the given topics. `start` returns at once; the connection is made, watched and made again
    in the background, and `publish` waits for it within its own time limit."""

    def __init__(self, settings: Settings, topics: Sequence[str]) -> None:
        """`topics`: names of the catalogue. Raises MissingSetting without an address."""
        self._options = producer_options(settings)
        self._names = {topic: topic_name(settings, topic) for topic in topics}
        self._timeout = settings.ingress_publish_timeout_seconds
        self._counts: dict[str, int] = {}  # partitions, by name of the catalogue
        self._producer: AIOKafkaProducer | None = None
        self._batches: Batches | None = None  # of the producer
        self._connected = asyncio.Event()
        self._useless = False
        self._wake = asyncio.Event()  # the keeper, ahead of its time
        self._retiring: set[asyncio.Task[None]] = set()
        self._keeper: asyncio.Task[None] | None = None
        self._away_since: float | None = monotonic()
        self._away_because = "not connected yet"
        self._acknowledged_at = 0.0

    @property
    def reachable(self) -> bool:
        """Whether Kafka answered when last asked, and every topic is there."""
        return self._away_since is None

    @property
    def away_because(self) -> str:
        """Why it is not reachable; empty when it is."""
        return "" if self.reachable else self._away_because

    async def start(self) -> None:
        """Begin to connect."""
        self._keeper = asyncio.create_task(self._keep())
        self._keeper.add_done_callback(_tell_if_failed)

    @property
    def watched(self) -> bool:
        """Whether the background task lives: without it nothing would connect again."""
        return self._keeper is not None and not self._keeper.done()

    async def close(self) -> None:
        """Hand over what is under way, within STOP_SECONDS_LIMIT, and disconnect."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._producer is not None:
            self._retire(self._producer)
            self._producer = None
        if self._retiring:
            _, late = await asyncio.wait(self._retiring, timeout=STOP_SECONDS_LIMIT)
            for task in late:
                task.cancel()
            if late:
                log.warning("kafka.left_behind", producers=len(late))

    async def publish(self, updates: Sequence[Update], traceparent: str) -> None:
        """Returns when every update is acknowledged by all in-sync replicas.

        Raises KafkaAway after the time limit, at once when Kafka has been away for longer than that, and
        when it refuses; UpdateTooLarge. Some of the updates may have been published then: whoever posts again
        makes the same ids.
        """
        began = monotonic()
        if self._away_since is not None and began - self._away_since > self._timeout:
            raise KafkaAway(self._away_because)
        try:
            with Within(self._timeout):
                if self._producer is None:
                    await self._connected.wait()
                await self._send(updates, traceparent.encode())
        except TimeoutError:
            reason = f"no acknowledgement within {self._timeout:g} s"
            if self._acknowledged_at < began:  # else it is one partition's trouble, and others get through
                self._note_away(reason)
            raise KafkaAway(reason) from None
        except MessageSizeTooLargeError as error:
            raise UpdateTooLarge(str(error)) from error
        except (KafkaError, OSError) as error:
            raise KafkaAway(f"{type(error).__name__}: {error}") from error

    async def _send(self, updates: Sequence[Update], trace: bytes) -> None:
        producer, batches = self._producer, self._batches
        if producer is None or batches is None:
            raise KafkaError("the connection was lost")
        sent: list[asyncio.Future[None]] = []
        try:
            for update in updates:
                topic, key = update.kind.topic, update.key.encode()
                _check_size(key, update.value)
                partition = partition_of(key, self._counts[topic])
                headers = update.headers(key, trace)
                sent.append(batches.add(self._names[topic], partition, key, update.value, headers))
            for acknowledged in sent:
                await acknowledged
            self._acknowledged_at = monotonic()
        except BaseException as error:
            for future in sent:
                future.add_done_callback(_look_at)
            # What was given up is missing in the producer's sequence: all that follows would be refused.
            if isinstance(error, KafkaError) and producer is self._producer and not self._useless:
                self._useless = not isinstance(error, MessageSizeTooLargeError)
                self._wake.set()
            raise

    async def _keep(self) -> None:
        """Connect, watch, and connect again, for as long as the process lives."""
        while True:
            self._wake.clear()
            if self._useless and self._producer is not None and len(self._retiring) < RETIRING_LIMIT:
                log.warning("kafka.producer_replaced")
                self._connected.clear()
                self._retire(self._producer)
                self._producer, self._useless = None, False
            if self._producer is None:
                await self._connect()
            else:
                await self._probe(self._producer)
            try:
                await asyncio.wait_for(self._wake.wait(), PROBE_EVERY_SECONDS)
            except TimeoutError:
                continue

    async def _connect(self) -> None:
        producer = AIOKafkaProducer(
            **self._options,
            acks="all",
            enable_idempotence=True,
            linger_ms=0,
            max_batch_size=BATCH_BYTES,
            max_request_size=RECORD_BYTES_LIMIT,
            request_timeout_ms=REQUEST_SECONDS * 1000,
        )
        try:
            async with asyncio.timeout(START_SECONDS_LIMIT):
                await producer.start()
                self._counts = {t: len(await producer.partitions_for(n)) for t, n in self._names.items()}
        except (KafkaError, OSError, TimeoutError) as error:
            self._note_away(f"{type(error).__name__}: {error}")
            self._retire(producer)
            return
        except BaseException:
            self._retire(producer)
            raise
        self._producer, self._batches = producer, Batches(producer)
        self._note_reachable()
        self._connected.set()

    async def _probe(self, producer: AIOKafkaProducer) -> None:
        """Ask for the topics' metadata: new partitions become known, and absence shows without traffic."""
        cluster = producer.client.cluster
        try:
            async with asyncio.timeout(PROBE_SECONDS_LIMIT):
                answered = await producer.client.force_metadata_update()
        except TimeoutError:
            answered = False
        if not answered:
            self._note_away("the broker does not answer")
            return
        for topic, name in self._names.items():
            partitions = cluster.partitions_for_topic(name)
            if not partitions or not cluster.available_partitions_for_topic(name):
                self._note_away(f"topic {name} is missing or has no leader; see `easymo topics diff`")
                return
            self._counts[topic] = len(partitions)  # one without a leader is no reason to refuse the others
        self._note_reachable()

    def _retire(self, producer: AIOKafkaProducer) -> None:
        """Let it hand over what it holds, and disconnect, in the background."""
        if self._batches is not None and producer is self._producer:
            self._batches.close()
            self._batches = None
        task = asyncio.create_task(producer.stop())
        self._retiring.add(task)
        task.add_done_callback(self._retired)

    def _retired(self, task: asyncio.Task[None]) -> None:
        self._retiring.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("kafka.producer_stopped_badly", reason=repr(error))

    def _note_away(self, reason: str) -> None:
        if self._away_since is None:
            self._away_since = monotonic()
            log.error("kafka.away", reason=reason)
        self._away_because = reason
        metrics.KAFKA_REACHABLE.set(0)

    def _note_reachable(self) -> None:
        if self._away_since is not None:
            log.info("kafka.reachable", away_seconds=round(monotonic() - self._away_since, 3))
            self._away_since = None
        metrics.KAFKA_REACHABLE.set(1)


def _check_size(key: bytes, value: bytes) -> None:
    """Raises what aiokafka's own `send` would."""
    if len(key) + len(value) + OVERHEAD_BYTES > RECORD_BYTES_LIMIT:
        raise MessageSizeTooLargeError(f"an update of {len(value):,} bytes fits into no record")


def _tell_if_failed(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.fatal("kafka.keeper_failed", reason=repr(error))


def _look_at(future: asyncio.Future[None]) -> None:
    """An outcome that nobody waits for any more; looked at, or asyncio would complain."""
    if not future.cancelled():
        future.exception()
