"""Meta's side of the load: posts people's messages until they are answered 200, some twice, some late."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from uuid import UUID

import aiohttp

from infra.simulator.envelopes import envelope, signature, written
from scripts.benchmarks.messages import ACCOUNT_ID
from scripts.chaos_run.people import Crowd, Message

LANES = 48  # posts under way at once; a person's messages share a lane
LANE_LIMIT = 4_000  # messages that wait in one; what comes on top was never sent
ANSWER_SECONDS = 10.0
AGAIN_SECONDS = (0.25, 0.5, 1.0, 2.0)  # the last one for as often as it takes
TWICE, TOGETHER, LATE = 0.05, 0.3, 0.03  # shares of posts and of messages
TOGETHER_LIMIT = 10


class Post:
    """Posts at a rate while `run` lasts. `accepted`: events whose post was answered 200, in that order."""

    def __init__(self, url: str, secret: bytes, crowd: Crowd, rate: float, seed: int) -> None:
        self._url = url
        self._secret = secret
        self._messages = iter(crowd)
        self._rate = rate
        self._dice = random.Random(f"posts {seed}")  # noqa: S311 - no secret depends on it
        self._lanes: list[asyncio.Queue[Message]] = [asyncio.Queue(LANE_LIMIT) for _ in range(LANES)]
        self.accepted: dict[UUID, float] = {}  # Unix seconds
        self.counts: Counter[str] = Counter()

    async def run(self, seconds: float, limit_seconds: float) -> None:
        """Write for so long, then see to it that all is answered. Raises TimeoutError after the limit."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        connector = aiohttp.TCPConnector(limit=LANES)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            workers = [asyncio.create_task(self._work(session, lane)) for lane in self._lanes]
            try:
                await self._write(seconds)
                async with asyncio.timeout(limit_seconds):
                    await asyncio.gather(*(lane.join() for lane in self._lanes))
            finally:
                for worker in workers:
                    worker.cancel()
                await asyncio.gather(*workers, return_exceptions=True)

    async def _write(self, seconds: float) -> None:
        began = time.monotonic()
        count = 0
        while (now := time.monotonic() - began) < seconds:
            while count < now * self._rate:
                self._send(next(self._messages))
                count += 1
            await asyncio.sleep(0.02)
        self.counts["written"] = count

    def _send(self, message: Message) -> None:
        lane = self._lanes[int(message.update.key) % LANES]
        if lane.full():
            self.counts["never sent"] += 1
        else:
            lane.put_nowait(message)

    async def _work(self, session: aiohttp.ClientSession, lane: asyncio.Queue[Message]) -> None:
        while True:
            batch = self._ready(lane, await lane.get())
            if batch:
                await self._deliver(session, batch)
            for _ in batch:
                lane.task_done()

    def _ready(self, lane: asyncio.Queue[Message], first: Message) -> list[Message]:
        """What goes out together: mostly the first one alone; nothing when it lets the others pass."""
        if not first.held_back and lane.qsize() and self._dice.random() < LATE:
            first.held_back = True
            self.counts["out of order"] += 1
            lane.put_nowait(first)
            lane.task_done()
            return []
        batch = [first]
        if self._dice.random() < TOGETHER:
            while lane.qsize() and len(batch) < TOGETHER_LIMIT:
                batch.append(lane.get_nowait())
        self.counts["batches"] += len(batch) > 1
        return batch

    async def _deliver(self, session: aiohttp.ClientSession, batch: list[Message]) -> None:
        body = written(envelope(ACCOUNT_ID, [message.update for message in batch], int(time.time())))
        headers = {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": signature(self._secret, body),
        }
        attempt = 0
        while not await self._post(session, body, headers):
            await asyncio.sleep(AGAIN_SECONDS[min(attempt, len(AGAIN_SECONDS) - 1)])
            attempt += 1
        for message in batch:
            self.accepted[message.event_id] = time.time()
        if self._dice.random() < TWICE:
            self.counts["posted twice"] += 1
            await self._post(session, body, headers)

    async def _post(self, session: aiohttp.ClientSession, body: bytes, headers: dict[str, str]) -> bool:
        try:
            async with session.post(self._url, data=body, headers=headers) as answer:
                await answer.read()
                self.counts[f"answered {answer.status}"] += 1
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            self.counts["unanswered"] += 1
            return False
