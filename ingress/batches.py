"""Records of many requests, handed to aiokafka's producer as whole batches.

Each `send` of the producer's own costs 22 µs and wakes its loop, and a request costs the broker more than the
records in it do. So what comes in within a moment goes together; see infra/decisions/0022.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

GAP_SECONDS = 0.004  # between two hand-overs; the first after a pause goes at once
ENOUGH = 32  # records that are worth a hand-over before that


class _Waiting(NamedTuple):
    """A record, and who waits for its acknowledgement."""

    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes]]
    acknowledged: asyncio.Future[None]


class Batches:
    """What waits to be handed over, by partition. A partition has one batch under way, so that its order is
    kept; one that is slow keeps no other waiting. What piles up is what requests wait for: their number and
    their bytes are bounded where they come in."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[tuple[str, int], list[_Waiting]] = {}
        self._under_way: set[tuple[str, int]] = set()
        self._handing_over: asyncio.Task[None] | None = None
        self._timer: asyncio.Handle | None = None
        self._handed_over_at = 0.0  # the loop's time
        self._since = 0  # records added after that

    def add(
        self, topic: str, partition: int, key: bytes, value: bytes, headers: Sequence[tuple[str, bytes]]
    ) -> asyncio.Future[None]:
        """A future that is done when all in-sync replicas have the record, or raises the KafkaError."""
        acknowledged: asyncio.Future[None] = self._loop.create_future()
        self._waiting.setdefault((topic, partition), []).append(_Waiting(key, value, headers, acknowledged))
        self._since += 1
        if self._since == ENOUGH and self._timer is not None:
            self._timer.cancel()
            self._timer = self._loop.call_soon(self._begin)
        self._wake()
        return acknowledged

    def close(self) -> None:
        """Hand nothing over any more; what waits has failed."""
        if self._timer is not None:
            self._timer.cancel()
        if self._handing_over is not None:
            self._handing_over.cancel()
        waiting, self._waiting = self._waiting, {}
        for rows in waiting.values():
            _settle(rows, KafkaError("the connection was given up"))

    def _wake(self) -> None:
        if self._timer is None and self._handing_over is None:
            at = self._handed_over_at + GAP_SECONDS
            late = at <= self._loop.time() or self._since >= ENOUGH
            # Even then not before the loop has looked at the other requests that came in together.
            self._timer = self._loop.call_soon(self._begin) if late else self._loop.call_at(at, self._begin)

    def _begin(self) -> None:
        self._timer = None
        self._handed_over_at = self._loop.time()
        self._since = 0
        ready = [place for place in self._waiting if place not in self._under_way]
        if ready:
            self._handing_over = self._loop.create_task(self._hand_over(ready))

    async def _hand_over(self, places: Sequence[tuple[str, int]]) -> None:
        try:
            for place in places:
                rows = [row for row in self._waiting.pop(place) if not row.acknowledged.done()]
                if rows:
                    await self._send(place, rows)
        finally:
            self._handing_over = None
        if self._waiting.keys() - self._under_way:
            self._wake()

    async def _send(self, place: tuple[str, int], rows: list[_Waiting]) -> None:
        topic, partition = place
        batch = self._producer.create_batch()
        fit = 0
        while fit < len(rows) and _append(batch, rows[fit]):
            fit += 1
        batch.close()  # aiokafka's own `send` is not to add to it
        if fit < len(rows):
            self._waiting[place] = rows[fit:] + self._waiting.get(place, [])
            del rows[fit:]
        self._under_way.add(place)
        try:
            sent = await self._producer.send_batch(batch, topic, partition=partition)
        except asyncio.CancelledError:
            _settle(rows, KafkaError("the connection was given up"))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait are to know
            self._under_way.discard(place)
            _settle(rows, error if isinstance(error, KafkaError | OSError) else KafkaError(repr(error)))
            return
        sent.add_done_callback(lambda done: self._finish(place, rows, done))

    def _finish(self, place: tuple[str, int], rows: list[_Waiting], sent: asyncio.Future[object]) -> None:
        self._under_way.discard(place)
        error = KafkaError("the producer was stopped") if sent.cancelled() else sent.exception()
        _settle(rows, error)
        if place in self._waiting:
            self._wake()


def _append(batch: BatchBuilder, row: _Waiting) -> bool:
    """Whether the record still went into the batch. The first one always does."""
    return batch.append(timestamp=None, key=row.key, value=row.value, headers=row.headers) is not None


def _settle(rows: Sequence[_Waiting], error: BaseException | None) -> None:
    """Tell those who still wait."""
    for row in rows:
        if row.acknowledged.done():
            continue
        if error is None:
            row.acknowledged.set_result(None)
        else:
            row.acknowledged.set_exception(error)
