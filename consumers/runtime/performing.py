"""Calling out: claimed in batches, performed many at once and one at a time for a key, recorded in batches.

No transaction is held while a call is under way. Batches form by themselves: while one transaction is being
committed, whatever becomes ready waits for the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from consumers.decision import Decision, InDoubt, Retry
from consumers.domain import Context
from consumers.runtime.admission import Admission, Shard
from consumers.runtime.chunks import Transactions, run_items
from consumers.runtime.claiming import ClaimTransaction
from consumers.runtime.claims import Call
from consumers.runtime.delivering import Delivery
from consumers.runtime.policy import HandlerTimeout
from consumers.runtime.reading import read
from consumers.runtime.recording import RecordTransaction
from consumers.runtime.records import Record, Result
from consumers.runtime.transact import Frame
from consumers.turn import Conversation
from infra.telemetry import metrics

PERFORM = "perform"
IDEMPOTENT = "idempotent"
RECORD_LIMIT = 500
NEAR = timedelta(seconds=1)


class Performing:
    """The perform lane of one consumer."""

    def __init__(
        self,
        frame: Frame,
        admission: Admission,
        transactions: Transactions,
        delivery: Delivery,
        *,
        slots: int,
        clock: Callable[[], datetime],
    ) -> None:
        self._frame = frame
        self._admission = admission
        self._transactions = transactions
        self._delivery = delivery
        self._slots = slots
        self._clock = clock
        self._busy = 0
        self._freed = asyncio.Event()
        self._ended: deque[tuple[Call, Shard]] = deque()
        self._has_ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gives_up = False
        admission.lane(PERFORM)
        admission.lane(IDEMPOTENT)

    async def claim_forever(self) -> None:
        """Claim whatever is ready, for as many calls as there are slots."""
        while True:
            await self._admission.wait(PERFORM)
            # With room for a few only, a transaction would be made for these few.
            while self._busy > self._slots - min(self._frame.domain.chunk, self._slots // 4):
                self._freed.clear()
                await self._freed.wait()
            limit = min(self._frame.domain.chunk, self._slots - self._busy)
            chunk = self._admission.take(PERFORM, limit, per_key=1)
            if chunk.records:
                self._busy += len(chunk.records)
                await self._claim(chunk.records, chunk.shards)

    async def _claim(self, records: Sequence[Record], shards: Sequence[Shard]) -> None:
        now = self._clock()
        for record in records:
            read(record, now)
        shard_of = {shard.name: shard for shard in shards}
        started = perf_counter()
        done = await run_items(self._transactions, self._claim_once, records)
        calls = [call for claimed, _ in done for call in claimed]
        results = [result for _, concluded in done for result in concluded]
        self._delivery.measure(len(records), started)
        await self._delivery.publish(results)
        performing = {call.record for call in calls}
        at_work = set()
        for call in calls:
            shard = shard_of[self._admission.name_of(call.record, PERFORM)]
            at_work.add(shard.name)
            self._spawn(self._perform(call, shard))
        idle = [shard for shard in shards if shard.name not in at_work]
        self._admission.release(idle, len(records) - len(performing))
        self._free(len(records) - len(performing))

    def _free(self, count: int) -> None:
        self._busy -= count
        self._freed.set()

    async def _claim_once(self, session: Any, records: Sequence[Record]) -> tuple[list[Call], list[Result]]:
        return await ClaimTransaction(self._frame, session, self._clock()).claim(records)

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(self, call: Call, shard: Shard) -> None:
        """Make one call. Nothing it raises is lost: it is recorded."""
        await self._make(call)
        self._ended.append((call, shard))
        self._has_ended.set()

    async def _make(self, call: Call) -> None:
        record, route = call.record, call.route
        if self._clock() + timedelta(seconds=route.seconds) > call.lease_until + NEAR:
            # This process stood still since it claimed: somebody else may have taken over by now.
            call.error = Retry("the lease ran out before the call", after=NEAR, counts=False)
            return
        data = record.data
        conversation = Conversation((record.key or b"").decode(errors="replace"))
        context = Context(
            record.event, record.now(self._clock()), conversation.person, conversation, record.key
        )
        values = {**self._frame.resources, type(data): data, Context: context}
        if call.prepared is not None:
            values[type(call.prepared)] = call.prepared
        span = self._frame.tracing.span(f"perform {record.event.type}", record.event.traceparent)
        started = perf_counter()
        try:
            async with asyncio.timeout(route.seconds) as limit:
                call.result = await self._frame.binder[route.handler].call(values)
        except TimeoutError as error:
            took = f"{route.handler.__qualname__} took longer than {route.seconds} s"
            call.error = InDoubt(took) if limit.expired() else error
            if limit.expired() and route.in_doubt == "repeat":
                call.error = HandlerTimeout(took)
        except asyncio.CancelledError:
            if self._gives_up:
                raise
            call.error = InDoubt(f"{route.handler.__qualname__} was cancelled from within")
        except Exception as error:  # noqa: BLE001 - recorded as the call's end
            call.error = error
        span.end(error=type(call.error).__name__ if call.error else None)
        metrics.RUNTIME_PERFORM_SECONDS.labels(self._frame.domain.name, record.event.type).observe(
            perf_counter() - started
        )

    async def record_forever(self) -> None:
        """Record calls as they end, however many have by then."""
        while True:
            while not self._ended:
                self._has_ended.clear()
                await self._has_ended.wait()
            batch = [self._ended.popleft() for _ in range(min(len(self._ended), RECORD_LIMIT))]
            await self._record([call for call, _ in batch])
            self._admission.release([shard for _, shard in batch], len(batch))
            self._free(len(batch))

    async def _record(self, calls: Sequence[Call]) -> None:
        for done in await run_items(self._transactions, self._record_once, calls):
            await self._delivery.publish(done)

    async def _record_once(self, session: Any, calls: Sequence[Call]) -> list[Result]:
        return await RecordTransaction(self._frame, session, self._clock()).record(calls)

    async def perform_idempotent_forever(self) -> None:
        """One of the workers for calls that are so harmless to repeat that nothing is remembered of them.

        A worker stays with a key until its queue is empty: no transaction, no claim, no row. A call that
        fails, or that decides something, is recorded like any other.
        """
        while True:
            shard = await self._admission.next_shard(IDEMPOTENT)
            while shard.queue:
                record = shard.queue.popleft()
                read(record, self._clock())
                self._busy += 1
                await self._perform_idempotent(record)
                self._admission.in_flight -= 1
                self._free(1)
            self._admission.release((shard,), 0)

    async def _perform_idempotent(self, record: Record) -> None:
        route = record.route
        if route is not None and record.malformed is None:
            call = Call(record, route, record.event.id, self._clock() + timedelta(seconds=route.seconds + 1))
            await self._make(call)
            decided = route.record is not None or call.result != Decision()
            if call.error is None and not decided and record.event.later_id is None:
                self._delivery.finish(record)
                return
            await self._record([call])
            return
        await self._delivery.publish(
            [r for _, rs in await run_items(self._transactions, self._claim_once, [record]) for r in rs]
        )

    async def drain(self) -> None:
        """Return when no call is under way and every end is recorded."""
        while self._busy:
            self._freed.clear()
            await self._freed.wait()

    def cancel(self) -> None:
        """Give up what is under way; its claims lapse."""
        self._gives_up = True
        for task in self._tasks:
            task.cancel()
