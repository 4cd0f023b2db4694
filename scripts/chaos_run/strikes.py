"""Carrying the faults out: each begins at its time, lasts, and is over; never two on one target."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import psutil
from aiokafka.errors import KafkaError

from infra.embedded.failure import EmbeddedFailure
from infra.embedded.service import Service
from infra.simulator.remote import SimulatorUnreachable
from scripts.chaos_run import disk
from scripts.chaos_run.lag import Lag, until_fresh
from scripts.chaos_run.plan import RESTARTS, Fault, Kind
from scripts.chaos_run.system import System

HEAL_LIMIT_SECONDS = 60.0
BACK_LIMIT_SECONDS = 60.0
LOOK_SECONDS = 0.1
SPARE_TRIES = 5
LATE_SECONDS = 12.0  # the client gives up after 10
GRAPH_SHARE = 0.5  # of the calls that a fault of the Graph API meets
# What keeps a fault from being carried out as planned, while others are on.
TROUBLE = (EmbeddedFailure, SimulatorUnreachable, asyncpg.PostgresError, KafkaError, OSError)
# What waits, as if the clock of whoever looks for what is due had gone forward, or back.
# What somebody has a lock on is under way anyway: to wait for it could be a deadlock.
JUMP = """
UPDATE runtime.later SET due = due - $1::interval WHERE id IN (
    SELECT id FROM runtime.later WHERE sent_at IS NULL AND kind <> 'parked' FOR UPDATE SKIP LOCKED)"""


@dataclass(slots=True)
class Struck:
    """What became of one fault. Times in seconds after the load began."""

    fault: Fault
    began: float = 0.0
    ended: float = 0.0
    recovered_seconds: float | None = None  # of a restart: from its return until no group was behind
    alone: bool = True  # no other fault was on while it recovered
    trouble: str = ""  # why it could not be carried out as planned
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the report shows it."""
        return self.fault.as_json() | {
            name: value for name, value in asdict(self).items() if name != "fault" and value not in ("", None)
        }


