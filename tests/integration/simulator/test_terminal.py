"""A phone in the terminal: what a line does, what a script prints, what a number taps."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from infra.simulator import RemoteSimulator, terminal
from infra.simulator.picture import hills
from infra.simulator.terminal import Terminal
from tests.integration.simulator.back_end import BackEnd, Json, OnMessage, echo, running

ALINE = "250788123456"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """These bots answer once: nothing more comes that a script should wait for."""
    monkeypatch.setattr(terminal, "SETTLED_SECONDS", 0.02)


async def asking(back_end: BackEnd, message: Json) -> None:
    """Ask for a choice, then name it."""
    if message["type"] == "interactive":
        await back_end.send_text(message["from"], f"Chosen: {message['interactive']['button_reply']['id']}")
        return
    replies = [{"type": "reply", "reply": {"id": f"id:{name}", "title": name}} for name in ("Yes", "No")]
    interactive = {"type": "button", "body": {"text": "Sure?"}, "action": {"buttons": replies}}
    request = {"messaging_product": "whatsapp", "to": message["from"], "type": "interactive"}
    await back_end.send({**request, "interactive": interactive})


async def played(
    lines: list[str], bot: OnMessage | None, *, as_json: bool = False, answer_seconds: float = 10
) -> tuple[list[str], str, int]:
    """What a script prints, what it notes, and how many lines got no answer."""
    console, notes = Console(file=io.StringIO(), width=200), Console(file=io.StringIO(), width=200)

    async def read() -> AsyncIterator[str]:
        for line in lines:
            yield f"{line}\n"

    async with running(bot) as back_end, RemoteSimulator(back_end.simulator.origin) as remote:
        chat = await remote.chat(ALINE, name="Aline")
        phone = Terminal(remote, chat, console, notes, as_json=as_json, answer_seconds=answer_seconds)
        await phone.run(read(), scripted=True)
    shown, noted = console.file, notes.file
    assert isinstance(shown, io.StringIO)
    assert isinstance(noted, io.StringIO)
    return shown.getvalue().splitlines(), noted.getvalue(), phone.unanswered


async def test_a_script_waits_for_each_answer() -> None:
    printed, noted, unanswered = await played(["one", "", "two", "/quit", "three"], echo)
    assert printed == ["Aline: one", "EasyMO: You said: one", "Aline: two", "EasyMO: You said: two"]
    assert (noted, unanswered) == ("", 0)


async def test_a_number_taps() -> None:
    printed, _, _ = await played(["hi", "2", "9"], asking)
    assert printed[1:3] == ["EasyMO: Sure?", "        [1 Yes] [2 No]"]
    assert printed[3:5] == ["Aline: No", "EasyMO: Chosen: id:No"]
    assert printed[5] == "Aline: 9"


async def test_a_tap_on_what_is_not_there_is_told_and_the_script_goes_on() -> None:
    printed, noted, unanswered = await played(["hi", "/tap Perhaps", "/tap no"], asking, answer_seconds=0.5)
    assert "Nothing to tap is called “Perhaps”. Shown last: Yes, No." in noted
    assert printed[-1] == "EasyMO: Chosen: id:No"
    assert unanswered == 1


async def test_places_and_files(tmp_path: Path) -> None:
    photo = tmp_path / "hills.png"
    photo.write_bytes(hills(32, 20))
    lines = ["/location nyabugogo", "/location -1.5, 30.25", f"/photo {photo} Look", "/say 1"]
    printed, _, _ = await played(lines, echo)
    assert "Aline: [◉ location -1.9397, 30.0447]" in printed
    assert "Aline: [◉ location -1.5, 30.25]" in printed
    assert "EasyMO: You said: image" in printed
    assert printed[-1] == "EasyMO: You said: 1"


async def test_what_it_does_not_understand() -> None:
    lines = ["/dance", "/location nowhere", "/photo /nowhere.jpg", "/people", "/help", "/document"]
    printed, noted, unanswered = await played(lines, echo)
    assert (printed, unanswered) == ([], 0)
    assert "/dance is not known" in noted
    assert "Nyabugogo bus park" in noted
    assert "No such file" in noted
    assert f"{ALINE}  Aline" in noted


async def test_without_an_answer_it_says_so() -> None:
    _, noted, unanswered = await played(["anyone?"], None, answer_seconds=0.05)
    assert unanswered == 1
    assert "No answer within 0.05 s. Webhooks:" in noted


async def test_json_lines() -> None:
    printed, _, _ = await played(["one"], echo, as_json=True)
    assert [orjson.loads(line)["text"] for line in printed] == ["one", "You said: one"]
