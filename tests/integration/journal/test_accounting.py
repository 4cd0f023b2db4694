"""Every event is accounted for; one that was passed over is named, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from consumers.dead_letters.acts import discard
from consumers.runtime.accounting import State, TooOld
from consumers.runtime.service import Service
from infra.kafka.publisher import Output
from tests.integration.journal.scene import POKES, account_for, call, probe, skip
from tests.integration.runtime.bench import Bench, poke
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]

WAYS = {1: "dead", 2: "later", 3: "timer", 4: "cancel"}


def add_up(states: dict[tuple[str, str], Counter[State]]) -> dict[State, int]:
    """Over all topics."""
    return dict(sum(states.values(), Counter()))


async def test_every_end_is_accounted_for_and_a_hole_is_named(bench: Bench) -> None:
    unreadable = Output(POKES, b"p0", b"\xff", [("ce_id", b"none")])
    await bench.publish([*(poke(f"p{n % 5}", n, what=WAYS.get(n, "")) for n in range(20)), unreadable])
    async with Service(bench.settings, [probe(), "dead_letters"]).running():
        await bench.effects_become(18)
        await bench.outcome_becomes("dead", 2)
        await bench.outcome_becomes("deferred")

    found = await account_for(bench, probe())
    assert add_up(found.states) == {State.PROCESSED: 18, State.DEAD: 2, State.WAITING: 1}
    assert list(found.waits_until) == [("probe", POKES)]

    lost, after = poke("p0", 100), poke("p0", 101)
    await bench.publish([lost, after])
    in_flight = await account_for(bench, probe())
    assert add_up(in_flight.states)[State.IN_FLIGHT] == 2
    assert in_flight.unaccounted == 0

    await skip(bench, "p0")
    async with Service(bench.settings, [probe()]).running():
        await bench.effects_become(19)
    found = await account_for(bench, probe())
    assert [str(one.event_id).encode() for one in found.missing] == [dict(lost.headers)["ce_id"]]
    assert found.unaccounted == 1
    assert "no outcome is recorded" in found.missing[0].why


async def test_what_was_set_aside_and_waits_no_more_is_named(bench: Bench) -> None:
    await bench.publish([poke("p1", 1, what="later"), poke("p2", 2)])
    async with Service(bench.settings, [probe()]).running():
        await bench.outcome_becomes("deferred")
        await bench.effects_become(1)
    assert (await account_for(bench, probe())).unaccounted == 0
    await bench.database.execute("DELETE FROM runtime.later")
    found = await account_for(bench, probe())
    assert [one.why for one in found.missing] == ["it was deferred, and nothing waits any more"]


async def test_what_an_operator_gave_up_is_no_hole(bench: Bench, serve: Serve) -> None:
    await bench.publish([poke("p1", 1, what="later")])
    await serve(probe(), "dead_letters")
    await bench.rows_become("SELECT FROM dead_letters.letter WHERE status = 'waiting'")
    async with bench.database.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL search_path = dead_letters")
        letter = await connection.fetchval("SELECT id FROM letter")
        assert (await discard(connection, [letter], "me", "as asked")).done == (letter,)
    found = await account_for(bench, probe())
    assert add_up(found.states) == {State.DEAD: 1}


async def test_what_waited_and_was_handled_then_is_counted_once_for_each_copy(
    bench: Bench, serve: Serve
) -> None:
    await bench.publish([poke("p1", 1, what="later")])
    await serve(probe(), "dead_letters")
    await bench.outcome_becomes("deferred")
    await bench.make_due()
    await bench.effects_become(1)
    await bench.nothing_waits()

    async def settled() -> bool:
        states = add_up((await account_for(bench, probe())).states)
        return states == {State.PROCESSED: 2}  # in its own topic, and on its way back

    await eventually(settled)


async def test_the_command_says_what_is_missing_and_masks_numbers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.account.load_domain", lambda _: probe())
    number = "250788123456"
    await bench.publish([poke(number, 1)])
    arguments = ["--from", "1h", "--consumer", "probe", "--json"]
    assert (await call(bench, "account", *arguments)).exit_code == 0  # it is in flight
    await skip(bench, number)
    result = await call(bench, "account", *arguments)
    assert result.exit_code == 1
    said = json.loads(result.stdout)
    assert said["unaccounted"] == 1
    assert said["missing"][0]["key"] == "+250****456"
    shown = await call(bench, "account", "--from", "1h", "--consumer", "probe", "--show-contacts")
    assert number in shown.stdout
    with pytest.raises(TooOld):
        await call(bench, "account", "--from", "30d")
