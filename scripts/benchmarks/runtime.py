"""The runtime with `core` on real messages, against a plain handler and against the bare loop.

All three read the same records from as many partitions, in a process of their own, one after the other. The
time runs from the first record that a subject publishes to the last one, by the records' own timestamps: so
nothing has to be counted inside of the process that is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from consumers import domain_names
from infra.embedded.service import ServicePlan
from infra.kafka.publisher import Output
from infra.settings import Settings
from schemas import topics
from schemas.topics import catalogue
from scripts.benchmarks import processes, records, spec
from scripts.benchmarks.bare_loop import MIGRATIONS as BARE_TABLES
from scripts.benchmarks.figures import Findings, by_measure
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.messages import Chatter
from scripts.benchmarks.size import Size

OURS, PLAIN, BARE = "runtime with core", "plain handler, 16 at once", "bare loop"
LOADING = "bare loop, loading state"  # as much work as a real consumer has; no target
BARE_LOOPS = (BARE, LOADING)
STARTED, READY = "core, started", "ready after"
EVENTS_A_PERSON = 16  # the same for all, since the first message of somebody takes more than the others
PACE_SECONDS = 5.0  # between two messages of a person, by Meta's clock: nobody is too fast
EVENTS_A_SECOND = {
    OURS: 8_000,
    PLAIN: 400,
    BARE: 8_000,
    LOADING: 8_000,
}  # how many records make a second of measuring
WARM_UP_EVENTS = 3_000
LOOK_SECONDS = 0.25
LIMIT_SECONDS = 300.0
OUTPUT_BYTES = 700  # of the bare loop's records, until ours have been weighed

Say = Callable[[str], None]


@dataclass(slots=True)
class Outputs:
    """What one event brings about on average: measured on ours, and imposed on the bare loop."""

    each: float = 1.2
    bytes_each: int = OUTPUT_BYTES


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """A B C, A B C, …: a fresh database and fresh topics for each."""
    findings = Findings("runtime")
    counts = {name: int(each * size.seconds) for name, each in EVENTS_A_SECOND.items()}
    say("making the records")
    made = {count: _records(count) for count in {WARM_UP_EVENTS, *counts.values()}}
    outputs = Outputs()
    if not size.quick:
        say("warming up")
        await _trial(ground, OURS, made[WARM_UP_EVENTS], outputs)
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in counts}
    for number in range(size.rounds):
        for name, count in counts.items():
            say(f"round {number + 1}/{size.rounds}: {name}, {count:,} events")
            rounds[name].append(await _trial(ground, name, made[count], outputs))
    for name, found in rounds.items():
        for measure, values in by_measure(found).items():
            subject = STARTED if measure == READY else name
            findings.add(subject, measure, UNITS[measure], values)
    _judge(findings)
    findings.notes.append(
        f"{EVENTS_A_PERSON} events a person; records published: {outputs.bytes_each} bytes each on average"
    )
    return findings


UNITS = {
    "events": "1/s",
    "CPU an event": "µs",
    "memory": "MB",
    READY: "s",
    "outputs": "1/event",
}


def _judge(findings: Findings) -> None:
    ours = findings.middle(OURS, "events")
    findings.at_least("events/s, one process", 8_000, ours)
    findings.at_least("of the plain handler's events/s", 10, ours / findings.middle(PLAIN, "events"))
    findings.at_least("of the bare loop's events/s", 0.6, ours / findings.middle(BARE, "events"))
    findings.at_most("memory under load, MB", 128, findings.middle(OURS, "memory"))
    findings.at_most("ready after, s", 1, findings.middle(STARTED, READY))


def _records(count: int) -> list[Output]:
    """Messages of as many people as write `EVENTS_A_PERSON` each, the last ones of them just now."""
    persons = max(1, count // EVENTS_A_PERSON)
    rate = persons / PACE_SECONDS
    return records.inbound(Chatter("R", persons, time.time() - count / rate, rate), count)


async def _trial(ground: Ground, name: str, made: list[Output], outputs: Outputs) -> dict[str, float]:
    async with ground.trial() as settings:
        await ground.make_topics(settings)
        await records.publish(settings, made)
        connection = await asyncpg.connect(settings.need("postgres_dsn"))
        try:
            if name in BARE_LOOPS:
                await connection.execute(BARE_TABLES)
            plan = _plan(ground, name, settings, outputs)
            async with processes.service(plan, ground.folder) as running, running.watch() as watch:
                await _until_done(connection, name, len(made))
            if name == OURS:
                await _weigh(connection, outputs)
        finally:
            await connection.close()
        published = await records.written_at(settings, _published_to())
    if name == OURS:
        outputs.each = len(published) / len(made)
    # What was published in the very first millisecond was handled before it.
    after_first = sum(1 for at in published if at > published[0]) / len(published)
    seconds = max(0.001, (published[-1] - published[0]) / 1000)
    found = {
        "events": len(made) * after_first / seconds,
        "CPU an event": 1e6 * watch.cpu_seconds / len(made),
        "memory": watch.memory_mb,
        "outputs": len(published) / len(made),
    }
    return {**found, READY: running.ready_seconds} if name == OURS else found


def _plan(ground: Ground, name: str, settings: Settings, outputs: Outputs) -> ServicePlan:
    if name == OURS:
        return processes.consuming("core", ("core",), settings)
    if name == PLAIN:
        return processes.module("plain_handler", settings, None)
    told: dict[str, Any] = {
        "outputs_each": outputs.each,
        "bytes_each": outputs.bytes_each,
        "loads_state": name == LOADING,
    }
    return processes.module("bare_loop", settings, spec.write(ground.folder / "bare-loop.json", told))


async def _until_done(connection: asyncpg.Connection[Any], name: str, count: int) -> None:
    """Return when every event is concluded. Raises TimeoutError."""
    table = "seen" if name in BARE_LOOPS else "runtime.processed"
    async with asyncio.timeout(LIMIT_SECONDS):
        while await connection.fetchval(f"SELECT count(*) FROM {table}") < count:  # noqa: S608, ASYNC110
            await asyncio.sleep(LOOK_SECONDS)


async def _weigh(connection: asyncpg.Connection[Any], outputs: Outputs) -> None:
    """How many bytes ours published for an event: of the rendered records as they are stored."""
    stored = await connection.fetchval("SELECT avg(octet_length(outputs)) FROM runtime.processed")
    outputs.bytes_each = int(float(stored or OUTPUT_BYTES) / max(1.0, outputs.each))


def _published_to() -> list[str]:
    """Every topic but the one that is read."""
    return [topic.name for topic in catalogue(domain_names()) if topic.name != topics.INBOUND]
