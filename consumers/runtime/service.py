"""A process of consumers: the FastStream app, its life cycle, its health."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import chain
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from tenacity import RetryCallState

from consumers.domain import Domain, Intents
from consumers.runtime import days
from consumers.runtime.consumer import BACK_WORKERS, Consumer
from consumers.runtime.discovery import load_domain, load_intents
from consumers.runtime.injection import Binder
from consumers.runtime.interest import group_of
from consumers.runtime.policy import RetryPolicy
from consumers.runtime.standing import why_unready
from consumers.runtime.surge import Surge, SurgeGuard
from consumers.runtime.transact import Frame
from infra.kafka import lenient
from infra.kafka.faststream import security_of
from infra.kafka.publisher import Publisher
from infra.postgres.pool import open_pool
from infra.settings import Settings
from infra.telemetry import metrics
from infra.telemetry.health import serve_health
from infra.telemetry.logs import logger
from infra.telemetry.tracing import Tracing, configure

log = logger(__name__)

POLL_MS = 200  # a poll returns as soon as something comes; a stop waits for it
POLL_RECORDS = 2_000
FETCH_BYTES = 256 * 1024  # a partition; a larger record still comes alone. Buffers are most of a process
FETCHED_PARTITIONS = 4  # full ones in an answer: a megabyte is a tenth of a second of work
SESSION_MS = 10_000
REBALANCE_MS = 60_000
STOP_POOL_SECONDS = 5
STOP_APP_SECONDS = 3
STOP_JOINING_SECONDS = 1  # the broker answers nothing else while it keeps a join waiting for other members


class Service:
    """The consumers of one process: started, run until told to stop or one fails, stopped."""

    def __init__(
        self,
        settings: Settings,
        domains: Sequence[str | Domain],
        *,
        policy: RetryPolicy | None = None,
        surge: Callable[[], SurgeGuard] = SurgeGuard,
    ) -> None:
        self.settings = settings
        self.domains = [d if isinstance(d, Domain) else load_domain(d) for d in domains]
        self.policy = policy  # of all consumers; unless given, each has its own from the settings
        self.surge = surge
        self.consumers: list[Consumer] = []
        self._leaving: list[asyncio.Future[None]] = []
        self.port = 0
        lenient.install()
        self.broker = KafkaBroker(
            settings.need("kafka_bootstrap_servers"),
            security=security_of(settings),
            consumer_only=True,  # what is published goes through infra/kafka/publisher.py, in batches
            apply_types=False,
            logger=None,
        )
        self.app = FastStream(self.broker, logger=None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        """Connect, subscribe, consume; on leaving finish what is under way, commit and disconnect."""
        async with AsyncExitStack() as stack:
            tracing = configure(f"consumers.{'+'.join(d.name for d in self.domains)}", self.settings)
            stack.callback(tracing.close)
            publisher = Publisher(self.settings, on_retry=_tell_kafka_away)
            await publisher.start()
            stack.push_async_callback(publisher.stop)
            for domain in self.domains:
                await self._add(domain, publisher, tracing, stack)
            health = await serve_health(
                self.settings.health_port, self.health, self.ready, host=self.settings.health_host
            )
            stack.push_async_callback(health.close)
            self.port = health.port
            stack.push_async_callback(self._stop_app)
            stack.push_async_callback(self._stop_consumers)
            await self.app.start()  # returns once every consumer has joined its group
            log.info("consumers.started", consumers=[c.name for c in self.consumers], health_port=self.port)
            yield self

    async def _stop_consumers(self) -> None:
        await asyncio.gather(*(consumer.stop() for consumer in self.consumers))

    async def run(self) -> None:
        """Run until a signal comes, or a consumer fails (in a surge: all do); raises what it failed with."""
        stop = asyncio.Event()
        starting = asyncio.current_task()

        def tell() -> None:
            stop.set()
            if starting is not None:  # it may have to wait for others of its group for a minute
                starting.cancel()

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, tell)
        try:
            async with self.running():
                starting = None
                for consumer in self.consumers:
                    consumer.on_fatal = partial(self._failed, consumer, stop)
                    if consumer.fatal is not None:
                        consumer.on_fatal()
                await stop.wait()
        except asyncio.CancelledError:
            if starting is None or not stop.is_set():
                raise
        for consumer in self.consumers:
            if consumer.fatal is not None:
                raise consumer.fatal

    def _failed(self, consumer: Consumer, stop: asyncio.Event) -> None:
        """One cannot go on. A surge is that one's affair: it leaves its group, the others do their work."""
        others = [other.name for other in self.consumers if other.fatal is None]
        if not isinstance(consumer.fatal, Surge) or not others:
            stop.set()
            return
        log.error("consumer.leaves", consumer=consumer.name, others=others)
        leaving = asyncio.ensure_future(_leave(consumer))
        leaving.add_done_callback(lambda done: stop.set() if done.cancelled() or done.exception() else None)
        self._leaving.append(leaving)

    async def _stop_app(self) -> None:
        """Leave the groups. A broker that does not answer must not keep us: it will miss us by itself."""
        joined = all(consumer.offsets.partitions for consumer in self.consumers if consumer.consumer)
        seconds = STOP_APP_SECONDS if joined else STOP_JOINING_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await self.app.stop()
        except TimeoutError:
            log.warning("consumers.left_without_a_word", seconds=seconds)

    async def _add(
        self, domain: Domain, publisher: Publisher, tracing: Tracing, stack: AsyncExitStack
    ) -> None:
        pool = await open_pool(self.settings, domain.name, size=domain.workers + BACK_WORKERS + 3)
        stack.push_async_callback(_close, pool)
        binder = Binder(domain)
        resources: dict[type, Any] = {Settings: self.settings}
        if Intents in binder.types:
            resources[Intents] = load_intents()
        if domain.resources is not None:
            resources |= await stack.enter_async_context(domain.resources(self.settings))
        policy = self.policy or RetryPolicy(self.settings.redelivery_delays(domain.name))
        frame = Frame(domain, binder, resources, tracing.of(domain.name), policy)
        consumer = Consumer(
            frame, pool, publisher, prefix=self.settings.kafka_topic_prefix, surge=self.surge()
        )
        if consumer.topics:
            self._subscribe(consumer)
        self.consumers.append(consumer)
        await days.make_first(pool)
        given = {**resources, asyncpg.Pool: pool, Publisher: publisher}
        services = [
            consumer.beside.keep(service.__name__, partial(binder[service].call, given))
            for service in domain.services
        ]
        consumer.start([days.keep(pool), *services])

    def _subscribe(self, consumer: Consumer) -> None:
        """Declare the subscription: raw batches, explicit commits, our own rebalance listener."""
        instance = self.settings.instance_id
        subscriber = self.broker.subscriber(
            *(self.settings.kafka_topic_prefix + topic for topic in consumer.topics),
            group_id=self.settings.kafka_topic_prefix + group_of(consumer.frame.domain),
            group_instance_id=f"{instance}.{consumer.name}" if instance else None,
            batch=True,
            max_records=POLL_RECORDS,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            listener=_Listener(consumer),
            parser=_raw,
            decoder=_as_it_is,
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=FETCH_BYTES * FETCHED_PARTITIONS,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
            rebalance_timeout_ms=REBALANCE_MS,
            title=consumer.name,
            description=f"The consumer group of {consumer.name}",
        )
        subscriber(consumer.admit)
        subscriber.get_msg = partial(_poll, consumer)  # type: ignore[method-assign]
        consumer.subscription = subscriber

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether every consumer goes on, and how each is."""
        states = {consumer.name: consumer.health() for consumer in self.consumers}
        good = all(state["ok"] for state in states.values())
        return good, {"status": "ok" if good else "failed", "consumers": states}

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Whether every consumer can work, and all that runs beside it does; if not, why."""
        _, state = self.health()
        states = state["consumers"]
        why = {name: words for name, each in states.items() if (words := why_unready(name, each)) is not None}
        good = bool(states) and not why
        return good, {"ready": good, "why": why}


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Hands aiokafka's word on to the consumer."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer

    async def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """Partitions are taken away."""
        await self._consumer.on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Partitions are given."""
        await self._consumer.on_partitions_assigned(assigned)


async def _poll(consumer: Consumer, kafka: AIOKafkaConsumer) -> tuple[ConsumerRecord[bytes, bytes], ...]:
    """What came in. FastStream's own sleeps after an empty poll for as long as it had waited.

    With a batch that nobody can read aiokafka drops whatever else it had in hand, and goes on behind it: so
    that is fatal, or those offsets would be committed. What was not admitted is fetched by the next start.
    """
    try:
        found = await kafka.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS)
    except lenient.Unreadable as error:
        consumer.fail(error)
        raise
    return tuple(chain.from_iterable(found.values()))


async def _raw(batch: Any) -> KafkaMessage:
    """A parser that looks at nothing: FastStream's own fails on a header that is not UTF-8."""
    return KafkaMessage(raw_message=batch, body=b"", consumer=FAKE_CONSUMER)


async def _as_it_is(message: KafkaMessage) -> Any:
    """A decoder that hands the raw records on."""
    return message.raw_message


async def _leave(consumer: Consumer) -> None:
    await consumer.stop()
    if consumer.subscription is not None:
        await consumer.subscription.stop()


async def _close(pool: asyncpg.Pool[Any]) -> None:
    try:
        async with asyncio.timeout(STOP_POOL_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


def _tell_kafka_away(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    metrics.RUNTIME_KAFKA_RETRIES.labels("all").inc()
    log.warning("kafka.away", reason=type(error).__name__, tries=state.attempt_number)
