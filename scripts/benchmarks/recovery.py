"""The broker and the database are killed and started again under load: when is all caught up with?

It kills what it stands on, so it starts a Kafka and a PostgreSQL of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import product
from time import time

from pydantic import SecretStr

from infra.embedded.stack import EmbeddedStack
from scripts.benchmarks import effects, processes, spec
from scripts.benchmarks.effects_worker import LIMIT_SECONDS
from scripts.benchmarks.figures import Findings
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.pace import Pace, lag_is_over
from scripts.benchmarks.size import Size

RATE = 200.0
KEYS = 500
PARTITIONS = 4
AWAY_SECONDS, AWAY_SECONDS_QUICK = 5.0, 0.5  # how long it stays away
LAG = int(RATE * 0.25)  # events: a quarter of a second's, as there always are some under way
MOST_SECONDS = 15.0
LEAST_SECONDS = 25.0  # of load: longer than a recovery may take

Say = Callable[[str], None]
Act = Callable[[], Awaitable[None]]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """The broker, the database, and nobody, in each round."""
    findings = Findings("recovery")
    seconds: dict[str, list[float]] = {}
    folder = ground.folder / "recovery"
    folder.mkdir()
    async with EmbeddedStack(folder, cache_dir=ground.settings.cache_dir) as stack:
        own = ground.settings.model_copy(
            update={
                "kafka_bootstrap_servers": stack.kafka_bootstrap_servers,
                "postgres_dsn": SecretStr(stack.postgres_dsn),
            }
        )
        outages: dict[str, tuple[Act, Act] | None] = {
            "nothing restarted": None,
            "broker": (stack.kafka.kill, stack.kafka.start),
            "database": (stack.postgres.kill, stack.postgres.start),
        }
        names = ["broker"] if size.quick else list(outages)
        for number, name in product(range(size.rounds), names):
            outage = outages[name]
            say(f"round {number + 1}/{size.rounds}: {name}")
            seconds.setdefault(name, []).append(await _trial(Ground(own, folder), size, outage))
    for name, measured in seconds.items():
        findings.add(name, "lag is over after", "s", measured)
        if outages[name] is not None:
            findings.at_most(
                f"{name}: lag is over after, s", MOST_SECONDS, findings.middle(name, "lag is over after")
            )
    findings.notes.append(
        f"{RATE:,.0f}/s throughout; killed, away for {AWAY_SECONDS:g} s; from when it answers again"
    )
    return findings


async def _trial(ground: Ground, size: Size, outage: tuple[Act, Act] | None) -> float:
    """Seconds from the return until no more than usual is under way. Raises AssertionError."""
    async with effects.trial(ground, PARTITIONS) as settings:
        seconds = 2 * AWAY_SECONDS_QUICK if size.quick else max(LEAST_SECONDS, size.seconds)
        made = effects.shuffled(KEYS, range(int(RATE * 2 * seconds)))
        result = ground.folder / "recovery.json"
        told = {"result": str(result), "count": len(made) + 1, "each": True}
        plan = processes.module("effects_worker", settings, spec.write(ground.folder / "told.json", told))
        handling = asyncio.create_task(
            processes.work(plan, ground.folder, result, LIMIT_SECONDS + 2 * seconds)
        )
        await effects.warm_up(settings)
        pace = Pace(settings, made, RATE)
        pacing = asyncio.create_task(pace.run())
        await asyncio.sleep(seconds / 2)
        if outage is not None:
            kill, start = outage
            await kill()
            await asyncio.sleep(AWAY_SECONDS_QUICK if size.quick else AWAY_SECONDS)
            await start()
        returned = time()
        await pacing
        done = (await handling)["done"]
        had, different = await effects.count(settings)
        assert had == different == len(made) + 1, f"{had} effects, {different} different, of {len(made)}"
    return lag_is_over(pace.due, [at for _, at in done], returned, LAG) - returned
