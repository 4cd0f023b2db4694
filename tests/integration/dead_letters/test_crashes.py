"""Operators whose process dies at each step of an act: it is done wholly or not, and once in effect."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import asyncpg
import pytest

from consumers.dead_letters import acts
from consumers.domain import Context, Decision, Domain, Reject, Retry, nothing
from consumers.runtime.service import Service
from infra.settings import Settings, child_environment
from schemas import topics
from schemas.events.jobs import LapseJob
from tests.chaos.cluster import ROOT
from tests.integration.dead_letters.desk import WHO, Desk
from tests.integration.runtime.bench import Bench, Effects, Poke, event, poke
from tests.waiting import eventually

Act: TypeAlias = Callable[[Any, int], Awaitable[object]]
ORDERED = {"probe": True}
LATER = "2026-05-31T08:30:00Z"
RIGHT = b'{"job": "7", "open_until": "%s"}' % LATER.encode()
STEPS_LIMIT = 20
LETTERS = 400
REDRIVER = (sys.executable, "-m", "tests.integration.dead_letters.redriver")


class Died(Exception):
    """The operator's process is gone."""


class Dying:
    """A connection whose process is killed right after the statement of this number: the server sees no
    more of it than that the connection is cut."""

    def __init__(self, connection: Any, last: int) -> None:
        self._connection = connection
        self._left = last

    async def _after(self, result: Any) -> Any:
        self._left -= 1
        if not self._left:
            self._connection.terminate()
            raise Died
        return result

    async def fetch(self, *arguments: Any) -> Any:
        return await self._after(await self._connection.fetch(*arguments))

    async def fetchval(self, *arguments: Any) -> Any:
        return await self._after(await self._connection.fetchval(*arguments))

    async def execute(self, *arguments: Any) -> Any:
        return await self._after(await self._connection.execute(*arguments))


class Failing:
    """A domain in which pokes fail until it is `mended`, and jobs until they have a number for a name."""

    def __init__(self, *, ordered: bool) -> None:
        self.mended = False
        self.domain = Domain("probe", ordered=ordered)

        @self.domain.handles(Poke)
        async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
            if not self.mended and poke.what:
                raise Reject("as asked") if poke.what == "reject" else Retry("not now")
            effects.add(context.person, poke.number)
            return nothing()

        @self.domain.handles(LapseJob)
        async def lapsed(lapse: LapseJob, context: Context, effects: Effects) -> Decision:
            if not lapse.job.isdecimal():
                raise Retry(f"no job is called {lapse.job}")
            effects.add(context.person, int(lapse.job))
            return nothing()


async def redrive(connection: Any, letter: int) -> object:
    return await acts.redrive(connection, [letter], WHO, ORDERED)


async def discard(connection: Any, letter: int) -> object:
    return await acts.discard(connection, [letter], WHO, "not worth it")


async def edit(connection: Any, letter: int) -> None:
    await acts.edit(connection, letter, RIGHT, WHO, "a typing error")


