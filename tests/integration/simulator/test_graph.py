"""The Graph API over HTTP: who may send, what is refused, media up and down."""

from __future__ import annotations

import aiohttp
import pytest

from infra.simulator import Template
from tests.integration.simulator.back_end import BackEnd, Json, running

ALINE = "250788123456"


def a_text(to: str = ALINE, **more: object) -> Json:
    """The body of a request that sends text."""
    return {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "Hello"}, **more}


def upload(data: bytes, mime_type: str, product: str = "whatsapp") -> aiohttp.FormData:
    """The multipart body of an upload."""
    form = aiohttp.FormData()
    form.add_field("messaging_product", product)
    form.add_field("type", mime_type)
    form.add_field("file", data, filename="a.jpg", content_type=mime_type)
    return form


async def raw_post(back_end: BackEnd, body: bytes, path: str = "messages") -> tuple[int, int]:
    """HTTP status and Meta's code for a body as it is."""
    simulator = back_end.simulator
    url = f"{simulator.base_url}/{simulator.phone_number_id}/{path}"
    headers = {"Authorization": f"Bearer {simulator.access_token}", "Content-Type": "application/json"}
    async with back_end.session.post(url, data=body, headers=headers) as answer:
        return answer.status, (await answer.json())["error"]["code"]


async def test_the_answer_names_contact_and_message() -> None:
    async with running() as back_end:
        await back_end.simulator.chat(ALINE).says("hi")
        status, answer = await back_end.send(a_text(to="+250 788 123 456"))
        assert status == 200
        assert answer["contacts"][0]["input"] == "+250 788 123 456"
        assert answer["contacts"][0]["wa_id"] == ALINE
        assert answer["messages"][0]["id"].startswith("wamid.")


async def test_without_the_token_nothing_is_sent() -> None:
    async with running() as back_end:
        status, answer = await back_end.send(a_text(), token="wrong")
        assert (status, answer["error"]["code"]) == (401, 190)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe"])
async def test_what_is_no_request(body: bytes) -> None:
    async with running() as back_end:
        assert await raw_post(back_end, body) == (400, 100)


async def test_another_number_does_not_exist() -> None:
    async with running() as back_end:
        back_end.simulator.phone_number_id = "999"  # what the request names, not what exists
        status, answer = await back_end.send(a_text())
        assert (status, answer["error"]["code"]) == (400, 100)


async def test_outside_the_window_a_template_is_needed() -> None:
    async with running() as back_end:
        simulator = back_end.simulator
        simulator.exchange.templates.add(Template("come_back", "en", body="Hello {{1}}, come back."))
        status, answer = await back_end.send(a_text())
        assert (status, answer["error"]["code"]) == (400, 131047)
        chat = simulator.chat(ALINE)
        await chat.says("hi")
        assert (await back_end.send(a_text()))[0] == 200
        await chat.was_silent(hours=25)
        assert (await back_end.send(a_text()))[0] == 400
        template = {
            "name": "come_back",
            "language": {"code": "en"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "Aline"}]}],
        }
        request = {"messaging_product": "whatsapp", "to": ALINE, "type": "template", "template": template}
        status, answer = await back_end.send(request)
        assert (status, answer["messages"][0]["message_status"]) == (200, "accepted")
        await chat.hears_a("template", "Hello Aline, come back.")


async def test_the_window_may_show_in_a_status_instead() -> None:
    async with running(window_in_status=True) as back_end:
        status, _ = await back_end.send(a_text())
        assert status == 200
        await back_end.until(lambda: back_end.statuses("failed"))
        assert back_end.statuses()[0]["errors"][0]["code"] == 131047


async def test_unknown_template_is_not_found() -> None:
    async with running() as back_end:
        template = {"name": "nowhere", "language": {"code": "en"}}
        request = {"messaging_product": "whatsapp", "to": ALINE, "type": "template", "template": template}
        status, answer = await back_end.send(request)
        assert (status, answer["error"]["code"]) == (404, 132001)


async def test_the_pair_rate_is_kept_when_switched_on() -> None:
    async with running(pair_rate=True, statuses=()) as back_end:
        await back_end.simulator.chat(ALINE).says("hi")
        await back_end.simulator.chat("250788000002").says("hi")
        codes = [(await back_end.send(a_text()))[1].get("error", {}).get("code") for _ in range(46)]
        assert codes == [None] * 45 + [131056]
        assert (await back_end.send(a_text(to="250788000002")))[0] == 200


