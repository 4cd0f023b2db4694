"""What runs beside a consumer: one loop's defect is that loop's alone, and is told."""

from __future__ import annotations

import asyncio

import pytest

from consumers.decision import Fatal
from consumers.runtime import beside
from consumers.runtime.beside import Beside


async def test_a_loop_that_fails_is_named_and_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "AGAIN_SECONDS", 0)
    running, begun = asyncio.Event(), 0

    async def loop() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise ValueError("a defect")
        running.set()
        await asyncio.Event().wait()

    services = Beside("probe")
    keeping = asyncio.create_task(services.keep("loop", loop))
    async with asyncio.timeout(10):
        await running.wait()
    assert services.failing() == {"loop": "ValueError"}
    monkeypatch.setattr(beside, "WELL_SECONDS", -1.0)  # time has passed
    assert services.failing() == {}
    assert not keeping.done()
    keeping.cancel()


async def test_what_trying_again_cannot_mend_is_raised() -> None:
    async def loop() -> None:
        raise Fatal("no such topic")

    with pytest.raises(Fatal):
        await Beside("probe").keep("loop", loop)
