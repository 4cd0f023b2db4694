"""One contact that sends thousands of messages: all are handled, in order, and nobody else waits for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from consumers.domain import Context, Decision, Domain, nothing
from consumers.runtime.service import Service
from infra.kafka.publisher import Output
from schemas import topics
from tests.integration.runtime.bench import Bench, Effects, Poke, event, poke
from tests.integration.runtime.world import Ask, World, asking
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]

FLOOD = 3_000
OTHERS = 500


def noting(**options: object) -> Domain:
    domain = Domain("probe", **options)  # type: ignore[arg-type]

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        effects.add(context.person, poke.number)
        return nothing()

    return domain


async def served(bench: Bench) -> int:
    return int(await bench.database.fetchval("SELECT count(DISTINCT person) FROM effect"))


@pytest.mark.parametrize("conversational", [True, False])
async def test_a_flood_from_one_contact(bench: Bench, serve: Serve, conversational: bool) -> None:
    flood = [poke("crowd", number) for number in range(FLOOD)]
    await bench.publish(flood)
    await bench.publish([poke(f"p{number}", number) for number in range(OTHERS)])
    await serve(noting(conversational=conversational), "dead_letters")

    async def all_others() -> bool:
        return await served(bench) == OTHERS + 1

    await eventually(all_others)
    behind = FLOOD - len(await bench.effects("crowd"))
    await bench.publish([poke("crowd", FLOOD + number) for number in range(20)])  # it goes on meanwhile
    await bench.effects_become(FLOOD + OTHERS + 20, seconds=60)
    assert await bench.effects("crowd") == list(range(FLOOD + 20))
    await bench.nothing_waits()
    assert behind > FLOOD / 2, "the others waited for the crowd"


async def test_a_flood_of_calls_for_one_contact(bench: Bench, serve: Serve) -> None:
    def ask(key: str, number: int) -> Output:
        return event(topics.intents("probe"), key, Ask(number=number))

    world = World()
    await bench.publish([ask("crowd", number) for number in range(300)])
    await bench.publish([ask(f"p{number}", number) for number in range(50)])
    await serve(asking(world), "dead_letters")
    await bench.effects_become(350)
    assert await bench.effects("crowd") == list(range(300))
    assert world.most_of_a_key == 1
    await bench.nothing_waits()
