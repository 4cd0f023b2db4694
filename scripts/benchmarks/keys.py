"""Order by key: 10,000 records of one partition that wait 0–5 ms each, with few and with many keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import consumers
from infra.kafka.publisher import Output
from infra.settings import Settings
from schemas import topics
from schemas.envelope import Envelope
from schemas.ids import content_id
from scripts.benchmarks import processes, records, spec
from scripts.benchmarks.figures import Findings
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.keys_rules import SCENARIOS, Job, jobs_of, least_seconds
from scripts.benchmarks.keys_worker import DOMAIN, LIMIT_SECONDS, WORKERS, Work
from scripts.benchmarks.size import Size

COUNT, COUNT_QUICK = 10_000, 500
SAMPLE, SAMPLE_QUICK = 1_000, 50  # of the plain subscriber, which would take 25 s for all
TOPICS = {
    topics.intents(DOMAIN): 1,
    topics.redelivery(DOMAIN): 1,
    topics.DEAD_LETTERS: 1,
}
GOAL = "1,000 keys"
QUICK_SCENARIOS = ("10 keys", GOAL, "1,000 keys, 1 % fail")

Say = Callable[[str], None]


async def bench(ground: Ground, size: Size, say: Say) -> Findings:
    """Each scenario in each round; the plain subscriber takes a sample of one."""
    findings = Findings("keys")
    count, sample = (COUNT_QUICK, SAMPLE_QUICK) if size.quick else (COUNT, SAMPLE)
    scenarios = [s for s in SCENARIOS if not size.quick or s.name in QUICK_SCENARIOS]
    seconds: dict[str, list[float]] = {scenario.name: [] for scenario in scenarios}
    plain: list[float] = []
    for number in range(size.rounds):
        for scenario in scenarios:
            say(f"round {number + 1}/{size.rounds}: {scenario.name}")
            found = await _trial(ground, "runtime", jobs_of(scenario, count))
            seconds[scenario.name].append(found["seconds"])
        say(f"round {number + 1}/{size.rounds}: plain subscriber, {sample:,} records")
        found = await _trial(ground, "plain", jobs_of(SCENARIOS[0], sample))
        plain.append(found["seconds"] * count / sample)
    for scenario in scenarios:
        findings.add(scenario.name, "all done after", "s", seconds[scenario.name])
        findings.add(
            scenario.name, "at the very least", "s", [least_seconds(jobs_of(scenario, count), WORKERS)]
        )
    findings.add("plain FastStream subscriber", f"from {sample:,} records", "s", plain)
    findings.at_most(f"{GOAL}, all done after, s", 0.45, findings.middle(GOAL, "all done after"))
    findings.notes.append(
        f"{count:,} records, {WORKERS} workers; the order within each key was checked, and held, in every run"
    )
    return findings


async def _trial(ground: Ground, subject: str, jobs: Sequence[Job]) -> dict[str, Any]:
    """One run. Raises AssertionError when something was lost or out of order."""
    migrations = [Path(consumers.__file__).parent / "runtime", Path(DOMAIN)]  # the latter for its role
    async with ground.trial(migrations=migrations) as settings:
        await ground.make_topics(settings, TOPICS)
        await records.publish(settings, [_record(job) for job in jobs])
        return await _run(ground, settings, subject, jobs)


async def _run(ground: Ground, settings: Settings, subject: str, jobs: Sequence[Job]) -> dict[str, Any]:
    result = ground.folder / "keys.json"
    given = {"subject": subject, "count": len(jobs), "result": str(result)}
    file = spec.write(ground.folder / "keys-spec.json", given)
    plan = processes.module("keys_worker", settings, file)
    found = await processes.work(plan, ground.folder, result, LIMIT_SECONDS)
    failing = sum(job.fails for job in jobs)
    assert (found["done"], found["failed"]) == (len(jobs) - failing, failing), f"records were lost: {found}"
    assert found["in_order"], "records of a key were handled out of order"
    return found


def _record(job: Job) -> Output:
    work = Work(**asdict(job))
    value = work.write()
    envelope = Envelope(
        id=content_id("bench", value),
        type=work.event_type,
        source="/bench",
        subject=job.key,
        time=datetime.now(UTC),
        dataschema=work.dataschema(),
        correlation_id="",
        causation_id="",
        traceparent=records.TRACEPARENT.decode(),
    )
    return Output(topics.intents(DOMAIN), job.key.encode(), value, envelope.headers())
