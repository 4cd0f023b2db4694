"""A bad deployment: the consumer stops itself instead of draining a topic into the dead letters."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial

import pytest

from consumers.domain import Context, Decision, Domain, Reject, nothing
from consumers.runtime.service import Service
from consumers.runtime.surge import WINDOW_SECONDS, Surge, SurgeGuard
from tests.integration.runtime.bench import Bench, Effects, Poke, poke
from tests.waiting import eventually

KEYS = 30


def rejecting() -> Domain:
    domain = Domain("probe", workers=1, chunk=10)

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        if poke.what == "reject":
            raise Reject("as asked")
        effects.add(context.person, poke.number)
        return nothing()

    return domain


async def test_too_many_keys_that_die_stop_the_consumer(bench: Bench) -> None:
    await bench.publish([poke(f"p{number}", number, what="reject") for number in range(300)])
    with pytest.raises(Surge, match=f"{KEYS + 10} keys"):
        await Service(bench.settings, [rejecting()], surge=partial(SurgeGuard, keys_limit=KEYS)).run()
    assert (await bench.outcomes())["dead"] == KEYS + 10  # the chunk that was one too many, and no more
    await bench.publish([poke("good", 1)])
    now = 0.0
    guard = partial(SurgeGuard, resumed=True, keys_limit=KEYS, clock=lambda: now)
    service = Service(bench.settings, [rejecting()], surge=guard)
    goes_on = asyncio.create_task(service.run())
    await bench.effects_become(1)
    await bench.outcome_becomes("dead", 300)

    async def all_noted() -> bool:  # which comes after the commit: or the clock would be turned before it
        return service.consumers[0].surge.keys() == 300 - (KEYS + 10)

    await eventually(all_noted)
    assert not goes_on.done()
    now = 2 * WINDOW_SECONDS
    await bench.publish([poke(f"q{number}", number, what="reject") for number in range(300)])
    with pytest.raises(Surge):  # the next one
        await goes_on
    died = (await bench.outcomes())["dead"] - 300
    assert KEYS < died <= KEYS + 10  # chunks may be smaller, as they come while it runs


async def test_a_surge_in_one_consumer_leaves_the_others_of_its_process_at_work(bench: Bench) -> None:
    await bench.publish([poke(f"p{number}", number, what="reject") for number in range(100)])
    guard = partial(SurgeGuard, keys_limit=KEYS)
    service = Service(bench.settings, [rejecting(), "dead_letters"], surge=guard)
    running = asyncio.create_task(service.run())

    async def has_left() -> bool:
        probe = next((each for each in service.consumers if each.name == "probe"), None)
        return probe is not None and probe.fatal is not None and probe.consumer is None

    await eventually(has_left)
    letters = "SELECT count(*) FROM dead_letters.letter"

    async def told() -> bool:  # what died before it stopped has become letters: the collector goes on
        return int(await bench.database.fetchval(letters)) >= KEYS

    await eventually(told)
    assert not running.done()
    good, said = service.ready()
    assert not good
    assert "easymo consume probe --resume-after-surge" in said["why"]["probe"]
    assert set(said["why"]) == {"probe"}
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Surge):
        await running


async def test_one_contact_that_sends_rubbish_stops_nobody(bench: Bench) -> None:
    await bench.publish([poke("rubbish", number, what="reject") for number in range(100)])
    await bench.publish([poke("good", 1)])
    guard = partial(SurgeGuard, keys_limit=KEYS)
    async with Service(bench.settings, [rejecting(), "dead_letters"], surge=guard).running() as service:
        await bench.outcome_becomes("dead", 100)
        assert await bench.effects_become(1) == [1]
        assert "probe" not in service.ready()[1]["why"]
