"""The load: a process that posts signed webhooks over raw sockets, as fast as they are answered or at a rate.

At a rate, a request's time runs from when it was due, not from when a connection was free: what a slow answer
delays counts as slow too (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import gc
from array import array
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic, monotonic_ns
from typing import Any, cast

from infra.embedded.ports import LOOPBACK
from infra.settings import load_settings
from scripts.benchmarks import spec
from scripts.benchmarks.figures import percentiles
from scripts.benchmarks.loop import run
from scripts.benchmarks.messages import request, starting_now

ANSWER_SECONDS = 15.0  # then what is not answered counts as failed
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Load:
    """What to post: `rate` 0 means as fast as the connections get answers.

    `distinct` requests are made before the start, and posted in turn. `departures`: a file for the time at
    which each was due (monotonic nanoseconds, int64), or empty. `bodies`: a file with a post a line, or empty
    for chatter.
    """

    result: str
    port: int
    run: str
    persons: int
    seconds: float
    connections: int
    distinct: int
    rate: float = 0.0
    warm_up_seconds: float = 0.0
    departures: str = ""
    bodies: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the process's file."""
        return asdict(self)


class _Connection(asyncio.Protocol):
    """One keep-alive connection with one request under way at most."""

    def __init__(self, generator: _Generator) -> None:
        self._generator = generator
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._due_ns = 0

    @property
    def busy(self) -> bool:
        """Whether a request is under way."""
        return self._due_ns > 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own class is none by inheritance

    def post(self, data: bytes, due_ns: int) -> None:
        """Send one request that was due at that time."""
        assert self._transport is not None
        self._due_ns = due_ns
        self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        self._received = data if not self._received else self._received + data
        head_end = self._received.find(HEAD_END)
        if head_end < 0:
            return
        head = self._received[:head_end].lower()
        start = head.find(LENGTH)
        line_end = head.find(b"\r\n", start)
        length = int(head[start + len(LENGTH) : line_end if line_end > 0 else None]) if start > 0 else 0
        if len(self._received) < head_end + len(HEAD_END) + length:
            return
        status = int(head[9:12])
        due_ns, self._due_ns, self._received = self._due_ns, 0, b""
        self._generator.answered(self, status, due_ns)

    def connection_lost(self, exc: Exception | None) -> None:
        self._generator.lost(self)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


class _Generator:
    """Posts the requests and times the answers."""

    def __init__(self, load: Load, requests: list[bytes]) -> None:
        self._load = load
        self._requests = requests
        self._next = 0
        self._idle: deque[_Connection] = deque()  # used in turn, so that none is closed for standing idle
        self._waiting: deque[int] = deque()  # when each was due, for which no connection was free
        self._connections: set[_Connection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._count_from_ns = 0
        self._until_ns = 0
        self._open = 0
        self._all_answered = asyncio.Event()
        self.latencies_ms: list[float] = []
        self.statuses: Counter[str] = Counter()
        self.departures = array("q")
        self.late_ms: list[float] = []
        self.posted = 0

    async def run(self) -> None:
        """Connect, post for as long as wanted, wait for the last answers, hang up."""
        load = self._load
        for _ in range(load.connections):
            await self._connect()
        begin = monotonic_ns()
        self._count_from_ns = begin + int(load.warm_up_seconds * 1e9)
        self._until_ns = self._count_from_ns + int(load.seconds * 1e9)
        if load.rate:
            await self._post_at_rate(begin)
        else:
            while self._idle:
                self._post(self._idle.popleft(), monotonic_ns())
        await self._wait_for_answers()
        for connection in tuple(self._connections):
            connection.close()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: _Connection(self), LOOPBACK, self._load.port)
        self._connections.add(connection)
        self._free(connection)

    async def _post_at_rate(self, begin: int) -> None:
        gap = 1e9 / self._load.rate
        total = int((self._until_ns - begin) / gap)
        index = 0
        while index < total:
            now = monotonic_ns()
            due = begin + int(index * gap)
            if due > now:
                await asyncio.sleep((due - now) / 1e9)
                continue
            self.late_ms.append((now - due) / 1e6)
            self.departures.append(due)
            if self._idle:
                self._post(self._idle.popleft(), due)
            else:
                self._waiting.append(due)
            index += 1

    def _post(self, connection: _Connection, due_ns: int) -> None:
        data = self._requests[self._next % len(self._requests)]
        self._next += 1
        self._open += 1
        self.posted += 1
        connection.post(data, due_ns)

    def answered(self, connection: _Connection, status: int, due_ns: int) -> None:
        """Take note of an answer, and go on with this connection."""
        now = monotonic_ns()
        self._open -= 1
        ended_in_time = self._load.rate or now <= self._until_ns
        if due_ns >= self._count_from_ns and ended_in_time:
            self.statuses[str(status)] += 1
            self.latencies_ms.append((now - due_ns) / 1e6)
        self._free(connection)

    def _free(self, connection: _Connection) -> None:
        """Go on with this connection, if there is anything to post."""
        now = monotonic_ns()
        if self._waiting:
            self._post(connection, self._waiting.popleft())
        elif not self._load.rate and now < self._until_ns:
            self._post(connection, now)
        else:
            self._idle.append(connection)
            if not self._open:
                self._all_answered.set()

    def lost(self, connection: _Connection) -> None:
        """The server hung up: an error where a request was under way. Another connection is made."""
        self._connections.discard(connection)
        if connection.busy:
            self.statuses["lost"] += 1
            self._open -= 1
        elif connection in self._idle:
            self._idle.remove(connection)
        if monotonic_ns() < self._until_ns:
            task = asyncio.ensure_future(self._connect())
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    async def _wait_for_answers(self) -> None:
        rest = max(0.0, (self._until_ns - monotonic_ns()) / 1e9)
        await asyncio.sleep(rest)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while self._open or self._waiting:
                    self._all_answered.clear()
                    await self._all_answered.wait()
        except TimeoutError:
            self.statuses["unanswered"] += self._open + len(self._waiting)


async def main() -> None:
    """Post what the specification says; write what was found."""
    load = Load(**spec.given())
    secret = load_settings().secrets("meta_app_secrets")[0]
    requests = [request(body, secret, load.port) for body in _bodies(load)]
    generator = _Generator(load, requests)
    gc.collect()
    gc.freeze()
    gc.disable()
    started = monotonic()
    await generator.run()
    good = generator.statuses["200"]
    result = {
        "seconds": load.seconds,
        "took_seconds": monotonic() - started,
        "posted": generator.posted,
        "answered": good,
        "errors": sum(generator.statuses.values()) - good,
        "statuses": dict(generator.statuses),
        "latency_ms": percentiles(generator.latencies_ms),
        "late_ms": percentiles(generator.late_ms),
    }
    _keep(load, generator.departures, result)


def _bodies(load: Load) -> Iterable[bytes]:
    if load.bodies:
        return Path(load.bodies).read_bytes().splitlines()
    # Made at a pace that keeps one person's messages apart, whatever the pace of posting.
    chatter = starting_now(load.run, load.persons, load.rate or 1_000.0)
    return (chatter.body(index) for index in range(load.distinct))


def _keep(load: Load, departures: array[int], result: dict[str, Any]) -> None:
    if load.departures:
        Path(load.departures).write_bytes(departures.tobytes())
    spec.write(Path(load.result), result)


if __name__ == "__main__":
    run(main())