async def test_the_throughput_is_kept_when_switched_on() -> None:
    async with running(messages_per_second=5, statuses=()) as back_end:
        await back_end.simulator.chat(ALINE).says("hi")
        answers = [(await back_end.send(a_text()))[1] for _ in range(40)]
        assert 130429 in {answer.get("error", {}).get("code") for answer in answers}


async def test_the_business_does_not_write_to_itself() -> None:
    async with running() as back_end:
        _, answer = await back_end.send(a_text(to="250796000000"))
        assert answer["error"]["code"] == 131021


async def test_reading_and_typing_show_on_the_phone() -> None:
    async with running() as back_end:
        chat = back_end.simulator.chat(ALINE)
        said = await chat.says("hi")
        request = {"messaging_product": "whatsapp", "status": "read", "message_id": said.id}
        status, answer = await back_end.send({**request, "typing_indicator": {"type": "text"}})
        assert (status, answer) == (200, {"success": True})
        await chat.sees_status(said, "read")
        assert chat.person.typing_until > 0
        status, answer = await back_end.send({**request, "message_id": "wamid.unknown"})
        assert (status, answer["error"]["code"]) == (400, 131009)


async def test_media_go_up_and_down() -> None:
    async with running() as back_end:
        simulator, session = back_end.simulator, back_end.session
        headers = {"Authorization": f"Bearer {simulator.access_token}"}
        url = f"{simulator.base_url}/{simulator.phone_number_id}/media"
        async with session.post(url, data=upload(b"picture", "image/jpeg"), headers=headers) as answer:
            media_id = (await answer.json())["id"]
        async with session.get(f"{simulator.base_url}/{media_id}", headers=headers) as answer:
            medium = await answer.json()
        assert (medium["mime_type"], medium["file_size"], medium["id"]) == ("image/jpeg", 7, media_id)
        async with session.get(medium["url"], headers=headers) as answer:
            assert (answer.status, await answer.read()) == (200, b"picture")
        async with session.get(medium["url"]) as answer:
            assert answer.status == 401
        chat = simulator.chat(ALINE)
        await chat.says("hi")
        await back_end.send(
            {"messaging_product": "whatsapp", "to": ALINE, "type": "image", "image": {"id": media_id}}
        )
        assert (await chat.hears_a("image")).media_id == media_id
        async with session.delete(f"{simulator.base_url}/{media_id}", headers=headers) as answer:
            assert await answer.json() == {"success": True}
        async with session.get(f"{simulator.base_url}/{media_id}", headers=headers) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (404, 100)


@pytest.mark.parametrize(
    ("data", "mime_type", "product", "code"),
    [
        (b"x" * (5 * 1024 * 1024 + 1), "image/jpeg", "whatsapp", 131053),
        (b"x", "application/x-msdownload", "whatsapp", 100),
        (b"x", "image/jpeg", "telegram", 100),
        (b"", "image/jpeg", "whatsapp", 131008),
    ],
)
async def test_uploads_that_are_refused(data: bytes, mime_type: str, product: str, code: int) -> None:
    async with running() as back_end:
        simulator = back_end.simulator
        headers = {"Authorization": f"Bearer {simulator.access_token}"}
        url = f"{simulator.base_url}/{simulator.phone_number_id}/media"
        form = upload(data, mime_type, product)
        async with back_end.session.post(url, data=form, headers=headers) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (400, code)
        assert await raw_post(back_end, b"{}", "media") == (400, 100)


async def test_unknown_or_unfitting_media_are_not_sent() -> None:
    async with running() as back_end:
        simulator = back_end.simulator
        await simulator.chat(ALINE).says("hi")
        document = simulator.exchange.media.add("application/pdf", b"pdf", "policy.pdf")
        codes = []
        for media_id in ("404", document.id):
            request = {
                "messaging_product": "whatsapp",
                "to": ALINE,
                "type": "image",
                "image": {"id": media_id},
            }
            codes.append((await back_end.send(request))[1]["error"]["code"])
        assert codes == [131009, 131053]
