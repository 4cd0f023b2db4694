"""The control API, the feed and the page's files."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import orjson
import pytest

from tests.integration.simulator.back_end import BackEnd, Json, echo, running

ALINE = "250788123456"


async def ask(back_end: BackEnd, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
    """Status and JSON of a control request."""
    url = f"{back_end.simulator.origin}/_simulator/{path}"
    async with back_end.session.request(method, url, json=body, **options) as answer:
        return answer.status, await answer.json()


async def ask_without_end(back_end: BackEnd) -> None:
    """Ask until something goes wrong. Raises TimeoutError when nothing does."""
    async with asyncio.timeout(10):
        while True:
            await ask(back_end, "GET", "state")


async def next_event(stream: Any, what: str) -> Json:
    """The next event of a kind. Raises TimeoutError."""
    async with asyncio.timeout(10):
        while True:
            line = await stream.content.readline()
            if line.startswith(b"data: "):
                event: Json = orjson.loads(line[6:])
                if event["what"] == what:
                    return event


async def test_someone_is_added_and_talks() -> None:
    async with running(echo) as back_end:
        status, person = await ask(back_end, "POST", "people", {"phone": f"+{ALINE}", "name": "Aline"})
        assert (status, person["key"], person["name"]) == (200, ALINE, "Aline")
        path = f"people/{ALINE}/messages"
        _, said = await ask(back_end, "POST", path, {"text": "hello"})
        await back_end.simulator.chat(ALINE).hears("You said: hello")
        _, messages = await ask(back_end, "GET", path)
        assert [message["text"] for message in messages] == ["hello", "You said: hello"]
        _, later = await ask(back_end, "GET", f"{path}?after={said['sequence']}")
        assert [message["by"] for message in later] == ["business"]
        _, people = await ask(back_end, "GET", "people")
        assert [found["key"] for found in people] == [ALINE]


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"location": {"latitude": -1.9, "longitude": 30.1, "name": "Kigali"}}, "location"),
        ({"reaction": {"message": "wamid.x", "emoji": "👍"}}, "reaction"),
        ({"contact": {"name": "Eric M", "phone": "250788000002"}}, "contacts"),
        ({"raw": {"type": "hologram", "hologram": {}}}, "hologram"),
        ({"text": "yes", "reply_to": "wamid.x"}, "text"),
    ],
)
async def test_every_way_to_speak(sent: Json, kind: str) -> None:
    async with running() as back_end:
        await ask(back_end, "POST", "people", {"phone": ALINE})
        status, message = await ask(back_end, "POST", f"people/{ALINE}/messages", sent)
        assert (status, message["type"]) == (200, kind)
        await back_end.until(back_end.messages)
        assert back_end.messages()[0]["type"] == kind


async def test_a_tap_needs_something_to_tap() -> None:
    async with running() as back_end:
        chat = back_end.simulator.chat(ALINE)
        await chat.says("hi")
        replies = [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]
        interactive = {"type": "button", "body": {"text": "Sure?"}, "action": {"buttons": replies}}
        request = {"messaging_product": "whatsapp", "to": ALINE, "type": "interactive"}
        await back_end.send({**request, "interactive": interactive})
        asked = await chat.hears_buttons("Yes")
        path = f"people/{ALINE}/messages"
        status, _ = await ask(back_end, "POST", path, {"tap": {"message": asked.id, "id": "yes"}})
        assert status == 200
        status, answer = await ask(back_end, "POST", path, {"tap": {"message": asked.id, "id": "no"}})
        assert (status, "no such row" in answer["error"]) == (400, True)


async def test_a_photo_is_sent_and_shown() -> None:
    async with running() as back_end:
        await ask(back_end, "POST", "people", {"phone": ALINE})
        url = f"{back_end.simulator.origin}/_simulator/people/{ALINE}/media?caption=Look"
        async with back_end.session.post(url, data=b"png", headers={"Content-Type": "image/png"}) as answer:
            message = await answer.json()
        assert (message["type"], message["content"]["caption"]) == ("image", "Look")
        shown = f"{back_end.simulator.origin}/_simulator/media/{message['content']['id']}"
        async with back_end.session.get(shown) as answer:
            assert (await answer.read(), answer.content_type) == (b"png", "image/png")
            assert "sandbox" in answer.headers["Content-Security-Policy"]


async def test_trouble_is_switched_on_and_off() -> None:
    async with running() as back_end:
        _, fault = await ask(back_end, "POST", "faults", {"kind": "error", "code": 131000, "times": 3})
        _, faults = await ask(back_end, "GET", "faults")
        assert [found["id"] for found in faults] == [fault["id"]]
        assert (await ask(back_end, "DELETE", f"faults/{fault['id']}"))[1] == {"cleared": 1}
        assert (await ask(back_end, "DELETE", "faults"))[1] == {"cleared": 0}
        status, answer = await ask(back_end, "POST", "faults", {"kind": "flood"})
        assert (status, "flood" in answer["error"]) == (400, True)


async def test_settings_change_while_it_runs() -> None:
    async with running() as back_end:
        changed = {"statuses": ["sent"], "updates_per_post": 50, "pair_rate": True, "webhook_url": None}
        _, state = await ask(back_end, "PATCH", "state", changed)
        assert {name: state[name] for name in changed} == changed
        status, _ = await ask(back_end, "PATCH", "state", {"webhook_url": "file:///etc"})
        assert status == 400


async def test_silence_templates_and_account_updates() -> None:
    async with running() as back_end:
        chat = back_end.simulator.chat(ALINE)
        await chat.says("hi")
        await ask(back_end, "POST", f"people/{ALINE}/silent", {"hours": 30})
        assert (await back_end.send_text(ALINE, "Hello"))[1]["error"]["code"] == 131047
        template = {"name": "again", "language": "en", "body": "Come back", "buttons": ["Yes"]}
        assert (await ask(back_end, "POST", "templates", template))[0] == 200
        assert (await ask(back_end, "POST", "templates", {**template, "body": "{{1}}"}))[0] == 400
        update = {"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT"}}
        assert (await ask(back_end, "POST", "account", update))[0] == 200
        await back_end.until(lambda: len(back_end.values()) == 2)


async def test_arrivals_are_read_as_lines() -> None:
    async with running(echo) as back_end:
        await ask(back_end, "POST", "arrivals", {"on": True})
        chat = back_end.simulator.chat(ALINE)
        said = await chat.says("hi")
        await chat.hears("You said")
        async with back_end.session.get(f"{back_end.simulator.origin}/_simulator/arrivals") as answer:
            at_ns, to, data, in_reply_to, left_ns = orjson.loads(await answer.read())
        assert (to, data, in_reply_to) == (ALINE, None, said.id)
        assert at_ns > left_ns


async def test_connections_are_refused_for_a_while() -> None:
    async with running() as back_end:
        assert (await ask(back_end, "POST", "refuse", {"seconds": 0}))[0] == 400
        assert (await ask(back_end, "POST", "refuse", {"seconds": 600}))[0] == 200
        with pytest.raises(aiohttp.ClientError):
            await ask_without_end(back_end)
        await back_end.simulator.listen()
        assert (await ask(back_end, "GET", "state"))[0] == 200


async def test_after_a_while_they_are_taken_again() -> None:
    async with running() as back_end:
        await back_end.simulator.refuse_for(0.01)
        assert (await ask(back_end, "GET", "state"))[0] == 200


async def test_the_feed_tells_what_happens() -> None:
    async with running(echo) as back_end:
        chat, other = back_end.simulator.chat(ALINE), back_end.simulator.chat("250788000002")
        url = f"{back_end.simulator.origin}/_simulator/feed"
        async with back_end.session.get(url, params={"person": ALINE}) as stream:
            await stream.content.readline()
            await other.says("not mine")
            await chat.says("hello")
            said = await next_event(stream, "message")
            assert (said["person"]["key"], said["message"]["text"]) == (ALINE, "hello")
            assert (await next_event(stream, "message"))["message"]["text"] == "You said: hello"
            assert (await next_event(stream, "update"))["message"]["status"] in ("sent", "delivered", "read")
            await ask(back_end, "POST", "faults", {"kind": "error"})
            assert await next_event(stream, "state")


async def test_only_the_own_page_may_steer() -> None:
    async with running() as back_end:
        status, _ = await ask(back_end, "POST", "faults", {}, headers={"Origin": "http://evil.example"})
        assert status == 403
        status, _ = await ask(back_end, "GET", "state", headers={"Host": "evil.example"})
        assert status == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "people", {}),
        ("POST", "people", []),
        ("POST", "people/1/messages", {"text": "x"}),
        ("POST", f"people/{ALINE}/messages", {}),
        ("POST", f"people/{ALINE}/messages", {"text": " "}),
        ("POST", f"people/{ALINE}/messages", {"location": {"lat": 1}}),
        ("GET", f"people/{ALINE}/messages?after=x", None),
        ("POST", "account", {}),
    ],
)
async def test_what_does_not_fit_is_explained(method: str, path: str, body: Any) -> None:
    async with running() as back_end:
        back_end.simulator.chat(ALINE)
        status, answer = await ask(back_end, method, path, body)
        assert (status, bool(answer["error"])) == (400, True)


async def test_health_and_unknown_files() -> None:
    async with running() as back_end:
        async with back_end.session.get(f"{back_end.simulator.origin}/health") as answer:
            assert answer.status == 200
        async with back_end.session.get(f"{back_end.simulator.origin}/page/..%2fchat.py") as answer:
            assert answer.status == 404


async def test_the_page_and_its_files() -> None:
    async with running() as back_end:
        for path, kind in (
            ("/", "text/html"),
            ("/page/app.js", "text/javascript"),
            ("/page/desk.css", "text/css"),
        ):
            async with back_end.session.get(f"{back_end.simulator.origin}{path}") as answer:
                assert (answer.status, answer.content_type) == (200, kind)
                assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
