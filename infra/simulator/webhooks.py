"""Delivery of webhooks: in order for each person, signed, repeated until answered 200, all of it bounded."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence

import aiohttp

from infra.simulator.envelopes import Update, envelope, signature, written
from infra.simulator.faults import Faults, Kind

LANES = 32  # posts under way at once; the updates of one person share a lane
CAPACITY = 200_000  # updates that wait for their first delivery
RETRIES = 20_000  # posts that wait for their next delivery
RETRY_SECONDS = (0.5, 1, 2, 4, 8, 15, 30, 60, 60, 60, 60, 60)
ANSWER_SECONDS = 10.0
HELD_SECONDS = 0.1  # how long reordering waits for more
UPDATES_PER_POST = 1_000  # Meta's limit


class Notifier:
    """Posts updates to the business's webhook. `submit` never blocks; what does not fit is counted as lost.

    Counts: submitted, posted, accepted, refused, unreachable, retried, given_up, lost, undirected.
    """

    def __init__(
        self,
        *,
        url: str | None,
        secret: bytes,
        account_id: str,
        faults: Faults,
        per_post: int = 1,
        lanes: int = LANES,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self.url = url
        self.per_post = per_post
        self.counts: Counter[str] = Counter()
        self.on_taken: Callable[[Update], None] = _ignore
        self.last_trouble = ""
        self._secret = secret
        self._account_id = account_id
        self._faults = faults
        self._retry_seconds = tuple(retry_seconds)
        self._lanes = [_Lane() for _ in range(lanes)]
        self._held: list[Update] = []
        self._held_most = 2
        self._held_timer: asyncio.TimerHandle | None = None
        self._queued = 0  # updates in lanes, held back or in a post under way
        self._retries: set[asyncio.Task[None]] = set()
        self._workers: list[asyncio.Task[None]] = []
        self._quiet = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Open the connections and start the lanes."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=len(self._lanes) * 2),
            timeout=aiohttp.ClientTimeout(total=ANSWER_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._workers = [asyncio.create_task(self._work(lane)) for lane in self._lanes]

    async def stop(self) -> None:
        """Stop at once; what is not delivered yet is dropped."""
        if self._held_timer is not None:
            self._held_timer.cancel()
        tasks = [*self._workers, *self._retries]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def submit(self, update: Update) -> None:
        """Queue an update."""
        self.counts["submitted"] += 1
        if self.url is None:
            self.counts["undirected"] += 1
            return
        if self._queued >= CAPACITY:
            self.counts["lost"] += 1
            return
        self._queued += 1
        self._quiet.clear()
        fault = self._faults.meets(_REORDER, update.key) if self._faults.on and not self._held else None
        if fault is not None:
            self._held_most = max(2, fault.copies)
        if fault is not None or self._held:
            self._hold(update)
        else:
            self._to_lane(update)

    @property
    def waiting(self) -> int:
        """Updates not delivered yet, and posts that wait for their next try."""
        return self._queued + len(self._retries)

    async def quiet(self, within_seconds: float = 15.0) -> None:
        """Return when everything is delivered or given up. Raises TimeoutError."""
        async with asyncio.timeout(within_seconds):
            while self.waiting:
                self._quiet.clear()
                await self._quiet.wait()

    def _hold(self, update: Update) -> None:
        self._held.append(update)
        if self._held_timer is None:
            loop = asyncio.get_running_loop()
            self._held_timer = loop.call_later(HELD_SECONDS, self._let_go)
        if len(self._held) >= self._held_most:
            self._let_go()

    def _let_go(self) -> None:
        if self._held_timer is not None:
            self._held_timer.cancel()
            self._held_timer = None
        held, self._held = self._held, []
        for update in self._faults.shuffled(held):
            self._to_lane(update)

    def _to_lane(self, update: Update) -> None:
        lane = self._lanes[hash(update.key) % len(self._lanes)]
        lane.updates.append(update)
        lane.filled.set()

    async def _work(self, lane: _Lane) -> None:
        updates = lane.updates
        while True:
            if not updates:
                lane.filled.clear()
                await lane.filled.wait()
            count = min(len(updates), self.per_post, UPDATES_PER_POST)
            batch = [updates.popleft() for _ in range(count)]
            try:
                await self._deliver(batch)
            finally:
                self._queued -= count
                self._tell_if_quiet()

    async def _deliver(self, batch: list[Update]) -> None:
        body = written(envelope(self._account_id, batch, int(time.time())))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "facebookexternalua",
            "X-Hub-Signature-256": signature(self._secret, body),
        }
        if await self._post(body, headers):
            self._taken(batch)
        else:
            self._retry_later(batch, body, headers)
        again = self._faults.meets(_DUPLICATE, batch[0].key) if self._faults.on else None
        if again is not None:
            for _ in range(again.copies):
                await self._post(body, headers)

    async def _post(self, body: bytes, headers: dict[str, str]) -> bool:
        """Post once; tell whether the answer was 200."""
        if self._session is None or self.url is None:
            raise RuntimeError("the notifier is not started")
        self.counts["posted"] += 1
        try:
            async with self._session.post(
                self.url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                await answer.content.read(65_536)
                if answer.status == 200:
                    self.counts["accepted"] += 1
                    return True
                self.counts["refused"] += 1
                self.last_trouble = f"the webhook answered {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            self.counts["unreachable"] += 1
            self.last_trouble = f"the webhook is out of reach: {type(error).__name__}"
        return False

    def _taken(self, batch: list[Update]) -> None:
        for update in batch:
            if update.message is not None:
                self.on_taken(update)

    def _retry_later(self, batch: list[Update], body: bytes, headers: dict[str, str]) -> None:
        if len(self._retries) >= RETRIES:
            self.counts["given_up"] += 1
            return
        task = asyncio.create_task(self._retry(batch, body, headers))
        self._retries.add(task)
        task.add_done_callback(self._retried)

    async def _retry(self, batch: list[Update], body: bytes, headers: dict[str, str]) -> None:
        for seconds in self._retry_seconds:
            await asyncio.sleep(seconds)
            self.counts["retried"] += 1
            if await self._post(body, headers):
                self._taken(batch)
                return
        self.counts["given_up"] += 1

    def _retried(self, task: asyncio.Task[None]) -> None:
        self._retries.discard(task)
        self._tell_if_quiet()

    def _tell_if_quiet(self) -> None:
        if not self.waiting:
            self._quiet.set()


class _Lane:
    """Updates that are delivered one after the other."""

    def __init__(self) -> None:
        self.updates: deque[Update] = deque()
        self.filled = asyncio.Event()


def _ignore(_: Update) -> None:
    """Nobody wants to know."""


_REORDER = frozenset((Kind.REORDER,))
_DUPLICATE = frozenset((Kind.DUPLICATE,))
