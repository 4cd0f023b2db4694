"""`easymo trace` and `easymo account` on the whole system: from Meta's message to the reply's delivery."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from click.testing import CliRunner

from infra.settings import Settings
from infra.simulator.chat import Chat
from scripts.cli import load
from tests.waiting import eventually


async def call(settings: Settings, command: str, *arguments: str) -> tuple[int, str]:
    """A command as people call it: exit code, and what it prints."""
    result = await asyncio.to_thread(
        lambda: CliRunner().invoke(
            load(command), list(arguments), env={**settings.explicit(), "COLUMNS": "250"}
        )
    )
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


async def test_a_message_is_followed_to_the_reply_and_everything_is_accounted_for(
    chat: Chat, settings: Settings
) -> None:
    phone = str(chat.person.phone)
    said = await chat.says("book ride")
    reply = await chat.hears("pick")
    traced: dict[str, Any] = {}

    async def is_over() -> bool:
        code, output = await call(settings, "trace", said.id, "--json")
        assert code == 0
        traced.update(json.loads(output))
        return {one["state"] for one in traced["now"]} <= {"processed", "unremembered"}

    await eventually(is_over)
    path = [(hop["what"], hop["topic"] or hop["consumer"]) for hop in traced["hops"]]
    assert path[0] == ("published", "whatsapp.inbound")
    for step in (("handled", "core"), ("published", "intents.mobility"), ("handled", "mobility"),
                 ("published", "whatsapp.outbound"), ("handled", "sender")):  # fmt: skip
        assert step in path
    assert not traced["not_in_kafka"]
    assert traced["messages"]
    assert phone not in json.dumps(traced)

    code, output = await call(settings, "trace", reply.id)  # what was sent has a wamid, too
    assert (code, "whatsapp.send_message" in output) == (0, True)
    code, output = await call(settings, "trace", f"+{phone}", "--show-contacts")
    assert (code, phone in output or str(chat.person.user_id) in output) == (0, True)
    code, output = await call(settings, "trace", "+250700000000")
    assert (code, "Nothing is known" in output) == (1, True)

    code, output = await call(settings, "account", "--from", "1h", "--json")
    account = json.loads(output)
    assert (code, account["unaccounted"]) == (0, 0)
    assert account["total"] > 4
