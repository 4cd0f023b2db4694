"""Admission and order: who is next, with every key in order and no key twice at work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from consumers.runtime.records import Record

KEY_LIMIT = 50  # more of one key are parked, so that one contact cannot fill the house

BACK = "back"  # the lane of what comes back, and of crowds: they wait for what is new, never it for them


@dataclass(slots=True, eq=False)
class Shard:
    """The queue of one (topic, key), within a lane: the unit of order."""

    name: tuple[str, object, str]
    lane: str
    queue: deque[Record] = field(default_factory=deque)
    held: bool = False  # by a worker, or standing in the queue of the ready
    crowded: bool = False  # until its queue is empty, all of it is to be parked


@dataclass(slots=True)
class Chunk:
    """What a worker takes: records in order within each key, those included that are to be parked."""

    records: list[Record] = field(default_factory=list)
    shards: list[Shard] = field(default_factory=list)


class Admission:
    """Records wait here by key. Bounded by the caller, who stops polling while `in_flight` is too high."""

    def __init__(self) -> None:
        self._shards: dict[tuple[str, object, str], Shard] = {}
        self._ready: dict[str, deque[Shard]] = {}
        self._signals: dict[str, asyncio.Event] = {}
        self._waiters: dict[str, deque[asyncio.Future[None]]] = {}
        self.in_flight = 0  # admitted and not released
        self.crowd = 0  # of these, in the queues of crowded keys
        self.lane(BACK)

    def lane(self, name: str) -> None:
        """Declare a lane before records are admitted to it."""
        self._ready.setdefault(name, deque())
        self._signals.setdefault(name, asyncio.Event())
        self._waiters.setdefault(name, deque())

    def admit(self, record: Record, lane: str) -> None:
        """Queue a record. Records without a key have no order, so each is a shard of its own."""
        name = self.name_of(record, lane)
        shard = self._shards.get(name)
        if shard is None:
            shard = self._shards[name] = Shard(name, lane)
        shard.queue.append(record)
        self.in_flight += 1
        self.crowd += shard.crowded
        if not shard.held:
            self._make_ready(shard)

    @staticmethod
    def name_of(record: Record, lane: str) -> tuple[str, object, str]:
        """The name of the shard that a record belongs to."""
        key = record.key if record.key is not None else (record.partition, record.offset)
        return record.topic, key, lane

    def _make_ready(self, shard: Shard) -> None:
        shard.held = True
        self._ready[shard.lane].append(shard)
        self._signals[shard.lane].set()
        waiters = self._waiters[shard.lane]
        while waiters:  # one worker a shard: waking all of them would be a stampede
            waiter = waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                break

    async def wait(self, lane: str) -> None:
        """Return when the lane has something to take."""
        while not self._ready[lane]:
            self._signals[lane].clear()
            await self._signals[lane].wait()

    def ready(self, lane: str) -> int:
        """How many keys of the lane have something to take."""
        return len(self._ready[lane])

    async def next_shard(self, lane: str) -> Shard:
        """The next shard of the lane that has something in its queue, for a worker that stays with it."""
        ready = self._ready[lane]
        while True:
            while ready:
                shard = ready.popleft()
                if shard.queue:
                    return shard
                self._forget(shard)
            waiter = asyncio.get_running_loop().create_future()
            self._waiters[lane].append(waiter)
            await waiter

    def take(self, lane: str, limit: int, *, per_key: int | None = None) -> Chunk:
        """Up to `limit` records, up to `per_key` of each key; may be empty.

        The rest of a key with too many moves to the lane `BACK`, to be parked from there in small portions.
        What is parked first cannot overtake: it holds back its key, and comes before the rest in any case.
        """
        chunk = Chunk()
        ready = self._ready[lane]
        handled = 0
        while ready and handled < limit:
            shard = ready.popleft()
            queue = shard.queue
            if not queue:  # emptied by a rebalance
                self._forget(shard)
                continue
            crowded = len(queue) > KEY_LIMIT
            room = min(limit - handled, per_key or KEY_LIMIT, KEY_LIMIT, len(queue))
            taken = [queue.popleft() for _ in range(room)]
            handled += room
            if shard.crowded:
                self.crowd -= room
                for record in taken:
                    record.crowded = True
            elif crowded:
                shard.crowded, shard.lane = True, BACK
                self.crowd += len(queue)
            chunk.records.extend(taken)
            chunk.shards.append(shard)
        return chunk

    def release(self, shards: Iterable[Shard], count: int) -> None:
        """The records taken of these shards are done: what queued up meanwhile may be taken."""
        self.in_flight -= count
        for shard in shards:
            if shard.queue:
                self._make_ready(shard)
            else:
                self._forget(shard)

    def _forget(self, shard: Shard) -> None:
        shard.held = False
        if self._shards.get(shard.name) is shard:
            del self._shards[shard.name]

    def drop_queued(self) -> int:
        """Forget whatever no worker has taken; it will be fetched again. Returns how many."""
        dropped = 0
        for shard in self._shards.values():
            dropped += len(shard.queue)
            shard.queue.clear()
        self._shards = {name: shard for name, shard in self._shards.items() if shard.held}
        self.in_flight -= dropped
        self.crowd = 0
        return dropped
