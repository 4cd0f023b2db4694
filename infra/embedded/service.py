"""One long-running `easymo` command as a child: started, watched, started again when it dies."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from infra.embedded.child import Child, mark
from infra.embedded.failure import EmbeddedFailure

READY_LIMIT_SECONDS = 60.0  # under 1 s on an idle machine
POLL_SECONDS = 0.05
WATCH_SECONDS = 2.0  # how often one that is ready is asked whether it still is
FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 15.0
STEADY_SECONDS = 30.0  # who ran that long starts again without delay
EARLY_DEATHS = 3  # so often may a service die before it was ever ready
STOP_GRACE_SECONDS = 4.0

EASYMO = ("-m", "scripts.cli")


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """What to run: the arguments after `easymo`, and the address that answers 200 once it is ready."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    ready_url: str | None = None
    python_arguments: tuple[str, ...] = field(default=EASYMO)
    stays_stopped: Mapping[int, str] = field(
        default_factory=dict
    )  # by exit code: what is to be done about it


class Service:
    """Keeps one planned command running until `stop`, or until it ends in a way after which it is to stay so.

    `say` gets a line for people when something happens.
    """

    def __init__(self, plan: ServicePlan, folder: Path, say: Callable[[str], None]) -> None:
        self.plan = plan
        self.restarts = 0
        self._say = say
        # An unknown -X option does nothing but carry the mark of the folder.
        self._command = [sys.executable, "-X", f"easymo={mark(folder)}"]
        self._command += [*plan.python_arguments, *plan.arguments]
        self.child = Child(plan.name, folder, signal_on_parent_death=signal.SIGTERM)
        self._ready = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and return once it is ready. Raises EmbeddedFailure when it dies or takes too long."""
        self._watch = asyncio.create_task(self._keep_running(), name=f"watch {self.plan.name}")
        ready = asyncio.create_task(self._ready.wait())
        try:
            await asyncio.wait(
                {ready, self._watch}, timeout=READY_LIMIT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ready.cancel()
        if self._watch.done():
            await self._watch
        if not self._ready.is_set():
            raise EmbeddedFailure(
                f"{self.plan.name} is not ready after {READY_LIMIT_SECONDS:.0f} s ({self.plan.ready_url}); "
                f"{self.child.last_words()}"
            )

    async def stop(self) -> None:
        """Ask it to end; killed after 4 s. Idempotent."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if not await self.child.end(signal.SIGTERM, grace_seconds=STOP_GRACE_SECONDS):
            self._say(f"{self.plan.name} did not end within {STOP_GRACE_SECONDS:g} s and was killed")

    async def kill(self) -> None:
        """As kill -9, and it is not started again. Idempotent."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self.child.kill()

    async def is_ready(self) -> bool:
        """Whether it answers now; a service without an address is ready when it runs."""
        if self.child.pid is None or self.plan.ready_url is None:
            return self.child.pid is not None
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            return await _answers(session, self.plan.ready_url)

    async def _keep_running(self) -> None:
        delay = FIRST_DELAY_SECONDS
        deaths = 0
        while True:
            started = time.monotonic()
            await self.child.start(self._command, self.plan.environment)
            ready = asyncio.create_task(self._until_ready())
            try:
                code = await self.child.wait()
            finally:
                ready.cancel()
            advice = self.plan.stays_stopped.get(code)
            if advice is not None:
                self._say(f"{self.plan.name} stopped itself and stays stopped; all else goes on.")
                self._say(f"  {self.child.log_tail(1)}")
                self._say(f"  {advice}")
                self._ready.set()  # a start does not wait for it
                await asyncio.Event().wait()
            deaths += 1
            if not self._ready.is_set() and deaths >= EARLY_DEATHS:
                raise EmbeddedFailure(
                    f"`easymo {' '.join(self.plan.arguments)}` ended {deaths} times before it was ready; the "
                    f"last time {self.child.last_words()}"
                )
            if time.monotonic() - started > STEADY_SECONDS:
                delay = FIRST_DELAY_SECONDS
            self._say(
                f"{self.plan.name} ended with code {code}; starting it again in {delay:g} s "
                f"(log: {self.child.log})"
            )
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)
            self.restarts += 1

    async def _until_ready(self) -> None:
        """Sets the event once the service answers; a service without an address is ready when it runs."""
        if self.plan.ready_url is not None:
            timeout = aiohttp.ClientTimeout(total=2)
            async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
                while not await _answers(session, self.plan.ready_url):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(POLL_SECONDS)
        if self._ready.is_set():
            self._say(f"{self.plan.name} is back")
        self._ready.set()
        if self.plan.ready_url is not None:
            await self._watch_over(self.plan.ready_url)

    async def _watch_over(self, url: str) -> None:
        """Say so when it answers that it is not ready any more, and why, and when it is again."""
        told: list[str] = []
        timeout = aiohttp.ClientTimeout(total=2)
        async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
            while True:
                await asyncio.sleep(WATCH_SECONDS)
                now = await _complaints(session, url)
                if now is None or now == told:
                    continue
                for line in now:
                    self._say(f"{self.plan.name} is not ready: {line}")
                if not now:
                    self._say(f"{self.plan.name} is ready again")
                told = now


async def _complaints(session: aiohttp.ClientSession, url: str) -> list[str] | None:
    """Why it is not ready, by its own words; none when it is; None when it does not answer."""
    try:
        async with session.get(url) as answer:
            if answer.status == 200:
                return []
            said = await answer.json()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None
    why = said.get("why") if isinstance(said, dict) else None
    return [f"{name} {words}" for name, words in why.items()] if why else [f"it answers {answer.status}"]


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
