"""Members as processes, a load of events, and the check that each had exactly one effect, in its order."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from infra.kafka.publisher import Output
from infra.settings import Settings, child_environment
from schemas import topics
from tests.chaos.domain import TIMER_NUMBERS
from tests.chaos.member import SESSION
from tests.integration.runtime.bench import Bench, event, poke
from tests.integration.runtime.world import Ask

ROOT = Path(__file__).parents[2]
MEMBER = "tests.chaos.member"
KEYS = 12
START_SECONDS = 30.0
STOP_SECONDS = 20.0
SETTLE_SECONDS = 60.0
RESTARTS_LIMIT = 10


class Cluster:
    """Starts members, feeds them, and ends them all at the end."""

    def __init__(self, bench: Bench, settings: Settings, folder: Path) -> None:
        self.bench = bench
        self._settings = settings
        self._folder = folder
        self.members: list[Process] = []
        self._pokes = 0
        self._asks = 0
        self._keepers: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        for member in self.members:
            if member.returncode is None:
                member.kill()
        await asyncio.gather(*(member.wait() for member in self.members))
        if error is not None:
            for log in sorted(self._folder.glob("member-*.log")):
                sys.stderr.write(f"--- {log.name}\n{log.read_text()[-3000:]}\n")

    # Members ------------------------------------------------------------------------------------------

    async def start(
        self, *, stops: str = "", instance: str = "", domains: Sequence[str] = (), session_ms: int = 0
    ) -> Process:
        """A new member. `stops`: at which step it stops itself; `instance`: who it is for the group;
        `domains`: of the product, instead of the one of these tests; `session_ms`: another than the least."""
        environment = child_environment(
            {**self._settings.explicit(), **({"EASYMO_INSTANCE_ID": instance} if instance else {})}
        )
        if session_ms:
            environment[SESSION] = str(session_ms)
        with (self._folder / f"member-{len(self.members):02}.log").open("wb") as log:
            member = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", MEMBER, stops, *domains),
                stdout=PIPE,
                stderr=log,
                cwd=ROOT,
                env=environment,
            )
        self.members.append(member)
        await self._says(member, b"begins")
        return member

    async def keep(self, *, instance: str, domains: Sequence[str] = ()) -> None:
        """A member that is started again when it ends, as whoever runs one in production does.

        One that wakes up under the same instance id may turn it away from the group.
        """
        member = await self.start(instance=instance, domains=domains)
        self._keepers.append(asyncio.create_task(self._keep(member, instance, domains)))

    async def _keep(self, member: Process, instance: str, domains: Sequence[str]) -> None:
        for _ in range(RESTARTS_LIMIT):
            await member.wait()
            member = await self.start(instance=instance, domains=domains)

    async def stopped(self, member: Process) -> None:
        """Wait until the member has stopped itself at its step."""
        await self._says(member, b"stopped")

    async def kill(self, member: Process) -> None:
        """As kill -9."""
        member.kill()
        await member.wait()

    async def wake(self, member: Process) -> None:
        """Let a stopped member go on where it stood, with what it knew then, for a while."""
        member.send_signal(signal.SIGCONT)
        await self._says(member, b"awake")

    def log_of(self, member: Process) -> str:
        """What the member has logged so far."""
        return (self._folder / f"member-{self.members.index(member):02}.log").read_text()

    async def _says(self, member: Process, word: bytes) -> None:
        assert member.stdout is not None
        line = b"nothing"
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                line = await member.stdout.readline()
        if line.strip() != word:
            log = self._folder / f"member-{self.members.index(member):02}.log"
            said = f"the member said {line!r}, not {word!r}; its exit code: {member.returncode}"
            raise AssertionError(f"{said}; its log:\n{log.read_text()[-6000:]}\n{await self._waiting()}")

    async def leave(self, member: Process) -> None:
        """Ask the member to stop; it ends in good order."""
        member.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_SECONDS):
            assert await member.wait() == 0

    # Load ---------------------------------------------------------------------------------------------

    async def feed(self, pokes: int = 120, asks: int = 24) -> None:
        """Publish more events, for the same keys."""
        more: list[Output] = []
        for number in range(self._pokes, self._pokes + pokes):
            more.append(poke(f"p{number % KEYS}", number))
        for number in range(self._asks, self._asks + asks):
            more.append(event(topics.intents("probe"), f"c{number % KEYS}", Ask(number=number)))
        self._pokes += pokes
        self._asks += asks
        await self.bench.publish(more)

    def expected(self) -> dict[str, list[int]]:
        """The effects of each key, in their order."""
        found: dict[str, list[int]] = defaultdict(list)
        for number in range(self._pokes):
            found[f"p{number % KEYS}"].append(number)
            if number % 20 == 7:
                found[f"timers of p{number % KEYS}"].append(TIMER_NUMBERS + number)
        for number in range(self._asks):
            found[f"c{number % KEYS}"].append(number)
        return dict(found)

    async def settles(self, *, late_calls: int = 0) -> None:
        """Wait until everything has been handled; then check that it was so once, in order, and told once.

        `late_calls`: how many calls a member that stood still between its look at the lease and the call
        may have made after somebody else had. Nothing can prevent those; effects are single all the same.
        """
        expected = self.expected()
        total = sum(map(len, expected.values()))
        try:
            await self.bench.effects_become(total, seconds=SETTLE_SECONDS)
            await self.bench.nothing_waits(seconds=SETTLE_SECONDS)
        except TimeoutError:
            raise AssertionError(await self._state(expected)) from None
        rows = await self.bench.database.fetch("SELECT person, number FROM effect ORDER BY id")
        effects: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            effects[row["person"]].append(row["number"])
        for key, numbers in expected.items():
            happened = effects[key]
            if key.startswith("timers"):
                happened = sorted(happened)  # timers of different names have no order among themselves
            assert happened == numbers, key
        calls = await self.bench.database.fetch("SELECT number FROM call")
        made = Counter(row["number"] for row in calls)
        assert set(made) == set(range(self._asks))
        assert sum(made.values()) - self._asks <= late_calls
        await self.bench.events_become(topics.events("probe"), total)
        assert set(await self.bench.outcomes()) <= {"processed", "deferred", "parked", "claimed"}

    async def _state(self, expected: dict[str, list[int]]) -> str:
        """What is missing, and what waits, for whoever reads of a failure."""
        rows = await self.bench.database.fetch("SELECT person, number FROM effect")
        done = {(row["person"], row["number"]) for row in rows}
        missing = {key: [n for n in numbers if (key, n) not in done] for key, numbers in expected.items()}
        lines = [f"missing {key}: {numbers}" for key, numbers in missing.items() if numbers]
        last = self.log_of(self.members[-1])[-2000:]
        return "\n".join(["it did not settle", *lines, await self._waiting(), f"the last log ends:\n{last}"])

    async def _waiting(self) -> str:
        """What waits, and what is claimed."""
        waiting = await self.bench.database.fetch(
            """SELECT kind, encode(key, 'escape') AS key, delivery, tries, reason, due - now() AS due,
                now() - sent_at AS sent FROM runtime.later ORDER BY id LIMIT 30"""
        )
        claims = await self.bench.database.fetch(
            "SELECT encode(key, 'escape') AS key, lease_until - now() AS lease FROM runtime.claim"
        )
        alive = [member.pid for member in self.members if member.returncode is None]
        return "\n".join(
            [
                f"members {alive}; outcomes {await self.bench.outcomes()}",
                *(f"waits {dict(row)}" for row in waiting),
                *(f"claimed {dict(row)}" for row in claims),
            ]
        )
