"""The same chat, with the simulator in another process (here: over its control API)."""

from __future__ import annotations

import pytest

from infra.simulator import NotHeard, RemoteSimulator, SimulatorUnreachable
from infra.simulator.errors import GraphError
from tests.integration.simulator.back_end import echo, running

ALINE = "250788123456"


async def test_a_conversation_over_http() -> None:
    async with running(echo) as back_end, RemoteSimulator(back_end.simulator.origin) as remote:
        chat = await remote.chat(ALINE, name="Aline")
        for words in ("one", "two", "three"):
            said = await chat.says(words)
            assert (await chat.hears(f"You said: {words}")).reply_to == said.id
        await chat.shares_location(-1.9441, 30.0619, "Kigali")
        await chat.hears("You said: location")
        assert (await chat.sends_photo(b"jpeg", "Look")).text == "Look"
        await chat.hears("You said: image")
        assert [message.by for message in chat.transcript] == ["person", "business"] * 5
        assert "EasyMO: You said: one" in str(chat)
        assert [found["name"] for found in await remote.people()] == ["Aline"]
        await chat.sees_status(chat.transcript[0], "delivered")


async def test_buttons_are_tapped_from_afar() -> None:
    async with running(echo) as back_end, RemoteSimulator(back_end.simulator.origin) as remote:
        chat = await remote.chat(ALINE)
        await chat.says("hi")
        replies = [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]
        interactive = {"type": "button", "body": {"text": "Sure?"}, "action": {"buttons": replies}}
        request = {"messaging_product": "whatsapp", "to": ALINE, "type": "interactive"}
        await back_end.send({**request, "interactive": interactive})
        await chat.hears_buttons("Yes")
        await chat.taps("yes")
        await back_end.until(lambda: len(back_end.messages()) == 2)
        assert back_end.messages()[1]["interactive"]["button_reply"] == {"id": "yes", "title": "Yes"}


async def test_what_was_there_before_is_shown_but_not_heard() -> None:
    async with running(echo) as back_end:
        local = back_end.simulator.chat(ALINE)
        await local.says("before")
        await local.hears("You said")
        async with RemoteSimulator(back_end.simulator.origin) as remote:
            chat = await remote.chat(ALINE)
            assert [message.text for message in chat.transcript] == ["before", "You said: before"]
            with pytest.raises(NotHeard, match="Refused sends: none"):
                await chat.hears("You said", within_seconds=0.05)


async def test_the_line_breaks_and_comes_back() -> None:
    async with running(echo) as back_end, RemoteSimulator(back_end.simulator.origin) as remote:
        chat = await remote.chat(ALINE)
        await back_end.simulator.stop_listening()
        with pytest.raises(SimulatorUnreachable):
            await chat.says("lost")
        await back_end.simulator.listen()
        await chat.says("found")
        await chat.hears("You said: found")


async def test_silence_and_another_number() -> None:
    async with running() as back_end, RemoteSimulator(back_end.simulator.origin) as remote:
        chat = await remote.chat(ALINE)
        await chat.says("hi")
        await chat.was_silent(25)
        assert (await back_end.send_text(ALINE, "Hello"))[1]["error"]["code"] == 131047
        await chat.changes_number("+250 788 999 999")
        await chat.says("new")
        await back_end.until(lambda: len(back_end.messages()) == 3)
        assert [message["from"] for message in back_end.messages()] == [ALINE, ALINE, "250788999999"]


async def test_what_is_refused_says_why() -> None:
    async with running() as back_end, RemoteSimulator(back_end.simulator.origin) as remote:
        chat = await remote.chat(ALINE)
        with pytest.raises(GraphError, match="supported type"):
            await chat.sends_photo(b"x", mime_type="image/tiff")
        with pytest.raises(ValueError, match="business-scoped"):
            await remote.chat()


async def test_nobody_is_there() -> None:
    with pytest.raises(SimulatorUnreachable, match=r"127\.0\.0\.1:9"):
        async with RemoteSimulator("http://127.0.0.1:9"):
            pass
