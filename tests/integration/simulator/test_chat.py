"""A conversation through the simulator reads like one."""

from __future__ import annotations

import pytest

from infra.simulator import NotHeard
from tests.integration.simulator.back_end import BackEnd, Json, echo, running

ALINE = "250788123456"


async def vehicles(back_end: BackEnd, message: Json) -> None:
    """Ask for a vehicle, then for the place."""
    if message["type"] == "interactive":
        reply = message["interactive"].get("list_reply") or message["interactive"]["button_reply"]
        await back_end.send_text(message["from"], f"{reply['title']} ({reply['id']}) it is. Where from?")
        return
    rows = [{"id": f"mobility:vehicle:{name}", "title": name} for name in ("Moto", "Cab", "Truck")]
    interactive = {
        "type": "list",
        "header": {"type": "text", "text": "Book a ride"},
        "body": {"text": "Which vehicle?"},
        "action": {"button": "Choose", "sections": [{"title": "Vehicles", "rows": rows}]},
    }
    await back_end.send(
        {
            "messaging_product": "whatsapp",
            "to": message["from"],
            "type": "interactive",
            "interactive": interactive,
        }
    )


async def test_words_are_answered() -> None:
    async with running(echo) as back_end:
        chat = back_end.simulator.chat(ALINE, name="Aline")
        said = await chat.says("book ride")
        heard = await chat.hears("you said: book ride")
        assert heard.reply_to == said.id
        assert [message.by for message in chat.transcript] == ["person", "business"]
        assert back_end.signed_well


async def test_a_row_is_tapped_by_its_title() -> None:
    async with running(vehicles) as back_end:
        chat = back_end.simulator.chat(ALINE, name="Aline")
        await chat.says("ride")
        shown = await chat.hears_list(title="Book a ride", rows=3)
        assert [row.title for row in shown.rows] == ["Moto", "Cab", "Truck"]
        await chat.taps("moto")
        await chat.hears("Moto (mobility:vehicle:Moto) it is")
        tapped = back_end.messages()[-1]
        assert tapped["context"] == {"from": "250796000000", "id": shown.id}


async def test_what_was_heard_is_not_heard_again() -> None:
    async with running(echo) as back_end:
        chat = back_end.simulator.chat(ALINE)
        await chat.says("one")
        await chat.hears("You said")
        with pytest.raises(NotHeard, match="You said: one"):
            await chat.hears("You said", within_seconds=0.05)
        await chat.says("two")
        await chat.hears_next("two")


async def test_a_missing_choice_lists_what_is_there() -> None:
    async with running(vehicles) as back_end:
        chat = back_end.simulator.chat(ALINE)
        await chat.says("ride")
        await chat.hears_list()
        with pytest.raises(NotHeard, match="Can be tapped last: 'Moto', 'Cab', 'Truck'"):
            await chat.taps("Boat", within_seconds=0.05)


async def test_several_people_talk_at_once() -> None:
    async with running(echo) as back_end:
        chats = [back_end.simulator.chat(f"25078800{number:04}") for number in range(20)]
        for chat in chats:
            await chat.says(f"I am {chat.person.phone}")
        for chat in chats:
            await chat.hears(f"You said: I am {chat.person.phone}")


async def test_the_challenge_is_asked_for() -> None:
    async with running() as back_end:
        assert await back_end.simulator.subscribe()
        back_end.simulator.webhook_url = "http://127.0.0.1:9/nobody"
        assert not await back_end.simulator.subscribe()
