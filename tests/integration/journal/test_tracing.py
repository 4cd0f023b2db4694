"""`easymo trace` of events that were handled, wait, died, were overtaken, or were not handled yet."""

from __future__ import annotations

import json
from typing import Any

import pytest

from consumers.domain import Decision, Domain, Turn, stay
from consumers.runtime.service import Service
from infra.kafka.publisher import Output
from schemas import topics
from tests.integration.journal.scene import POKES, call, probe, skip
from tests.integration.runtime.bench import Bench, poke
from tests.integration.runtime.chatter import conversational, turn


def install(monkeypatch: pytest.MonkeyPatch, domain: Domain) -> None:
    """The commands find the domain as if it were installed."""
    monkeypatch.setattr("scripts.trace.domain_names", lambda: ["probe"])
    for module in ("scripts.trace", "scripts.replay"):
        monkeypatch.setattr(f"{module}.load_domain", lambda _: domain)


async def trace(bench: Bench, record: Output) -> dict[str, Any]:
    """What the command says of an event."""
    result = await call(bench, "trace", dict(record.headers)["ce_id"].decode(), "--from", "1h", "--json")
    assert result.exit_code == 0, result.output
    said: dict[str, Any] = json.loads(result.stdout)
    return said


def path(traced: dict[str, Any]) -> list[tuple[str, str]]:
    """What happened, and where or by whom."""
    return [(hop["what"], hop["topic"] or hop["consumer"]) for hop in traced["hops"]]


async def test_each_end_is_told(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, probe())
    fine, dead, later, timer = (
        poke(f"p{n}", n, what=what) for n, what in enumerate(["", "dead", "later", "timer"])
    )
    await bench.publish([fine, dead, later, timer])
    async with Service(bench.settings, [probe()]).running():
        await bench.effects_become(2)
        await bench.outcome_becomes("dead")
        await bench.outcome_becomes("deferred")
    new = poke("p0", 9)
    await bench.publish([new])

    told = await trace(bench, fine)
    assert path(told) == [("published", POKES), ("handled", "probe"), ("published", topics.events("probe"))]
    assert [one["state"] for one in told["now"]] == ["processed"]

    told = await trace(bench, dead)
    assert path(told) == [("published", POKES), ("set aside", "probe")]
    assert (told["hops"][1]["reason"], told["now"][0]["state"]) == ("as asked", "dead")

    told = await trace(bench, later)
    row = await bench.database.fetchrow("SELECT due FROM runtime.later WHERE kind = 'deferred'")
    assert row is not None
    assert told["now"][0]["state"] == "waiting"
    assert told["now"][0]["until"] == row["due"].isoformat()
    assert "as asked" in told["now"][0]["reason"]

    told = await trace(bench, timer)  # the timer that it set waits, too
    assert sorted(one["state"] for one in told["now"]) == ["processed", "waiting"]

    told = await trace(bench, new)
    assert path(told) == [("published", POKES)]
    assert told["now"][0]["state"] == "in_flight"

    unknown = await call(bench, "trace", "00000000-0000-5000-8000-000000000000", "--from", "1h")
    assert (unknown.exit_code, "Nothing is known" in unknown.stdout) == (1, True)


async def test_a_repaired_turn_does_not_take_effect_after_a_later_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    domain = conversational()

    @domain.starts("go")
    async def go(turn: Turn) -> Decision:
        heard.append(turn.text)
        return stay()

    install(monkeypatch, domain)
    missed = turn("anna", 1, "first", intent="go")
    await bench.publish([missed, turn("anna", 2, "second", intent="go")])
    await skip(bench, "anna")
    async with Service(bench.settings, [domain]).running():
        await bench.outcome_becomes("processed")
        replayed = await call(bench, "replay", POKES, "--to", "probe", "--from", "1h", "--type", "core.none")
        assert replayed.exit_code == 0, replayed.output
        replayed = await call(bench, "replay", POKES, "--to", "probe", "--from", "1h", "--contact", "anna")
        assert replayed.exit_code == 0, replayed.output
        await bench.outcome_becomes("superseded")
    assert heard == ["second"]
    assert [one["state"] for one in (await trace(bench, missed))["now"]] == ["superseded"]