async def state(owner: asyncpg.Connection[Any]) -> list[list[asyncpg.Record]]:
    """All that an act may change."""
    return [
        await owner.fetch(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 - constants
        for table in ("dead_letters.letter", "dead_letters.log", "runtime.later")
    ]


async def die_at_each_step(settings: Settings, act: Act, letter: int, owner: asyncpg.Connection[Any]) -> int:
    """Have the act's process die after each statement, then before the commit, then after it; how many
    statements there are. Until the commit nothing has changed, and afterwards no more does."""
    before = await state(owner)
    for step in range(1, STEPS_LIMIT):
        connection = await asyncpg.connect(settings.need("postgres_dsn"))
        await connection.execute('SET ROLE easymo_dead_letters; SET search_path = "dead_letters"')
        transaction = connection.transaction()
        await transaction.start()
        try:
            await act(Dying(connection, step), letter)
        except Died:
            assert await state(owner) == before
            continue
        connection.terminate()  # done, and not committed
        assert await state(owner) == before
        connection = await asyncpg.connect(settings.need("postgres_dsn"))
        await connection.execute('SET ROLE easymo_dead_letters; SET search_path = "dead_letters"')
        async with connection.transaction():
            await act(connection, letter)
        connection.terminate()  # committed, and the operator was not told
        assert len((await state(owner))[1]) == len(before[1]) + 1  # one line in the log
        return step - 1
    raise AssertionError("the act does not end")


CASES: list[tuple[Act, str, bool, list[int]]] = [
    (redrive, "reject", False, [1, 2]),
    (redrive, "reject", True, [1, 2]),  # parked: behind what waits
    (redrive, "wait", False, [1, 2]),
    (discard, "wait", True, [2]),  # and what waited behind it goes on
    (discard, "reject", False, [2]),
    (edit, "wait", False, [2, 7]),
]


@pytest.mark.parametrize(("act", "what", "ordered", "effects"), CASES)
async def test_an_act_is_done_once_or_not_at_all(  # noqa: PLR0917 - pytest gives them by name
    bench: Bench,
    desk: Desk,
    owner: asyncpg.Connection[Any],
    settings: Settings,
    act: Act,
    what: str,
    ordered: bool,
    effects: Sequence[int],
) -> None:
    failing = Failing(ordered=ordered)
    first = poke("a", 1, what=what)
    if act is edit:
        first = event(topics.intents("probe"), "a", LapseJob(job="seven", open_until=LATER))
    await bench.publish([first, poke("a", 2)])
    async with Service(settings, [failing.domain, "dead_letters"]).running():
        (letter,) = await desk.statuses_become("dead" if what == "reject" else "waiting")

        async def second_is_settled() -> bool:
            return bool(await bench.effects()) or len(await bench.waiting()) == 2

        await eventually(second_is_settled)
    steps = await die_at_each_step(settings, act, letter["id"], owner)
    assert steps >= 2
    failing.mended = True
    async with Service(settings, [failing.domain, "dead_letters"]).running():
        await act_again(desk, act, letter["id"])
        await bench.make_due()
        await bench.nothing_waits()
        await desk.look_now()
        await desk.statuses_become("discarded" if act is discard else "resolved")
    assert sorted(await bench.effects()) == effects
    done = [name for _, name, _ in await desk.log(letter["id"])]
    assert done.count(act.__name__) == (2 if act is edit else 1)


async def act_again(desk: Desk, act: Act, letter: int) -> None:
    """The operator, who was not told, does it once more: an edit is made anew, all else is refused by now."""
    async with desk.pool.acquire() as connection, connection.transaction():
        try:
            again = await act(connection, letter)
        except acts.NotPossible:  # its next try came first
            return
    assert again is None or not getattr(again, "done", ())


async def test_kill_9_of_an_operator_who_redrives_many(bench: Bench, desk: Desk, settings: Settings) -> None:
    failing = Failing(ordered=False)
    await bench.publish([poke(f"p{number % 50}", number, what="reject") for number in range(LETTERS)])
    async with Service(settings, [failing.domain, "dead_letters"]).running():
        await desk.statuses_become(*["dead"] * LETTERS)
        failing.mended = True
        environment = child_environment(settings.explicit())
        operator = await asyncio.create_subprocess_exec(*REDRIVER, "100", cwd=ROOT, env=environment)

        async def begun() -> bool:
            statuses = set(await desk.statuses())
            return "dead" in statuses and len(statuses) > 1

        await eventually(begun)
        operator.kill()
        await operator.wait()
        assert "dead" in await desk.statuses()
        again = await asyncio.create_subprocess_exec(*REDRIVER, "10000", cwd=ROOT, env=environment)
        async with asyncio.timeout(60):
            assert await again.wait() == 0
        await bench.effects_become(LETTERS)
        await desk.statuses_become(*["resolved"] * LETTERS)
    assert sorted(await bench.effects()) == list(range(LETTERS))
    redriven = "SELECT count(*), count(DISTINCT letter) FROM log WHERE act = 'redrive'"
    assert await desk.pool.fetchrow(redriven) == (LETTERS, LETTERS)
