"""Order, where it is hardest to keep: while what waited is on its way back, and whatever comes in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import islice

from consumers.domain import Context, Decision, Domain, Retry, Turn, nothing
from consumers.runtime.records import pack_record, unpack_record
from consumers.runtime.service import Service
from tests.integration.runtime.bench import Bench, Effects, Poke, poke
from tests.integration.runtime.chatter import conversational, turn
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]

HOUR = timedelta(hours=1)
SOON = timedelta(milliseconds=20)
KEYS = ("a", "b", "c")


def failing(fails: dict[int, list[timedelta]]) -> Domain:
    """An ordered domain. `fails`: for a number, after how long it is tried again, one for each failure."""
    domain = Domain("probe", ordered=True, workers=3, chunk=7, conversational=False)

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        after = fails.get(poke.number)
        if after and poke.what != "mended":
            raise Retry("as asked", after=after.pop(0))
        effects.add(context.person, poke.number)
        return nothing()

    return domain


async def test_new_events_while_parked_ones_are_being_released(bench: Bench, serve: Serve) -> None:
    """Some fail once more on their way back, and those behind them park again."""
    first, total = 40, 160
    fails = {number: [HOUR] for number in range(len(KEYS))}
    fails |= {number: [SOON, SOON] for number in range(10, total, 17)}
    numbers = iter(range(total))

    async def publish(count: int) -> None:
        await bench.publish([poke(KEYS[n % len(KEYS)], n) for n in islice(numbers, count)])

    await publish(first)
    await serve(failing(fails), "dead_letters")
    await bench.outcome_becomes("parked", first - len(KEYS))
    assert await bench.effects() == []
    await bench.make_due()
    for done in range(1, 1 + (total - first) // 10):
        await publish(10)
        await bench.effects_become(done * 5)  # half: there are always some under way
    await bench.effects_become(total)
    for place, key in enumerate(KEYS):
        assert await bench.effects(key) == list(range(place, total, len(KEYS)))
    await bench.nothing_waits()


async def test_what_is_discarded_frees_those_behind_it_in_their_order(bench: Bench, serve: Serve) -> None:
    """Whether it waits, or is on its way back already: its copy finds nothing."""
    await bench.publish([poke("a", number) for number in range(6)])
    service = await serve(failing({0: [HOUR], 3: [HOUR]}))
    await bench.outcome_becomes("parked", 5)
    await serve("dead_letters")
    await bench.database.execute("DELETE FROM runtime.later WHERE kind = 'deferred'")
    assert await bench.effects_become(2) == [1, 2]  # and 3 fails: the rest parks again
    await bench.rows_become("SELECT FROM runtime.later WHERE kind = 'deferred'")
    await service.consumers[0].drain()  # so that the copy stays on its way
    await bench.publish([poke("a", 6)])
    await bench.make_due()
    await bench.rows_become("SELECT FROM runtime.later WHERE kind = 'deferred' AND sent_at IS NOT NULL")
    await bench.database.execute("DELETE FROM runtime.later WHERE kind = 'deferred'")
    await serve(failing({3: [HOUR]}))
    await bench.effects_become(5)
    await bench.nothing_waits()
    assert await bench.effects() == [1, 2, 4, 5, 6]


async def test_what_is_edited_keeps_its_place(bench: Bench, serve: Serve) -> None:
    """Also when the copy with the old words is on its way by then."""
    await bench.publish([poke("a", number) for number in range(4)])
    service = await serve(failing({0: [HOUR]}))
    await bench.outcome_becomes("parked", 3)
    await service.consumers[0].drain()
    await serve("dead_letters")
    await bench.database.execute("UPDATE runtime.later SET due = now() WHERE kind = 'deferred'")
    await bench.rows_become("SELECT FROM runtime.later WHERE kind = 'deferred' AND sent_at IS NOT NULL")
    row = await bench.database.fetchrow("SELECT id, record FROM runtime.later WHERE kind = 'deferred'")
    assert row is not None
    _, headers = unpack_record(row["record"])
    mended = pack_record(Poke(number=100, what="mended").write(), headers)
    await bench.database.execute(
        "UPDATE runtime.later SET record = $2, delivery = delivery + 1, sent_at = NULL WHERE id = $1",
        row["id"],
        mended,
    )
    await serve(failing({0: [HOUR] * 9}))
    assert await bench.effects_become(4) == [100, 1, 2, 3]
    await bench.nothing_waits()


async def test_a_deferred_turn_that_races_a_later_one(bench: Bench, serve: Serve) -> None:
    """Both at once, for many persons, on two topics: the earlier one comes first, or not at all."""
    persons = [f"p{number}" for number in range(60)]
    domain = conversational(workers=4, chunk=5)
    failed: set[str] = set()

    @domain.starts("talk")
    async def talk(turn: Turn, effects: Effects) -> Decision:
        if turn.person not in failed:
            failed.add(turn.person)
            raise Retry("as asked", after=HOUR)
        effects.add(turn.person, turn.number)
        return nothing()

    await bench.publish([turn(person, 1, "first", intent="talk") for person in persons])
    await serve(domain, "dead_letters")
    await bench.outcome_becomes("deferred", len(persons))
    await bench.make_due()
    for start in range(0, len(persons), 6):
        await bench.publish([turn(p, 2, "second", intent="talk") for p in persons[start : start + 6]])
    await bench.nothing_waits()

    async def all_have_heard() -> bool:
        outcomes = await bench.outcomes()
        return outcomes.get("processed", 0) + outcomes.get("superseded", 0) == 2 * len(persons)

    await eventually(all_have_heard)
    for person in persons:
        assert await bench.effects(person) in ([1, 2], [2])
