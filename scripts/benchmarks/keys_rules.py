"""The work of the bench on keys, and the least time it can take. Pure but for the seeded generator."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

SEED = 20_240_611
LONGEST_WAIT_MS = 5
ZIPF_EXPONENT = 1.0


@dataclass(frozen=True, slots=True)
class Job:
    """One record: it waits for so long, in the order of its key; some fail after that."""

    key: str
    number: int
    wait_ms: int
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """How the records spread over keys. `zipf`: the n-th key is n times rarer than the first."""

    name: str
    keys: int
    zipf: bool = False
    failing_share: float = 0.0


SCENARIOS = (
    Scenario("10 keys", 10),
    Scenario("100 keys", 100),
    Scenario("1,000 keys", 1_000),
    Scenario("10,000 keys", 10_000),
    Scenario("1,000 keys, Zipf", 1_000, zipf=True),
    Scenario("1,000 keys, 1 % fail", 1_000, failing_share=0.01),
)


def jobs_of(scenario: Scenario, count: int) -> list[Job]:
    """The same jobs in each run."""
    chance = random.Random(SEED)  # noqa: S311 - to be repeatable, not to be secret
    numbers = range(count)
    if scenario.zipf:
        weights = [1 / (rank + 1) ** ZIPF_EXPONENT for rank in range(scenario.keys)]
        keys = chance.choices(range(scenario.keys), weights, k=count)
    else:
        keys = [number % scenario.keys for number in numbers]
        chance.shuffle(keys)
    failing = set(chance.sample(numbers, int(count * scenario.failing_share)))
    return [Job(f"key-{keys[n]}", n, chance.randint(0, LONGEST_WAIT_MS), fails=n in failing) for n in numbers]


def least_seconds(jobs: Iterable[Job], workers: int) -> float:
    """What the waiting alone takes: all workers busy throughout, or the longest key from end to end."""
    by_key: dict[str, int] = defaultdict(int)
    for job in jobs:
        by_key[job.key] += job.wait_ms
    return max(sum(by_key.values()) / workers, *by_key.values()) / 1000


def in_order(done: Iterable[tuple[str, int]]) -> bool:
    """Whether the numbers of each key only grow."""
    last: dict[str, int] = {}
    for key, number in done:
        if number <= last.get(key, -1):
            return False
        last[key] = number
    return True
