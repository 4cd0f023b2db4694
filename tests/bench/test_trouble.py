"""The benches of bad luck run to their end, and say what they should."""

from __future__ import annotations

from scripts.benchmarks import flood, poison, recovery, redrive, stuck, timers
from scripts.benchmarks.ground import Ground
from tests.bench.running import run


async def test_timers_come_once(ground: Ground) -> None:
    findings = await run(timers.bench, ground)
    assert findings.middle("2,000 waiting, 3 replicas", "p50") > 0
    assert findings.middle("2,000 waiting, 3 replicas", "sent twice") == 0


async def test_poison_hurts_nobody_else(ground: Ground) -> None:
    findings = await run(poison.bench, ground)
    assert all(findings.middle(name, "events") > 0 for name in (poison.NONE, poison.HARDEST))


async def test_a_crash_behind_a_stuck_record_doubles_nothing(ground: Ground) -> None:
    findings = await run(stuck.bench, ground)
    assert findings.middle(stuck.STUCK, "redelivered") > 0  # before the new work; others may come after it
    assert findings.middle(stuck.STUCK, "effects doubled") == 0


async def test_a_flood_leaves_nobody_out(ground: Ground) -> None:
    findings = await run(flood.bench, ground)
    assert findings.middle(flood.WITH, "p95") > 0


async def test_what_was_killed_is_caught_up_with(ground: Ground) -> None:
    findings = await run(recovery.bench, ground)
    assert {figure.subject for figure in findings.figures} == {"broker"}


async def test_every_letter_is_handled_again_once(ground: Ground) -> None:
    findings = await run(redrive.bench, ground)
    assert findings.middle(redrive.OURS, "handled") > 0
    assert findings.middle(redrive.PLAIN, "inserted") > 0
