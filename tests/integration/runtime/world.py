"""What the tests of `performs` call: a stand-in for a service outside, and a domain that calls it."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from consumers.domain import Context, Decision, Domain, Doubt, Emit, nothing
from infra.settings import Settings
from schemas import topics
from schemas.model import EventData
from tests.integration.runtime.bench import Echo, Effects

Step = Callable[["World", int], Any]  # raises, or not; a coroutine is awaited


class Ask(EventData):
    """The event whose handler calls the world."""

    event_type: ClassVar[str] = "probe.ask.v1"

    number: int


class Beg(EventData):
    """The same, where a repeat does no harm at all."""

    event_type: ClassVar[str] = "probe.beg.v1"

    number: int


@dataclass
class World:
    """Notes every call; `script` says for a number what happens at its calls, one after the other."""

    script: dict[int, list[Step]] = field(default_factory=dict)
    at_record: dict[int, list[Step]] = field(default_factory=dict)
    answers: dict[int, list[Any]] = field(default_factory=dict)  # what is found out about a call in doubt
    calls: list[int] = field(default_factory=list)
    doubts: list[int] = field(default_factory=list)
    gates: dict[int, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    together: Counter[str] = field(default_factory=Counter)  # calls under way, by key
    most_of_a_key: int = 0
    most: int = 0

    async def call(self, key: str, number: int) -> None:
        """One call."""
        self.calls.append(number)
        self.together[key] += 1
        self.most_of_a_key = max(self.most_of_a_key, self.together[key])
        self.most = max(self.most, self.together.total())
        try:
            await asyncio.sleep(0)  # others may come in between
            await self.play(self.script, number)
        finally:
            self.together[key] -= 1

    async def play(self, script: dict[int, list[Step]], number: int) -> None:
        """The next step of the number's script, if there is one left."""
        steps = script.get(number)
        if steps:
            result = steps.pop(0)(self, number)
            if asyncio.iscoroutine(result):
                await result


def raises(error: Exception) -> Step:
    """A step that raises."""

    def step(_: World, __: int) -> None:
        raise error

    return step


async def until_open(world: World, number: int) -> None:
    """A step that lasts until the test opens the number's gate."""
    await world.gates[number].wait()


async def stubborn(world: World, number: int) -> None:
    """The same, deaf to its time limit: like a process that stood still meanwhile."""
    try:
        await world.gates[number].wait()
    except asyncio.CancelledError:  # the time limit; a second one ends the consumer
        await world.gates[number].wait()


def asking(world: World, *, in_doubt: Any = "repeat", seconds: float = 20, **options: Any) -> Domain:
    """A domain that calls the world for each Ask, and writes down that it was answered."""
    domain = Domain("probe", conversational=False, **options)

    @asynccontextmanager
    async def resources(_: Settings) -> AsyncIterator[dict[type, Any]]:
        yield {World: world}

    domain.resources = resources

    @domain.performs(Ask, in_doubt=in_doubt, seconds=seconds)
    async def perform(ask: Ask, context: Context, world: World) -> Echo:
        await world.call(context.person, ask.number)
        return Echo(number=ask.number)

    @domain.records(Ask)
    async def record(ask: Ask, echo: Echo, context: Context, effects: Effects, world: World) -> Decision:
        effects.add(context.person, echo.number)
        await world.play(world.at_record, ask.number)
        return nothing().emit(Emit(topics.events("probe"), context.person, echo))

    @domain.asks(Ask)
    async def find_out(ask: Ask, doubt: Doubt, context: Context, effects: Effects) -> Decision | None:
        world.doubts.append(ask.number)
        answer = world.answers[ask.number].pop(0)
        if isinstance(answer, Exception):
            raise answer
        if answer:
            effects.add(context.person, ask.number)
            return nothing()
        return None

    @domain.performs(Beg, idempotent=True, seconds=seconds)
    async def beg(beg: Beg, context: Context, world: World) -> Decision:
        await world.call(context.person, beg.number)
        return nothing()

    return domain
