"""The whole system under every kind of fault, for a short while: the run that `make chaos` does at length."""

from __future__ import annotations

import logging
from pathlib import Path

import orjson
import pytest

from scripts.chaos_run.plan import Kind
from scripts.chaos_run.run import run

SEED = 4
SECONDS = 30.0
RATE = 15.0


@pytest.fixture(autouse=True)
def no_news_of_a_broker_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    """Or whoever reads of a failure would read ten thousand lines of that."""
    for name in ("aiokafka", "aiokafka.consumer", "aiokafka.consumer.fetcher"):
        caplog.set_level(logging.CRITICAL, logger=name)


@pytest.mark.timeout(400)
async def test_nothing_is_lost_doubled_or_put_out_of_order(tmp_path: Path) -> None:
    said: list[str] = []
    found = await run(tmp_path, seed=SEED, seconds=SECONDS, rate=RATE, say=said.append, small=True)
    assert found.holds, "\n".join([orjson.dumps(found.as_json(), option=orjson.OPT_INDENT_2).decode(), *said])
    assert {struck.fault.kind for struck in found.struck if not struck.trouble} == set(Kind)
    # A slow machine writes fewer: nobody posts while the ingress is down, and it comes back when it can.
    assert found.counts["messages answered 200"] == found.counts["posts: written"] >= RATE * SECONDS / 2
    assert found.counts["messages that arrived"] >= found.counts["replies asked for"] > 0
