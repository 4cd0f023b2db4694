"""The whole system under every kind of fault, for a short while: the run that `make chaos` does at length."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.chaos_run.plan import Kind
from scripts.chaos_run.run import run

SEED = 4
SECONDS = 40.0
RATE = 15.0


@pytest.mark.timeout(400)
async def test_nothing_is_lost_doubled_or_put_out_of_order(tmp_path: Path) -> None:
    said: list[str] = []
    found = await run(tmp_path, seed=SEED, seconds=SECONDS, rate=RATE, say=said.append)
    assert found.holds, (found.as_json(), said)
    assert {struck.fault.kind for struck in found.struck} == set(Kind)
    assert found.counts["messages answered 200"] == RATE * SECONDS
    assert found.counts["messages that arrived"] >= found.counts["replies asked for"] > 0
