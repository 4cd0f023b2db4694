"""The whole system, from a webhook that is due to the reply's arrival at the stand-in for Meta.

The processes are those of `easymo up`. The load is open: messages are due at a fixed rate whatever becomes of
those before, and a message's time runs from when it was due.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import aiohttp
import asyncpg

from infra.embedded.failure import EmbeddedFailure
from infra.embedded.plans import GRAPH_VERSION
from infra.embedded.ports import LOOPBACK, free_ports
from infra.settings import Settings
from infra.simulator import RemoteSimulator
from scripts.benchmarks import backlog, processes, replies, spec
from scripts.benchmarks.figures import Findings, percentiles
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.load import Load
from scripts.benchmarks.messages import Chatter
from scripts.benchmarks.processes import Running
from scripts.benchmarks.replies import Trail
from scripts.benchmarks.size import Size
from scripts.benchmarks.watch import Programs
from scripts.machine import consumers_here

PERSONS = 10_000  # at 1,000/s each writes every 10 s: no rate for one person is reached
PERSONS_QUICK = 100
WARM_UP_RATE, WARM_UP_RATE_QUICK = 250.0, 100.0
CONNECTIONS = 128
GRAPH_RATE = 20_000  # messages a second that the number may send: Meta's limit is not what is measured
IDLE_LOOK_SECONDS = 0.25
QUIET_LOOKS = 4  # in a row: a record may be on its way from one process to the next
IDLE_LIMIT_SECONDS = 180.0
SIMULATOR = "simulator_worker"
OURS = ("ingress", *consumers_here())
OUTCOMES = """
SELECT consumer, outcome, count(*) FROM runtime.processed WHERE outcome <> 'processed' GROUP BY 1, 2
UNION ALL
SELECT consumer, kind || ', waiting: ' || reason, count(*) FROM runtime.later
WHERE kind <> 'timer' GROUP BY 1, 2"""
AGAIN_SECONDS, AGAIN_LIMIT = 5.0, 6
USUAL_STATUSES = ("sent", "delivered", "read")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    """One rate, held for `lengths` times the seconds of a round."""

    rate: float
    lengths: int
    statuses: bool = False

    @property
    def name(self) -> str:
        """How it is called in tables."""
        return f"{self.rate:,.0f}/s" + (", with statuses" if self.statuses else "")


STAGES = (Stage(10, 3), Stage(100, 3), Stage(100, 3, statuses=True), Stage(500, 3), Stage(1_000, 6))
STAGES_QUICK = (Stage(10, 1), Stage(50, 1), Stage(20, 1, statuses=True))


@dataclass(slots=True)
class _System:
    """The running processes of one bench."""

    ground: Ground
    settings: Settings
    simulator: RemoteSimulator
    simulator_url: str
    services: dict[str, Running]
    persons: int

    async def outcomes(self) -> Counter[str]:
        """How many events ended otherwise than processed so far, by consumer and outcome, and what waits."""
        connection = await asyncpg.connect(self.settings.need("postgres_dsn"))
        try:
            rows = await connection.fetch(OUTCOMES)
        finally:
            await connection.close()
        return Counter({f"{row['consumer']}: {row['outcome']}": row["count"] for row in rows})

    async def settle(self) -> None:
        """Gather statistics, as autovacuum does within a minute: until then, plans suit empty tables."""
        connection = await asyncpg.connect(self.settings.need("postgres_dsn"))
        try:
            await connection.execute("VACUUM ANALYZE")
        finally:
            await connection.close()

    async def post(self, run: str, rate: float, seconds: float) -> dict[str, Any]:
        """Post at a rate, everybody in turn; returns what the load found."""
        folder = self.ground.folder
        load = Load(
            result=str(folder / "load.json"),
            port=self.settings.ingress_port,
            run=run,
            persons=self.persons,
            seconds=seconds,
            connections=min(CONNECTIONS, max(4, int(rate / 4))),
            distinct=int(rate * seconds),
            rate=rate,
            departures=str(folder / "departures"),
        )
        file = spec.write(folder / "load-spec.json", load.as_json())
        plan = processes.module("load", self.settings, file)
        return await processes.work(plan, folder, folder / "load.json", seconds)

    async def idle(self) -> None:
        """Return when nothing is under way any more. Raises EmbeddedFailure."""
        try:
            async with asyncio.timeout(IDLE_LIMIT_SECONDS), aiohttp.ClientSession() as session:
                quiet = 0
                while quiet < QUIET_LOOKS:
                    await asyncio.sleep(IDLE_LOOK_SECONDS)
                    quiet = quiet + 1 if await self._under_way(session) == 0 else 0
        except TimeoutError:
            raise EmbeddedFailure(
                f"not everything was done {IDLE_LIMIT_SECONDS:.0f} s after a stage"
            ) from None

    async def _under_way(self, session: aiohttp.ClientSession) -> int:
        found = int((await self.simulator.ask("GET", "state"))["webhooks"]["waiting"])
        for running in self.services.values():
            if running.health_url is not None:
                async with session.get(running.health_url) as answer:
                    states = (await answer.json())["consumers"].values()
                found += sum(state["in_flight"] + state["lag"] for state in states)
        return found


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """Each rate once: some ten thousand messages are rounds enough."""
    findings = Findings("end-to-end")
    async with ground.trial() as settings, AsyncExitStack() as stack:
        await ground.make_topics(settings)
        system = await _start(ground, settings, size, stack)
        for name in OURS:
            findings.add(name, "ready after", "s", [system.services[name].ready_seconds])
        rate = WARM_UP_RATE_QUICK if size.quick else WARM_UP_RATE
        say(f"warming up: {system.persons:,} people write for the first time")
        await system.post("W", rate, system.persons / rate)
        await system.idle()
        await system.settle()
        for number, stage in enumerate(STAGES_QUICK if size.quick else STAGES):
            say(f"{stage.name} for {stage.lengths * size.seconds:.0f} s")
            await _measure(system, stage, f"S{number}", stage.lengths * size.seconds, findings)
    if not size.quick:
        _judge(findings)
    findings.notes.append(
        f"{system.persons:,} people, all known before; statuses are switched off but where it says so; the "
        "load, the stand-in for Meta, Kafka and PostgreSQL share the machine"
    )
    return findings


def _judge(findings: Findings) -> None:
    fast = f"{1_000:,}/s"
    growing = findings.middle(fast, "growth")
    findings.at_most("backlog's growth at 1,000/s, messages/s", 1_000 * backlog.GROWING_SHARE, growing)
    unanswered = sum(f.middle for f in findings.figures if f.measure in ("unanswered", "ingress errors"))
    findings.at_most("messages without a reply, and errors", 0, unanswered)
    findings.at_most("p95 at 500/s, ms", 150, findings.middle("500/s", "p95"))
    findings.at_most("p50 at 10/s, ms", 30, findings.middle("10/s", "p50"))
    for name in OURS:
        most = max(f.middle for f in findings.figures if f.measure == f"memory, {name}")
        findings.at_most(f"memory of {name}, MB", 128, most)
        findings.at_most(f"{name} ready after, s", 1, findings.middle(name, "ready after"))


async def _start(ground: Ground, settings: Settings, size: Size, stack: AsyncExitStack) -> _System:
    ingress_port, simulator_port = free_ports(2)
    simulator_url = f"http://{LOOPBACK}:{simulator_port}"
    settings = settings.model_copy(
        update={
            "ingress_port": ingress_port,
            "graph_base_url": f"{simulator_url}/{GRAPH_VERSION}",
            "graph_messages_per_second": GRAPH_RATE,
        }
    )
    persons = PERSONS_QUICK if size.quick else PERSONS
    webhook = f"http://{LOOPBACK}:{ingress_port}/webhooks/whatsapp"
    told = {"port": simulator_port, "persons": persons, "webhook": webhook}
    plans = [
        processes.module(
            SIMULATOR,
            settings,
            spec.write(ground.folder / "simulator.json", told),
            f"{simulator_url}/_simulator/state",
        ),
        processes.easymo("ingress", ("ingress",), settings, f"http://{LOOPBACK}:{ingress_port}/ready"),
        *(processes.consuming(name, tuple(domains), settings) for name, domains in consumers_here().items()),
    ]
    # One after the other, so that each start is timed with the machine to itself.
    services = {}
    for plan in plans:
        running = processes.service(plan, ground.folder)
        services[plan.name] = await stack.enter_async_context(running)
    simulator = await stack.enter_async_context(RemoteSimulator(simulator_url))
    return _System(ground, settings, simulator, simulator_url, services, persons)


async def _measure(system: _System, stage: Stage, run: str, seconds: float, findings: Findings) -> None:
    before = await system.outcomes()
    statuses = list(USUAL_STATUSES) if stage.statuses else []
    await system.simulator.ask("PATCH", "state", {"statuses": statuses})
    await system.simulator.ask("POST", "arrivals", {"on": True})
    async with AsyncExitStack() as stack:
        watches = {
            name: await stack.enter_async_context(running.watch())
            for name, running in system.services.items()
        }
        programs = Programs({watch.pid: name for name, watch in watches.items()})
        found = await system.post(run, stage.rate, seconds)
        busy = programs.seconds()
    await system.idle()
    due = replies.departures(system.ground.folder / "departures")
    chatter = Chatter(run, system.persons, 0, 1)
    trails = await _trails(system, chatter, due)
    await system.simulator.ask("POST", "arrivals", {"on": False})
    latencies = [trail.latency_ms for trail in trails if trail.latency_ms is not None]

    def add(measure: str, unit: str, value: float) -> None:
        findings.add(stage.name, measure, unit, [value])

    for measure, value in percentiles(latencies).items():
        add(measure, "ms", value)
    for part, value in replies.hops(trails).items():
        add(f"p50 of its part: {part}", "ms", value)
    add("sent", "", len(due))
    add("unanswered", "", len(due) - len(latencies))
    aside = await system.outcomes() - before
    add("set aside", "", sum(aside.values()))
    findings.notes += [f"{stage.name}: {count} × {what}" for what, count in sorted(aside.items())]
    add("ingress errors", "", found["errors"])
    add("load late, p99", "ms", found["late_ms"].get("p99", 0.0))
    _add_backlog(stage, trails, findings)
    for name, watch in watches.items():
        add(f"memory, {name}", "MB", watch.memory_mb)
    for name, cpu in sorted(busy.items()):
        add(f"CPU, {name}", "cores", cpu / seconds)


async def _trails(system: _System, chatter: Chatter, due: Sequence[int]) -> list[Trail]:
    """The trails of a stage, looked at again while replies are missing: the system only seemed to be idle."""
    for _ in range(AGAIN_LIMIT):
        found = await replies.trails(system.settings, system.simulator_url, chatter, due)
        if all(trail.arrived is not None for trail in found):
            break
        await asyncio.sleep(AGAIN_SECONDS)
    return found


def _add_backlog(stage: Stage, trails: Sequence[Trail], findings: Findings) -> None:
    answered = sorted(trail.arrived / 1000 for trail in trails if trail.arrived is not None)
    found = backlog.samples([trail.due / 1000 for trail in trails], answered)
    findings.add(stage.name, "under way at the end", "", [found[-1][1]])
    findings.add(stage.name, "growth", "1/s", [backlog.growth(found)])
