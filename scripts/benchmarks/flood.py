"""A contact that sends 5,000 messages at once, while 500 others send at their usual pace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from infra.kafka.publisher import Output
from infra.settings import Settings
from scripts.benchmarks import effects, processes, records, spec
from scripts.benchmarks.effects_worker import LIMIT_SECONDS
from scripts.benchmarks.figures import Findings, percentiles
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.pace import Pace
from scripts.benchmarks.size import Size

FLOOD, FLOOD_QUICK = 5_000, 200
OTHERS = 500
RATE = 200.0  # events a second of the others, all together
PARTITIONS = 4
CROWD = 1_000_000  # the numbers of its events begin here
WITHOUT, WITH = "without a flood", "with a flood"
MOST = 1.2  # times the others' p95 without

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """With and without, in each round."""
    findings = Findings("flood")
    flood = FLOOD_QUICK if size.quick else FLOOD
    found: dict[str, list[dict[str, float]]] = {WITHOUT: [], WITH: []}
    for number in range(size.rounds):
        for name, measured in found.items():
            say(f"round {number + 1}/{size.rounds}: {name}, {size.seconds:g} s")
            measured.append(await _trial(ground, size.seconds, flood if name == WITH else 0))
    for name, measured in found.items():
        for measure in measured[0]:
            unit = "s" if measure == "crowd done after" else "ms"
            findings.add(name, measure, unit, [each[measure] for each in measured])
    share = findings.middle(WITH, "p95") / findings.middle(WITHOUT, "p95")
    findings.at_most("the others' p95, of that without", MOST, share)
    findings.notes.append(
        f"{OTHERS} others send {RATE:,.0f}/s; one more sends {flood:,} at once; "
        "from when a message is due to its effect and offset, of those due from then on"
    )
    return findings


async def _trial(ground: Ground, seconds: float, flood: int) -> dict[str, float]:
    """The others' percentiles in ms, and when the crowd was done. Raises AssertionError for lost events."""
    async with effects.trial(ground, PARTITIONS) as settings:
        calm = int(RATE * max(1.0, seconds / 4))  # before the flood: the member warms up
        numbers = range(calm + int(RATE * seconds))
        others = effects.shuffled(OTHERS, numbers)
        crowd = [effects.event("crowd", effects.Note(number=CROWD + n)) for n in range(flood)]
        result = ground.folder / "flood.json"
        told = {"result": str(result), "count": len(others) + flood + 1, "each": True}
        plan = processes.module(
            "effects_worker", settings, spec.write(ground.folder / "flood-spec.json", told)
        )
        limit = LIMIT_SECONDS + seconds
        releasing = processes.consuming("dead-letters", (effects.LATER,), settings)
        async with processes.service(releasing, ground.folder):
            handling = asyncio.create_task(processes.work(plan, ground.folder, result, limit))
            await effects.warm_up(settings)
            flooded_at, due = await _send(settings, others, crowd, calm)
            done = dict((await handling)["done"])
        had, different = await effects.count(settings)
        assert had == different == len(others) + flood + 1, f"{had} effects, {different} different"
    measured = percentiles([(done[n] - due[n]) * 1000 for n in numbers[calm:]])
    after = max((done[CROWD + n] for n in range(flood)), default=flooded_at) - flooded_at
    return {**measured, "crowd done after": after} if flood else measured


async def _send(
    settings: Settings, others: list[Output], crowd: list[Output], calm: int
) -> tuple[float, list[float]]:
    """Send the others' events at their pace, and the crowd's once `calm` of them were due."""
    warm = Pace(settings, others[:calm], RATE)
    await warm.run()
    pace = Pace(settings, others[calm:], RATE)
    pacing = asyncio.create_task(pace.run())
    if crowd:
        await records.publish(settings, crowd)
    await pacing
    return pace.due[0], warm.due + pace.due
