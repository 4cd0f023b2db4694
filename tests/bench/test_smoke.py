"""Every bench runs to its end in `--quick`, says what it should, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from scripts.benchmarks import (
    contracts,
    end_to_end,
    flood,
    ingress,
    keys,
    ledger,
    poison,
    recovery,
    redrive,
    runtime,
    stuck,
    timers,
)
from scripts.benchmarks.figures import Findings
from scripts.benchmarks.ground import Ground
from scripts.benchmarks.size import QUICK, Size

Bench = Callable[[Ground, Size, Callable[[str], None]], Awaitable[Findings]]


async def _run(bench: Bench, ground: Ground) -> Findings:
    said: list[str] = []
    findings = await bench(ground, QUICK, said.append)
    assert said, "progress is told"
    connection = await asyncpg.connect(ground.settings.need("postgres_dsn"))
    try:
        left = await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname LIKE 'bench_%'")
    finally:
        await connection.close()
    assert left == 0
    return findings


async def test_the_ingress_and_the_bare_app_answer_without_errors(ground: Ground) -> None:
    findings = await _run(ingress.bench, ground)
    for subject in (ingress.OURS, ingress.BARE, f"{ingress.OURS} at 1,000/s", f"{ingress.BARE} at 1,000/s"):
        assert findings.middle(subject, "requests") > 0
        assert findings.middle(subject, "errors") == 0


async def test_the_runtime_and_its_comparisons_publish_as_much(ground: Ground) -> None:
    findings = await _run(runtime.bench, ground)
    ours = findings.middle(runtime.OURS, "outputs")
    assert findings.middle(runtime.PLAIN, "outputs") == pytest.approx(ours, rel=0.1)
    assert findings.middle(runtime.BARE, "outputs") == pytest.approx(ours, rel=0.01)


async def test_order_is_held_with_few_keys_and_with_many(ground: Ground) -> None:
    findings = await _run(keys.bench, ground)
    assert {figure.subject for figure in findings.figures} >= set(keys.QUICK_SCENARIOS)


async def test_every_message_is_answered(ground: Ground) -> None:
    findings = await _run(end_to_end.bench, ground)
    for stage in end_to_end.STAGES_QUICK:
        assert findings.middle(stage.name, "unanswered") == 0
        assert findings.middle(stage.name, "p50") > 0


async def test_timers_come_once(ground: Ground) -> None:
    findings = await _run(timers.bench, ground)
    assert findings.middle("2,000 waiting, 3 replicas", "p50") > 0
    assert findings.middle("2,000 waiting, 3 replicas", "sent twice") == 0


async def test_poison_hurts_nobody_else(ground: Ground) -> None:
    findings = await _run(poison.bench, ground)
    assert all(findings.middle(name, "events") > 0 for name in (poison.NONE, poison.HARDEST))


async def test_a_crash_behind_a_stuck_record_doubles_nothing(ground: Ground) -> None:
    findings = await _run(stuck.bench, ground)
    assert findings.middle(stuck.STUCK, "redelivered") >= stuck.COUNT_QUICK
    assert findings.middle(stuck.STUCK, "effects doubled") == 0


async def test_a_flood_leaves_nobody_out(ground: Ground) -> None:
    findings = await _run(flood.bench, ground)
    assert findings.middle(flood.WITH, "p95") > 0


async def test_what_was_killed_is_caught_up_with(ground: Ground) -> None:
    findings = await _run(recovery.bench, ground)
    assert {figure.subject for figure in findings.figures} == {"broker"}


async def test_every_letter_is_handled_again_once(ground: Ground) -> None:
    findings = await _run(redrive.bench, ground)
    assert findings.middle(redrive.OURS, "handled") > 0
    assert findings.middle(redrive.PLAIN, "inserted") > 0


async def test_the_ledger_and_its_comparisons_post_every_transfer(ground: Ground) -> None:
    findings = await _run(ledger.bench, ground)
    for number in ledger.ACCOUNTS_QUICK:
        for way in (ledger.TOPICS, ledger.ALONE, ledger.BULK, ledger.FUNCTIONS, ledger.VERIFY):
            assert findings.middle(f"{number:,} accounts", way) > 0


async def test_events_are_decoded_and_a_topic_of_them_audited(ground: Ground) -> None:
    findings = await _run(contracts.bench, ground)
    for name in contracts.EVENTS:
        for measure in (contracts.PLAIN, contracts.DECODED, contracts.WHOLE):
            assert findings.middle(name, measure) > 0
    assert findings.middle(contracts.LIFTED, contracts.DECODED) > 0
    assert findings.middle(contracts.AUDIT, "records") > 0
