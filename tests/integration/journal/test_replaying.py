"""Replays on the real stack: what was missed takes effect; what was handled does so only when it is to."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from consumers.domain import Domain
from consumers.runtime.accounting import TooOld
from consumers.runtime.replay_choice import Refused
from consumers.runtime.service import Service
from infra.journal.moments import NoMoment
from infra.journal.replays import NoSuchReplay
from infra.kafka.publisher import Output, Publisher
from schemas import topics
from tests.integration.journal.scene import POKES, account_for, call, probe, skip
from tests.integration.runtime.bench import Bench, poke
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]
HEARD = topics.events("probe")


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch) -> Domain:
    """The probe, found by the command as if it were installed."""
    found = probe()
    for module in ("scripts.replay", "scripts.account"):
        monkeypatch.setattr(f"{module}.load_domain", lambda _: found)
    return found


async def replay(bench: Bench, *arguments: str) -> dict[str, Any]:
    """What the command says it did."""
    result = await call(bench, "replay", *arguments, "--json")
    assert result.exit_code == 0, result.output
    said: dict[str, Any] = json.loads(result.stdout)
    return said


async def handled(bench: Bench, records: list[Output], effects: int) -> None:
    """The consumer handles these, and stops."""
    await bench.publish(records)
    async with Service(bench.settings, [probe(), "dead_letters"]).running():
        await bench.effects_become(effects)


async def test_a_repair_makes_only_what_was_missed_take_effect(
    bench: Bench, serve: Serve, domain: Domain
) -> None:
    await handled(bench, [poke(f"p{n}", n) for n in range(6)], 6)
    lost = [poke("p0", 10), poke("p0", 11, what="dead"), Output(POKES, b"p0", b"\xff", [("ce_id", b"none")])]
    await bench.publish(lost)
    await skip(bench, "p0", len(lost))
    assert (await account_for(bench, domain)).unaccounted == 3

    counted = await replay(bench, POKES, "--to", "probe", "--from", "1h", "--dry-run")
    assert (counted["total"], counted["handled"], counted["takes_effect"]) == (9, 6, 3)
    await serve(domain, "dead_letters")
    assert await bench.effects() != []
    done = await replay(bench, POKES, "--to", "probe", "--from", "1h")
    assert done["takes_effect"] == 3
    assert sorted(await bench.effects_become(7)) == [0, 1, 2, 3, 4, 5, 10]
    await bench.outcome_becomes("dead", 2)
    assert (await account_for(bench, domain)).unaccounted == 0
    await bench.events_become(HEARD, 7)  # a repair publishes what follows

    assert (await replay(bench, POKES, "--to", "probe", "--from", "1h"))["takes_effect"] == 0
    assert len(await bench.effects()) == 7


async def test_what_waited_and_got_lost_is_repaired_and_what_waits_is_left_alone(
    bench: Bench, serve: Serve, domain: Domain
) -> None:
    await bench.publish([poke("p1", 1, what="later"), poke("p2", 2, what="later")])
    async with Service(bench.settings, [probe()]).running():
        await bench.outcome_becomes("deferred", 2)
    await bench.database.execute("DELETE FROM runtime.later WHERE key = 'p1'")
    said = await replay(bench, POKES, "--to", "probe", "--from", "1h")
    assert (said["takes_effect"], said["waits"]) == (1, 1)
    await serve(domain)
    assert await bench.effects_become(1) == [1]


async def test_a_rebuild_keeps_the_state_and_publishes_nothing(
    bench: Bench, serve: Serve, domain: Domain
) -> None:
    await handled(bench, [poke("p0", n, what="timer" if n == 2 else "") for n in range(4)], 4)
    before = [dict(row) for row in await bench.waiting()]
    published = await bench.event_ids(HEARD)
    await bench.database.execute("DELETE FROM probe.effect")

    said = await replay(bench, POKES, "--to", "probe", "--from", "1h", "--again")
    assert (said["takes_effect"], said["emits"]) == (4, False)
    await serve(domain, "dead_letters")
    assert await bench.effects_become(4) == [0, 1, 2, 3]
    assert await bench.event_ids(HEARD) == published
    assert [dict(row) for row in await bench.waiting()] == before  # timers, too, are left as they are

    await replay(bench, POKES, "--to", "probe", "--from", "1h", "--again")  # another replay is another time
    assert len(await bench.effects_become(8)) == 8


async def test_outputs_are_published_again_only_where_that_is_declared_safe(
    bench: Bench, serve: Serve, domain: Domain
) -> None:
    await handled(bench, [poke("p0", 1)], 1)
    published = await bench.event_ids(HEARD)
    arguments = [POKES, "--to", "probe", "--from", "1h", "--again", "--emit"]
    with pytest.raises(Refused, match="does not declare"):
        await replay(bench, *arguments)
    domain.may_emit_again = True
    await replay(bench, *arguments)
    await serve(domain)
    await bench.effects_become(2)
    await bench.outcome_becomes("processed", 2)

    async def ids() -> set[bytes]:
        return await bench.event_ids(HEARD) - published

    await eventually(ids)
    assert len(await ids()) == 1  # another id: readers do not take it for the first one


async def test_an_interrupted_replay_goes_on_without_doubles(
    bench: Bench, serve: Serve, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    await handled(bench, [poke(f"p{n % 5}", n) for n in range(40)], 40)
    await bench.database.execute("DELETE FROM probe.effect")
    monkeypatch.setattr("consumers.runtime.replaying.BATCH", 10)
    publish = Publisher.publish
    calls = 0

    async def killed(self: Publisher, outputs: list[Output]) -> None:
        nonlocal calls
        await publish(self, outputs)
        calls += 1
        if calls == 3:  # published, and not written down
            raise KeyboardInterrupt

    monkeypatch.setattr(Publisher, "publish", killed)
    with pytest.raises((KeyboardInterrupt, AssertionError)):
        await replay(bench, POKES, "--to", "probe", "--from", "1h", "--again")
    monkeypatch.setattr(Publisher, "publish", publish)
    number = await bench.database.fetchval("SELECT id FROM runtime.replay WHERE finished_at IS NULL")
    said = await replay(bench, "--resume", str(number))
    assert said["total"] == 40
    await serve(domain)
    await bench.effects_become(40)
    await bench.publish([poke("p0", 99)])
    assert sorted(await bench.effects_become(41)) == [*range(40), 99]
    with pytest.raises(NoSuchReplay, match="all of its range"):
        await replay(bench, "--resume", str(number))


async def test_only_the_contact_and_the_type_and_the_offsets_asked_for(bench: Bench, domain: Domain) -> None:
    number = "250788123456"
    await handled(bench, [poke(number, 1), poke(number, 2), poke("p2", 3)], 3)
    asked = [POKES, "--to", "probe", "--again", "--dry-run"]
    assert (await replay(bench, *asked, "--from", "1h", "--contact", number))["takes_effect"] == 2
    assert (await replay(bench, *asked, "--from", "1h", "--type", "probe.poke"))["takes_effect"] == 3
    assert (await replay(bench, *asked, "--from", "1h", "--type", "probe.tick"))["filtered"] == 3
    found = [await replay(bench, *asked, "--offsets", f"{partition}:0-0") for partition in range(4)]
    assert 1 <= sum(one["total"] for one in found) <= 3
    assert (await replay(bench, *asked, "--from", "1h", "--until", "30m"))["total"] == 0


async def test_what_cannot_be_replayed_is_refused_with_a_reason(bench: Bench, domain: Domain) -> None:
    await bench.publish([poke("p0", 1)])
    refused = {
        ("intents.other", "--from", "1h"): "does not read",
        (topics.redelivery("probe"), "--from", "1h"): "holds copies",
        (POKES, "--from", "1h", "--emit"): "goes with --again",
        (POKES, "--from", "10d"): "remembered for 9 days",
        (POKES, "--from", "yesterday"): "is no time",
    }
    for (topic, *rest), reason in refused.items():
        with pytest.raises((Refused, TooOld, NoMoment), match=reason):
            await call(bench, "replay", topic, "--to", "probe", *rest)
    assert await bench.database.fetchval("SELECT count(*) FROM runtime.replay") == 0
    wrong = await call(bench, "replay", POKES, "--to", "probe")
    assert wrong.exit_code == 2
    assert "--from" in wrong.output
