"""One poison record among 10,000: what it costs the others, for each way to be at fault."""

from __future__ import annotations

from collections.abc import Callable

from scripts.benchmarks import effects, processes, records, spec
from scripts.benchmarks.effects_worker import LIMIT_SECONDS
from scripts.benchmarks.figures import Findings
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.size import Size

COUNT, COUNT_QUICK = 10_000, 500
KEYS = 1_000
PARTITIONS = 4
NONE = "no poison"
POISONS = {
    "rejected": "reject",
    "its handler raises": "raise",
    "the database refuses its row": "refuse",
}
HARDEST = "the database refuses its row"  # the chunk is halved until the one at fault stands alone
LEAST = 0.8  # of what it is without

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """All kinds in each round, the comparison first."""
    findings = Findings("poison")
    count = COUNT_QUICK if size.quick else COUNT
    poisons = [HARDEST] if size.quick else list(POISONS)
    rates: dict[str, list[float]] = {NONE: [], **{name: [] for name in poisons}}
    for number in range(size.rounds):
        for name, measured in rates.items():
            say(f"round {number + 1}/{size.rounds}: {name}")
            measured.append(await _trial(ground, count, POISONS.get(name, "")))
    for name, measured in rates.items():
        findings.add(name, "events", "1/s", measured)
    for name in poisons:
        share = findings.middle(name, "events") / findings.middle(NONE, "events")
        findings.add(name, "of that without", "", [share])
        findings.at_least(f"{name}, of that without", LEAST, share)
    findings.notes.append(f"{count:,} events of {KEYS:,} keys, one of them poison, half-way")
    return findings


async def _trial(ground: Ground, count: int, what: str) -> float:
    """Events a second. Raises AssertionError when one was lost, or the poison hurt another."""
    async with effects.trial(ground, PARTITIONS) as settings:
        poisoned = count // 2
        made = effects.shuffled(KEYS, range(count), lambda number: what if number == poisoned else "")
        await records.publish(settings, made)
        result = ground.folder / "poison.json"
        file = spec.write(ground.folder / "poison-spec.json", {"result": str(result), "count": count})
        plan = processes.module("effects_worker", settings, file)
        found = await processes.work(plan, ground.folder, result, LIMIT_SECONDS)
        had, different = await effects.count(settings)
        assert had == different == count - bool(what), f"{had} effects, {different} different"
    return count / float(found["ended_at"] - found["began_at"])
