"""The bot of `easymo simulator --bot` shows every kind of message, all within Meta's limits."""

from __future__ import annotations

import pytest

from infra.simulator import Simulator, show_bot

ALINE = "250788123456"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody watches it typing."""
    monkeypatch.setattr(show_bot, "THINKS_SECONDS", 0.0)


async def test_every_kind_is_taken() -> None:
    async with Simulator() as simulator:
        bot = show_bot.ShowBot(simulator.exchange)
        chat = simulator.chat(ALINE, name="Aline")
        await chat.says("hi")
        await chat.hears("Muraho Aline")
        await chat.hears_list("What shall I show?", rows=10)
        for kind in show_bot.KINDS:
            said = await chat.says(kind)
            await chat.hears("")
            await chat.sees_status(said, "read")
        await chat.taps("Keep it")
        await chat.hears("Thank you for the *button*")
        assert [name for name in simulator.exchange.counts if name.startswith("refused")] == []
        await bot.stop()
