"""A defect in the collector: what waits is still published, the process says that it is unready."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from consumers.dead_letters import collector
from consumers.domain import Context, Decision, Domain, Retry, nothing
from consumers.runtime import beside
from consumers.runtime.service import Service
from tests.integration.dead_letters.desk import Desk
from tests.integration.runtime.bench import Bench, Effects, Poke, poke
from tests.waiting import eventually

Serve = Callable[..., Awaitable[Service]]


async def test_when_letters_cannot_be_kept_what_waits_goes_on(
    bench: Bench, desk: Desk, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    domain = Domain("probe")

    @domain.handles(Poke)
    async def poked(poke: Poke, context: Context, effects: Effects) -> Decision:
        if context.event.attempt == 0:
            raise Retry("the first time", after=timedelta(0))
        effects.add(context.person, poke.number)
        return nothing()

    monkeypatch.setattr(beside, "AGAIN_SECONDS", 0.05)
    with monkeypatch.context() as broken:
        broken.setattr(collector, "read", lambda raw: raw.no_such_thing)
        await bench.publish([poke("a", 1)])
        service = await serve(domain, "dead_letters")
        assert await bench.effects_become(1) == [1]

        async def unready() -> bool:
            return not service.ready()[0]

        await eventually(unready)
        failing = service.health()[1]["consumers"]["dead_letters"]["failing"]
        assert failing == {"collect_letters": "AttributeError"}
        assert await desk.statuses() == []
    monkeypatch.setattr(beside, "WELL_SECONDS", 0.0)
    await desk.statuses_become("resolved")
    assert service.ready()[0]
