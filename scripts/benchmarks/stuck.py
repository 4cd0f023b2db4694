"""A crash while one record is stuck and 100,000 are done behind it: how long until there is new work again.

The member is the same one for its group (an instance id), as a pod of a stateful set is: otherwise the group
would wait for the dead one's session to end, stuck record or not.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from time import time

from infra.embedded.child import Child, mark
from infra.embedded.failure import EmbeddedFailure
from infra.settings import Settings
from scripts.benchmarks import effects, processes, records, spec
from scripts.benchmarks.effects_worker import LIMIT_SECONDS
from scripts.benchmarks.figures import Findings
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.size import Size

COUNT, COUNT_QUICK = 100_000, 1_000
KEYS = 1_000
STUCK, FREE = "one record stuck", "nothing stuck"
MOST_SECONDS = 5.0
LOOK_SECONDS = 0.05

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """With a stuck record and without, in each round."""
    findings = Findings("stuck")
    count = COUNT_QUICK if size.quick else COUNT
    seconds: dict[str, list[float]] = {FREE: [], STUCK: []}
    repeated: dict[str, list[float]] = {FREE: [], STUCK: []}
    doubled = 0
    for number in range(size.rounds):
        for name, measured in seconds.items():
            say(f"round {number + 1}/{size.rounds}: {count:,} events, {name}, a crash")
            took, redelivered, again = await _trial(ground, count, stuck=name == STUCK)
            measured.append(took)
            repeated[name].append(redelivered)
            doubled += again
    for name, measured in seconds.items():
        findings.add(name, "new work after", "s", measured)
        findings.add(name, "redelivered", "", repeated[name])
    findings.add(STUCK, "effects doubled", "", [doubled])
    findings.at_most("new work after the restart, s", MOST_SECONDS, findings.middle(STUCK, "new work after"))
    findings.at_most("effects doubled", 0, doubled)
    findings.notes.append(
        f"{count:,} events of {KEYS:,} keys on one partition; kill -9, started again at once"
    )
    return findings


async def _trial(ground: Ground, count: int, *, stuck: bool) -> tuple[float, int, int]:
    """Seconds from the restart to new work, how many were redelivered, and how many effects were doubled."""
    async with effects.trial(ground, 1) as given:
        settings = given.model_copy(update={"instance_id": "the-same"})
        first = [effects.event("stuck", effects.Stick())] if stuck else []
        await records.publish(settings, first + effects.shuffled(KEYS, range(count)))
        await _until_crash(ground, settings, count)
        await records.publish(settings, effects.shuffled(KEYS, [count]))
        result = ground.folder / "stuck.json"
        file = spec.write(ground.folder / "stuck-spec.json", {"result": str(result), "count": 1})
        began = time()
        plan = processes.module("effects_worker", settings, file)
        found = await processes.work(plan, ground.folder, result, LIMIT_SECONDS)
        had, different = await effects.count(settings)
        assert different == count + 1, f"{different:,} of {count + 1:,} events had their effect"
    return found["first_at"] - began, found["repeated"], had - different


async def _until_crash(ground: Ground, settings: Settings, count: int) -> None:
    """Run a member until all events are done, and kill it. Raises EmbeddedFailure."""
    result = ground.folder / "crash.json"
    spec.forget(result)
    told = {"result": str(result), "count": count, "stays": True}
    plan = processes.module("effects_worker", settings, spec.write(ground.folder / "crash-spec.json", told))
    child = Child("crashing", ground.folder)
    command = [sys.executable, "-X", f"easymo={mark(ground.folder)}", *plan.python_arguments, *plan.arguments]
    await child.start(command, plan.environment)
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            while not result.exists():  # another process writes it
                if child.exit_code is not None:
                    raise EmbeddedFailure(f"the member ended by itself:\n{child.log_tail()}")
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        await child.kill()