@dataclass(slots=True)
class Strikes:
    """Strikes the system with the faults of a plan."""

    system: System
    lag: Lag
    patience_seconds: float  # how long a recovery is watched
    struck: list[Struck] = field(default_factory=list)
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    _began: float = 0.0
    _on: int = 0
    _starts: int = 0

    async def run(self, faults: Sequence[Fault]) -> None:
        """Return when all are over, and what was restarted has recovered."""
        self._began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                group.create_task(self._strike(fault))

    async def heal(self) -> None:
        """See to it that nothing is broken any more. Raises EmbeddedFailure when something stays down."""
        for link in self.system.links.values():
            link.heal()
        await self.system.simulator.ask("DELETE", "faults")
        async with asyncio.timeout(HEAL_LIMIT_SECONDS):
            while not await self._all_ready():  # noqa: ASYNC110 - other processes
                await asyncio.sleep(LOOK_SECONDS)

    async def _all_ready(self) -> bool:
        return all([await service.is_ready() for service in self.system.services.values()])

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 2)

    async def _strike(self, fault: Fault) -> None:
        await asyncio.sleep(fault.at_seconds)
        struck = Struck(fault)
        async with self._locks[fault.target]:
            struck.began = self._now()
            self._on += 1
            self._starts += 1
            self.system.say(f"{struck.began:6.1f} s  {fault.kind} {fault.target} {fault.detail}".rstrip())
            try:
                await self._carry_out(fault, struck)
            except (
                EmbeddedFailure,
                SimulatorUnreachable,
                asyncpg.PostgresError,
                KafkaError,
                OSError,
            ) as error:
                struck.trouble = f"{type(error).__name__}: {error}"[:200]
            finally:
                self._on -= 1
            struck.ended = self._now()
        self.struck.append(struck)
        if fault.kind in RESTARTS:
            await self._time_recovery(struck)

    async def _time_recovery(self, struck: Struck) -> None:
        starts, alone = self._starts, self._on == 0
        seconds = await until_fresh(self.lag, self.patience_seconds)
        behind = ", ".join(self.lag.last_behind) or "nobody"
        struck.alone = alone and starts == self._starts
        if seconds is None:
            struck.note = f"still behind after {self.patience_seconds:.0f} s: {behind}"
        else:
            struck.recovered_seconds = round(seconds, 2)
            struck.note = f"last behind: {behind}"

    async def _carry_out(self, fault: Fault, struck: Struck) -> None:
        match fault.kind:
            case Kind.KILL:
                await self._kill(fault.target)
            case Kind.PAUSE:
                await self._pause(fault)
            case Kind.BROKER_RESTART | Kind.DATABASE_RESTART:
                stack = self.system.stack
                server = stack.kafka if fault.kind is Kind.BROKER_RESTART else stack.postgres
                await server.kill()
                await asyncio.sleep(fault.lasts_seconds)
                await server.start()
            case Kind.CUT | Kind.SLOW:
                await self._disturb(fault)
            case Kind.GRAPH_FAILS | Kind.GRAPH_SLOW | Kind.GRAPH_LATE:
                await self._trouble_graph(fault, struck)
            case Kind.CLOCK_JUMP:
                struck.note = await self._jump(float(fault.detail))
            case Kind.DISK_FULL:
                await self._fill_disk(fault.lasts_seconds)
            case Kind.REBALANCE:
                await self._rebalance(fault)

    async def _kill(self, target: str) -> None:
        """As kill -9; over when its supervisor has brought it back."""
        service = self.system.services[target]
        before = service.restarts
        await service.child.kill()
        async with asyncio.timeout(BACK_LIMIT_SECONDS):
            while service.restarts == before or not await service.is_ready():  # noqa: ASYNC110 - elsewhere
                await asyncio.sleep(LOOK_SECONDS)

    async def _pause(self, fault: Fault) -> None:
        family = self.system.family(fault.target)
        for process in family:
            process.suspend()
        try:
            await asyncio.sleep(fault.lasts_seconds)
        finally:
            for process in family:
                try:
                    process.resume()
                except psutil.NoSuchProcess:
                    continue  # it ended meanwhile: a server process whose client hung up

    async def _disturb(self, fault: Fault) -> None:
        link = self.system.links[fault.target]
        if fault.kind is Kind.CUT:
            link.cut()
        else:
            link.slow(float(fault.detail))
        try:
            await asyncio.sleep(fault.lasts_seconds)
        finally:
            link.heal()

    async def _trouble_graph(self, fault: Fault, struck: Struck) -> None:
        number = (await self.system.simulator.ask("POST", "faults", _graph_fault(fault)))["id"]
        try:
            await asyncio.sleep(fault.lasts_seconds)
        finally:
            on = await self.system.simulator.ask("GET", "faults")
            struck.note = f"{sum(each['hits'] for each in on if each['id'] == number)} calls met"
            await self.system.simulator.ask("DELETE", f"faults/{number}")

    async def _jump(self, seconds: float) -> str:
        connection = await asyncpg.connect(self.system.settings.need("postgres_dsn"))
        try:
            done: str = await connection.execute(JUMP, timedelta(seconds=seconds))
        finally:
            await connection.close()
        return f"{done.removeprefix('UPDATE ')} rows"

    async def _fill_disk(self, seconds: float) -> None:
        connection = await asyncpg.connect(self.system.settings.need("postgres_dsn"))
        try:
            await disk.fill(connection, full=True)
            await asyncio.sleep(seconds)
            await disk.fill(connection, full=False)
        finally:
            await connection.close()

    async def _start_spare(self) -> Service:
        """A member more; where another fault keeps it from coming, it tries again."""
        for left in reversed(range(SPARE_TRIES)):
            spare = Service(self.system.spare_plan, self.system.folder, self.system.say)
            try:
                await spare.start()
            except EmbeddedFailure:
                await spare.stop()
                if not left:
                    raise
            else:
                return spare
        raise EmbeddedFailure("no spare member was to be started")

    async def _rebalance(self, fault: Fault) -> None:
        spare = await self._start_spare()
        try:
            await asyncio.sleep(fault.lasts_seconds)
        finally:
            if fault.detail == "is killed":
                await spare.kill()
            await spare.stop()


def _graph_fault(fault: Fault) -> dict[str, Any]:
    """The simulator's words for it."""
    asked: dict[str, Any] = {"share": GRAPH_SHARE}
    match fault.kind, str(fault.detail).split():
        case Kind.GRAPH_SLOW, _:
            return asked | {"kind": "slow", "seconds": float(fault.detail)}
        case Kind.GRAPH_LATE, ["late"]:
            return asked | {"kind": "late", "seconds": LATE_SECONDS}
        case _, ["error", code]:
            return asked | {"kind": "error", "code": int(code)}
        case _, ["http", status]:
            return asked | {"kind": "http", "status": int(status)}
        case _, [word]:
            return asked | {"kind": word}
    raise ValueError(f"no fault of the Graph API: {fault.detail}")
