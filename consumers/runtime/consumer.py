"""One consumer: from Kafka's batches to its workers, and back to committed offsets.

FastStream declares the subscription and polls; it hands over raw records (its own parser fails on binary
headers, see infra/decisions). The handler admits them and returns at once: it never waits, so polling never
stops, and the group is never left for slowness.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from functools import partial
from time import monotonic, perf_counter
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from consumers.domain import Route
from consumers.runtime.admission import BACK, Admission
from consumers.runtime.beside import Beside
from consumers.runtime.chunks import Transactions, run_items, utc_now
from consumers.runtime.claiming import CrowdTransaction
from consumers.runtime.delivering import Delivery
from consumers.runtime.gathering import Gathering
from consumers.runtime.interest import is_taken, route_of_version, subjects_of, topics_of
from consumers.runtime.offsets import Offsets
from consumers.runtime.performing import IDEMPOTENT, PERFORM, Performing
from consumers.runtime.reading import read
from consumers.runtime.records import Record, Result
from consumers.runtime.showing import show
from consumers.runtime.surge import SurgeGuard
from consumers.runtime.transact import ChunkTransaction, Frame
from infra.kafka.publisher import Publisher
from infra.postgres.session import Session
from infra.telemetry import metrics
from infra.telemetry.logs import logger
from schemas import topics
from schemas.envelope import ORIGIN

log = logger(__name__)

TRANSACT = "transact"
COMMIT_SECONDS = 0.5
DRAIN_SECONDS = 10.0  # how long a rebalance waits for what is under way
STOP_DRAIN_SECONDS = 5.0  # and a stop, which somebody waits for
HOPELESS_DRAIN_SECONDS = 1.0  # a loop has ended, or the database is away: what waits for it never ends
STALL_SECONDS = 300.0
SPAN_LIMIT = 200_000  # offsets held behind one that is not done; a handler's time limit keeps it far below
IN_FLIGHT_FACTOR = 2  # chunks in memory for each worker: one at work, and one that waits or is being fetched
IN_FLIGHT_LEAST = 1_000
CROWD_LIMIT = 20_000  # records of crowded keys, on top of that: others are not to wait until they are parked
BACK_WORKERS = 2  # what comes back may take its time: a small part of the process, in small chunks
BACK_CHUNK = 50


class Consumer:
    """A domain's member of its consumer group. Also aiokafka's rebalance listener."""

    def __init__(
        self,
        frame: Frame,
        pool: asyncpg.Pool[Any],
        publisher: Publisher,
        *,
        prefix: str,
        clock: Callable[[], datetime] = utc_now,
        surge: SurgeGuard,
    ) -> None:
        domain = frame.domain
        self.name = domain.name
        self.frame = frame
        self.prefix = prefix
        self.topics = topics_of(domain)
        self.clock = clock
        self.subscription: Any = None  # FastStream's; it makes the Kafka consumer when it starts
        self.admission = Admission()
        self.admission.lane(TRANSACT)
        self.transactions = Transactions(pool, self.name)
        self.surge = surge
        self.delivery = Delivery(self.name, publisher, surge)
        self.performing = Performing(
            frame, self.admission, self.transactions, self.delivery, slots=domain.workers * 8, clock=clock
        )
        self.beside = Beside(self.name)
        self.fatal: BaseException | None = None
        self.on_fatal: Callable[[], None] = lambda: None
        self._high = max(IN_FLIGHT_LEAST, domain.workers * domain.chunk * IN_FLIGHT_FACTOR)
        self._routes: dict[bytes, Route] = {kind.encode(): route for kind, route in domain.routes.items()}
        self._own_origin = self.name.encode()
        self._subjects = subjects_of(domain)
        self._back = topics.redelivery(self.name)
        self.offsets = Offsets(self.name)
        self._paused: set[TopicPartition] = set()
        self._accepts = True
        self._working = 0
        self._idle = asyncio.Event()
        self._tasks: list[asyncio.Future[None]] = []
        self._skipped = metrics.RUNTIME_SKIPPED.labels(self.name)

    @property
    def consumer(self) -> AIOKafkaConsumer | None:
        """The Kafka consumer, once the subscription has started."""
        return self.subscription.consumer if self.subscription is not None else None

    # Admitting ----------------------------------------------------------------------------------------

    async def admit(self, batch: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """Take in a batch of raw records. Never waits; an error (FastStream would swallow it) is fatal."""
        try:
            self._admit(batch)
        except Exception as error:  # noqa: BLE001 - a defect; going on would commit past what it lost
            self.fail(error)

    def _admit(self, batch: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        if not self._accepts or self.fatal is not None:
            return  # the partitions are being taken away: whoever gets them fetches this again
        now = monotonic()
        cut = len(self.prefix)
        for raw in batch:
            frontier = self.offsets.admit(raw.topic, raw.partition, raw.offset, now)
            if frontier is None:
                continue
            record = Record(
                raw.topic[cut:], raw.partition, raw.offset, raw.timestamp, raw.key, raw.value,
                list(raw.headers), frontier,
            )  # fmt: skip
            lane = self._lane(record)
            if lane is None:
                frontier.finish(raw.offset)
                self._skipped.inc()
            else:
                self.admission.admit(record, lane)
        self._hold_back()

    def _lane(self, record: Record) -> str | None:
        """Find the record's route; None: it is for others."""
        attributes = record.attributes = dict(record.headers)
        kind = attributes.get("ce_type", b"")
        route = self._routes.get(kind)
        if not is_taken(record.topic, kind, attributes.get(ORIGIN), self._own_origin, self._subjects):
            return None
        route = record.route = route or route_of_version(self.frame.domain, kind)  # another version of it
        if route is None or route.mode == TRANSACT:
            return BACK if record.topic == self._back else TRANSACT
        return IDEMPOTENT if route.idempotent else PERFORM

    def _hold_back(self) -> None:
        """Pause or resume fetching; polling itself goes on, or the group would think that we are gone."""
        consumer = self.consumer
        if consumer is None:
            return
        # Fetching goes on while there is still a chunk for each worker: none is to wait for the broker.
        crowd = self.admission.crowd
        high = self._high * 2 // 3 if self._paused else self._high
        full = crowd > CROWD_LIMIT or self.admission.in_flight - crowd > high
        pause = self.offsets.partitions if full else self.offsets.wider_than(SPAN_LIMIT)
        pause &= consumer.assignment()
        if pause == self._paused:
            return
        consumer.resume(*(self._paused - pause & consumer.assignment()))
        consumer.pause(*(pause - self._paused))
        self._paused = pause
        metrics.RUNTIME_PAUSED.labels(self.name).set(bool(pause))

    # Working ------------------------------------------------------------------------------------------

    def start(self, services: Iterable[Awaitable[None]] = ()) -> None:
        """Start the workers, and whatever runs beside them."""
        workers, chunk = self.frame.domain.workers, self.frame.domain.chunk
        loops: list[Awaitable[None]] = [self._commit_forever(), self.transactions.watch_forever(), *services]
        for lane, count, limit in (TRANSACT, workers, chunk), (BACK, BACK_WORKERS, min(chunk, BACK_CHUNK)):
            gathering = Gathering(self.admission, lane, limit)
            loops += [self._work_forever(lane, gathering, limit) for _ in range(count)]
        modes = {(route.mode, route.idempotent) for route in self.frame.domain.routes.values()}
        if any(mode == PERFORM for mode, _ in modes):
            loops += [self.performing.claim_forever(), self.performing.record_forever()]
        if (PERFORM, True) in modes:
            loops += [self.performing.perform_idempotent_forever() for _ in range(workers)]
        for loop in loops:
            task = asyncio.ensure_future(loop)
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    def _ended(self, task: asyncio.Future[None]) -> None:
        """A loop ended: by our own stop, or because this consumer cannot go on."""
        if not task.cancelled():
            self.fail(task.exception() or RuntimeError("a loop of the consumer ended"))

    def fail(self, error: BaseException) -> None:
        """This consumer cannot go on: from now on it admits nothing."""
        if self.fatal is not None:
            return
        self.fatal = error
        log.fatal("consumer.failed", consumer=self.name, reason=f"{type(self.fatal).__name__}: {self.fatal}")
        self.on_fatal()

    async def _work_forever(self, lane: str, gathering: Gathering, limit: int) -> None:
        """One of the workers: a chunk, its transaction, its publishing."""
        transact = partial(self._transact, CrowdTransaction if lane == BACK else ChunkTransaction)
        while True:
            await gathering.until_needed()
            chunk = self.admission.take(lane, limit)
            if not chunk.records:
                continue
            self._working += 1
            try:
                started, now = perf_counter(), self.clock()
                for record in chunk.records:
                    read(record, now)
                with gathering.at_work():
                    done = await run_items(self.transactions, transact, chunk.records)
                self.delivery.measure(len(chunk.records), started)
                await self.delivery.publish([result for results in done for result in results])
            finally:
                self._working -= 1
                self._idle.set()
            self.admission.release(chunk.shards, len(chunk.records))
            self._hold_back()

    async def _transact(self, kind: type[ChunkTransaction], session: Session, records: Any) -> list[Result]:
        return await kind(self.frame, session, self.clock()).run(records)

    # Committing ---------------------------------------------------------------------------------------

    async def _commit_forever(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_SECONDS)
            await self.offsets.commit(self.consumer)
            self._hold_back()
            show(self)

    # Rebalancing --------------------------------------------------------------------------------------

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """Stop admitting, let what is under way finish, commit, and forget the rest."""
        if not self.offsets.partitions:
            return
        metrics.RUNTIME_REBALANCES.labels(self.name).inc()
        await self.drain()
        await self.offsets.commit(self.consumer)
        # Whatever still runs finishes offsets of frontiers that nobody commits any more.
        if self._working:
            metrics.RUNTIME_LATE.labels(self.name).inc()
        self.offsets.assign(())
        self._paused.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Begin anew, with frontiers of its own for this assignment."""
        self.offsets.assign(assigned)
        self._paused.clear()
        self._accepts = True
        log.info("consumer.assigned", consumer=self.name, partitions=len(self.offsets.partitions))

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Admit nothing more, drop what has not begun, and wait for what has."""
        self._accepts = False
        self.admission.drop_queued()
        if self.fatal is not None or self.transactions.away_since is not None:
            seconds = min(seconds, HOPELESS_DRAIN_SECONDS)
        try:
            async with asyncio.timeout(seconds):
                while self._working:
                    self._idle.clear()
                    await self._idle.wait()
                await self.performing.drain()
        except TimeoutError:
            log.warning("consumer.drain_cut_short", consumer=self.name, working=self._working)

    async def stop(self) -> None:
        """Finish what is under way, commit, and end the loops."""
        await self.drain(STOP_DRAIN_SECONDS)
        await self.offsets.commit(self.consumer)
        self.performing.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # Showing ------------------------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        """How this consumer is, as `/health` shows it."""
        oldest = self.offsets.oldest_seconds()
        # Every wait within a chunk has a limit: what stands still for longer is stuck.
        stalled = oldest > STALL_SECONDS and not self.transactions.away_since
        return {
            "ok": self.fatal is None and not stalled,
            "stalled": stalled,
            "assigned": len(self.offsets.partitions),
            "in_flight": self.admission.in_flight,
            "lag": sum(self.offsets.lags(self.consumer).values()),
            "oldest_seconds": round(oldest, 1),
            "database": "away" if self.transactions.away_since else "ok",
            "fatal": type(self.fatal).__name__ if self.fatal else None,
            "failing": self.beside.failing(),
        }
