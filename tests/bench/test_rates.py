"""The benches of how much is done in a second run to their end, and say what they should."""

from __future__ import annotations

import pytest

from scripts.benchmarks import contracts, end_to_end, ingress, keys, ledger, runtime
from scripts.benchmarks.ground import Ground
from tests.bench.running import run


async def test_the_ingress_and_the_bare_app_answer_without_errors(ground: Ground) -> None:
    findings = await run(ingress.bench, ground)
    for subject in (ingress.OURS, ingress.BARE, f"{ingress.OURS} at 1,000/s", f"{ingress.BARE} at 1,000/s"):
        assert findings.middle(subject, "requests") > 0
        assert findings.middle(subject, "errors") == 0


async def test_the_runtime_and_its_comparisons_publish_as_much(ground: Ground) -> None:
    findings = await run(runtime.bench, ground)
    ours = findings.middle(runtime.OURS, "outputs")
    assert findings.middle(runtime.PLAIN, "outputs") == pytest.approx(ours, rel=0.1)
    assert findings.middle(runtime.BARE, "outputs") == pytest.approx(ours, rel=0.01)


async def test_order_is_held_with_few_keys_and_with_many(ground: Ground) -> None:
    findings = await run(keys.bench, ground)
    assert {figure.subject for figure in findings.figures} >= set(keys.QUICK_SCENARIOS)


async def test_every_message_is_answered(ground: Ground) -> None:
    findings = await run(end_to_end.bench, ground)
    for stage in end_to_end.STAGES_QUICK:
        assert findings.middle(stage.name, "unanswered") == 0
        assert findings.middle(stage.name, "p50") > 0


async def test_the_ledger_and_its_comparisons_post_every_transfer(ground: Ground) -> None:
    findings = await run(ledger.bench, ground)
    for number in ledger.ACCOUNTS_QUICK:
        for way in (ledger.TOPICS, ledger.ALONE, ledger.BULK, ledger.FUNCTIONS, ledger.VERIFY):
            assert findings.middle(f"{number:,} accounts", way) > 0


async def test_events_are_decoded_and_a_topic_of_them_audited(ground: Ground) -> None:
    findings = await run(contracts.bench, ground)
    for name in contracts.EVENTS:
        for measure in (contracts.PLAIN, contracts.DECODED, contracts.WHOLE):
            assert findings.middle(name, measure) > 0
    assert findings.middle(contracts.LIFTED, contracts.DECODED) > 0
    assert findings.middle(contracts.AUDIT, "records") > 0
