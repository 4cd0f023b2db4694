"""The whole system, from a webhook that is due to the reply's arrival at the stand-in for Meta.

The processes are those of `easymo up`. The load is open: messages are due at a fixed rate whatever becomes of
those before, and a message's time runs from when it was due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from schemas.ids import message_id
from scripts.benchmarks import backlog, replies
from scripts.benchmarks.figures import Findings, percentiles
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.messages import Chatter
from scripts.benchmarks.replies import Trail
from scripts.benchmarks.size import Size
from scripts.benchmarks.system import OURS, System, start
from scripts.benchmarks.watch import Programs

PERSONS = 10_000  # at 1,000/s each writes every 10 s: no rate for one person is reached
PERSONS_QUICK = 100
WARM_UP_RATE, WARM_UP_RATE_QUICK = 250.0, 100.0
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


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """Each rate once: some ten thousand messages are rounds enough."""
    findings = Findings("end-to-end")
    async with ground.trial() as settings, AsyncExitStack() as stack:
        await ground.make_topics(settings)
        persons = PERSONS_QUICK if size.quick else PERSONS
        system = await start(ground, settings, persons, stack)
        for name in OURS:
            findings.add(name, "ready after", "s", [system.services[name].ready_seconds])
        rate = WARM_UP_RATE_QUICK if size.quick else WARM_UP_RATE
        say(f"warming up: {persons:,} people write for the first time")
        await system.post("W", rate, persons / rate)
        await system.idle()
        await system.settle()
        for number, stage in enumerate(STAGES_QUICK if size.quick else STAGES):
            say(f"{stage.name} for {stage.lengths * size.seconds:.0f} s")
            await _measure(system, stage, f"S{number}", stage.lengths * size.seconds, findings)
    if not size.quick:
        _judge(findings)
    findings.notes.append(
        f"{persons:,} people, all known before; statuses are switched off but where it says so; the "
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


async def _measure(system: System, stage: Stage, run: str, seconds: float, findings: Findings) -> None:
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


async def _trails(system: System, chatter: Chatter, due: Sequence[int]) -> list[Trail]:
    """The trails of a stage, looked at again while replies are missing: the system only seemed to be idle."""
    messages = [message_id(chatter.wamid(index), "text") for index in range(len(due))]
    for _ in range(AGAIN_LIMIT):
        found = await replies.trails(system.settings, system.simulator_url, messages, due)
        if all(trail.arrived is not None for trail in found):
            break
        await asyncio.sleep(AGAIN_SECONDS)
    return found


def _add_backlog(stage: Stage, trails: Sequence[Trail], findings: Findings) -> None:
    answered = sorted(trail.arrived / 1000 for trail in trails if trail.arrived is not None)
    found = backlog.samples([trail.due / 1000 for trail in trails], answered)
    findings.add(stage.name, "under way at the end", "", [found[-1][1]])
    findings.add(stage.name, "growth", "1/s", [backlog.growth(found)])
