"""Webhooks: every type in Meta's shape, statuses, retries, duplicates, another order, several in one."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from infra.simulator import Kind, Simulator, incoming
from infra.simulator.media import Medium
from tests.integration.simulator.back_end import Json, echo, running

ALINE = "250788123456"
SOON = (0.01, 0.02, 0.04, 0.08, 0.1, 0.1)
MEDIUM = Medium("7", "image/jpeg", "image", b"x", "hash")

MESSAGES: dict[str, Json] = {
    "text": incoming.a_text("Muraho 👋 a/b"),
    "image": incoming.a_medium(MEDIUM, caption="Look"),
    "video": incoming.a_medium(MEDIUM, kind="video"),
    "voice": incoming.a_medium(MEDIUM, kind="audio", voice=True),
    "document": incoming.a_medium(MEDIUM, kind="document"),
    "sticker": incoming.a_medium(MEDIUM, kind="sticker"),
    "location": incoming.a_location(-1.9441, 30.0619, "Kigali"),
    "contacts": incoming.a_contact("Eric M", "250788000002"),
    "reaction": incoming.a_reaction("wamid.x", "👍"),
    "flow": incoming.a_flow_answer('{"a": 1}', "wamid.x", "250796000000"),
    "order": incoming.an_order("c1", [{"product_retailer_id": "p", "quantity": 1}], "Please"),
    "system": incoming.a_number_change("Aline", ALINE, "250788999999"),
    "welcome": incoming.a_welcome_request(),
    "unsupported": incoming.an_unsupported(),
    "edit": incoming.an_edit("wamid.x", "Better"),
    "deletion": incoming.a_deletion("wamid.x"),
    "from an ad": incoming.from_an_ad(incoming.a_text("Ride")),
    "forward": incoming.as_forward(incoming.a_text("Read this"), frequently=True),
    "in a group": {**incoming.a_text("All"), "group_id": "g1"},
    "of tomorrow": {"type": "hologram", "hologram": {"depth": 3}},
}


@pytest.mark.parametrize("name", MESSAGES)
async def test_every_type_arrives_in_metas_shape(name: str) -> None:
    async with running() as back_end:
        await back_end.simulator.chat(ALINE, name="Aline").sends(MESSAGES[name])
        await back_end.until(lambda: back_end.bodies)
        value = back_end.values()[0]
        message = value["messages"][0]
        assert back_end.signed_well
        assert message.items() >= MESSAGES[name].items()
        assert message["from"] == ALINE
        assert message["from_user_id"].startswith("RW.")
        assert message["timestamp"].isdigit()
        assert value["contacts"][0]["wa_id"] == ALINE
        assert value["metadata"]["phone_number_id"] == back_end.simulator.phone_number_id


async def test_people_without_a_number() -> None:
    async with running() as back_end:
        chat = back_end.simulator.chat(user_id="RW.1234", name="Eric", username="eric.m")
        await chat.says("hi")
        await back_end.until(lambda: back_end.bodies)
        value = back_end.values()[0]
        assert value["contacts"] == [
            {"profile": {"name": "Eric", "username": "eric.m"}, "user_id": "RW.1234"}
        ]
        assert "from" not in value["messages"][0]
        request = {"messaging_product": "whatsapp", "recipient": "RW.1234", "text": {"body": "Hello"}}
        status, answer = await back_end.send(request)
        assert (status, answer["contacts"]) == (200, [{"input": "RW.1234", "user_id": "RW.1234"}])
        await chat.hears("Hello")
        await back_end.until(lambda: back_end.statuses("read"))
        assert back_end.statuses()[0]["recipient_user_id"] == "RW.1234"
        assert "recipient_id" not in back_end.statuses()[0]


async def test_people_of_before_april_2026() -> None:
    async with running() as back_end:
        await back_end.simulator.chat(ALINE, user_id=None).says("hi")
        await back_end.until(lambda: back_end.bodies)
        assert "from_user_id" not in back_end.messages()[0]
        assert "user_id" not in back_end.values()[0]["contacts"][0]


async def test_statuses_hand_back_what_was_given_along() -> None:
    async with running() as back_end:
        await back_end.simulator.chat(ALINE).says("hi")
        _, answer = await back_end.send_text(ALINE, "Hello", biz_opaque_callback_data="event-7")
        await back_end.until(lambda: back_end.statuses("read"))
        assert [status["status"] for status in back_end.statuses()] == ["sent", "delivered", "read"]
        assert {status["biz_opaque_callback_data"] for status in back_end.statuses()} == {"event-7"}
        assert {status["id"] for status in back_end.statuses()} == {answer["messages"][0]["id"]}
        sent = back_end.statuses("sent")[0]
        assert sent["pricing"]["category"] == "service"
        assert sent["conversation"]["origin"] == {"type": "service"}


async def test_account_updates() -> None:
    async with running() as back_end:
        back_end.simulator.exchange.tell_account(
            "message_template_status_update", {"event": "APPROVED", "message_template_name": "come_back"}
        )
        await back_end.until(lambda: back_end.bodies)
        change = back_end.bodies[0]["entry"][0]["changes"][0]
        assert (change["field"], change["value"]["event"]) == ("message_template_status_update", "APPROVED")


async def test_what_is_not_answered_200_comes_again() -> None:
    async with running(retry_seconds=SOON) as back_end:
        back_end.refusals = [500, 503, 404]
        said = await back_end.simulator.chat(ALINE).says("hi")
        assert said.status == "sent"
        await back_end.simulator.notifier.quiet()
        assert [message["id"] for message in back_end.messages()] == [said.id]
        assert len(set(back_end.posts)) == 1
        assert back_end.simulator.notifier.counts["retried"] == 3
        assert said.status == "delivered"


async def test_after_the_last_try_it_is_given_up_and_counted() -> None:
    async with running(retry_seconds=(0.01, 0.01)) as back_end:
        back_end.refusals = [500] * 3
        await back_end.simulator.chat(ALINE).says("hi")
        await back_end.simulator.notifier.quiet()
        assert back_end.bodies == []
        assert back_end.simulator.notifier.counts["given_up"] == 1


async def test_one_refused_webhook_delays_no_other() -> None:
    async with running(retry_seconds=(0.05,)) as back_end:
        back_end.refusals = [500]
        chat = back_end.simulator.chat(ALINE)
        first, second = await chat.says("one"), await chat.says("two")
        await back_end.simulator.notifier.quiet()
        assert [message["id"] for message in back_end.messages()] == [second.id, first.id]


async def test_nobody_listens() -> None:
    async with Simulator(webhook_url="http://127.0.0.1:9/", retry_seconds=()) as simulator:
        await simulator.chat(ALINE).says("hi")
        await simulator.notifier.quiet()
        assert simulator.notifier.counts["unreachable"] == 1
        assert "out of reach" in simulator.notifier.last_trouble


async def test_one_persons_messages_keep_their_order() -> None:
    async with running() as back_end:
        chat = back_end.simulator.chat(ALINE)
        said = [(await chat.says(str(number))).id for number in range(50)]
        await back_end.simulator.notifier.quiet()
        assert [message["id"] for message in back_end.messages()] == said


async def test_several_updates_travel_in_one_post() -> None:
    async with running(updates_per_post=1_000) as back_end:
        chat = back_end.simulator.chat(ALINE)
        said = [(await chat.says(str(number))).id for number in range(20)]
        await back_end.simulator.notifier.quiet()
        assert [message["id"] for message in back_end.messages()] == said
        assert len(back_end.posts) < 20
        assert max(len(body["entry"]) for body in back_end.bodies) > 1


async def test_duplicates_on_demand() -> None:
    async with running() as back_end:
        back_end.simulator.faults.add(Kind.DUPLICATE, copies=2, times=1)
        chat = back_end.simulator.chat(ALINE)
        await chat.says("one")
        await chat.says("two")
        await back_end.simulator.notifier.quiet()
        texts = [message["text"]["body"] for message in back_end.messages()]
        assert texts == ["one", "one", "one", "two"]


async def test_another_order_on_demand() -> None:
    async with running(seed=3) as back_end:
        back_end.simulator.faults.add(Kind.REORDER, copies=10, times=1)
        chat = back_end.simulator.chat(ALINE)
        said = [(await chat.says(str(number))).id for number in range(12)]
        await back_end.simulator.notifier.quiet()
        arrived = [message["id"] for message in back_end.messages()]
        assert arrived != said
        assert sorted(arrived) == sorted(said)
        assert arrived[10:] == said[10:]


async def test_held_back_updates_are_let_go_when_no_more_come() -> None:
    async with running() as back_end:
        back_end.simulator.faults.add(Kind.REORDER, copies=10)
        await back_end.simulator.chat(ALINE).says("alone")
        await back_end.simulator.notifier.quiet()
        assert len(back_end.messages()) == 1


async def test_statuses_get_lost_on_demand() -> None:
    async with running() as back_end:
        faults = back_end.simulator.faults
        chat = back_end.simulator.chat(ALINE)
        await chat.says("hi")
        faults.add(Kind.LOSE_STATUSES, statuses=["delivered"], times=1)
        faults.add(Kind.LOSE_STATUSES, times=1)
        for _ in range(3):
            await back_end.send_text(ALINE, "Hello")
        await back_end.simulator.notifier.quiet()
        names = [status["status"] for status in back_end.statuses()]
        assert names == ["sent", "read", "sent", "delivered", "read"]


async def test_a_message_fails_after_it_was_accepted() -> None:
    async with running() as back_end:
        chat = back_end.simulator.chat(ALINE)
        await chat.says("hi")
        back_end.simulator.faults.add(Kind.FAIL_STATUS, code=131026, times=1)
        status, _ = await back_end.send_text(ALINE, "Hello")
        assert status == 200
        await back_end.until(back_end.statuses)
        assert back_end.statuses()[0]["errors"][0]["code"] == 131026
        assert chat.transcript[-1].status == "failed"


async def test_no_statuses_when_told_so() -> None:
    async with running(statuses=False) as back_end:
        chat = back_end.simulator.chat(ALINE)
        await chat.says("hi")
        await back_end.send_text(ALINE, "Hello")
        await back_end.simulator.notifier.quiet()
        assert back_end.statuses() == []


async def test_arrivals_are_measured() -> None:
    async with running(echo, statuses=False, history=0) as back_end:
        arrivals = back_end.simulator.exchange.arrivals
        arrivals.start()
        chat = back_end.simulator.chat(ALINE)
        said = [(await chat.says(str(number))).id for number in range(5)]
        await back_end.simulator.notifier.quiet()
        assert [arrival.in_reply_to for arrival in arrivals.sent] == said
        assert {arrival.to for arrival in arrivals.sent} == {ALINE}
        assert len(arrivals.latencies_ns()) == 5
        assert all(nanoseconds > 0 for nanoseconds in arrivals.latencies_ns())
        assert chat.transcript == []


async def send_status(back_end: Any, body: str) -> int | str:
    """HTTP status of a send, or what went wrong with the line."""
    try:
        async with asyncio.timeout(5):
            return int((await back_end.send_text(ALINE, body))[0])
    except aiohttp.ServerDisconnectedError:
        return "cut"
    except aiohttp.ClientConnectorError:
        return "refused"
    except aiohttp.ContentTypeError as error:
        return f"{error.status}, no JSON"


@pytest.mark.parametrize(
    ("kind", "values", "outcome", "heard"),
    [
        (Kind.ERROR, {"code": 131000}, 500, False),
        (Kind.ERROR, {"code": 130429}, 400, False),
        (Kind.HTTP, {"status": 502}, "502, no JSON", False),
        (Kind.SLOW, {"seconds": 0.01}, 200, True),
        (Kind.LATE, {"seconds": 0.01}, 200, True),
        (Kind.CUT, {}, "cut", True),
        (Kind.DROP, {}, "cut", False),
    ],
)
async def test_requests_go_wrong_on_demand(kind: Kind, values: Any, outcome: int | str, heard: bool) -> None:
    async with running() as back_end:
        chat = back_end.simulator.chat(ALINE)
        await chat.says("hi")
        back_end.simulator.faults.add(kind, times=1, **values)
        assert await send_status(back_end, "first") == outcome
        assert await send_status(back_end, "second") == 200
        await chat.hears("first" if heard else "second")


async def test_connections_are_refused_and_taken_again() -> None:
    async with running() as back_end:
        await back_end.simulator.chat(ALINE).says("hi")
        await back_end.simulator.stop_listening()
        assert await send_status(back_end, "hello") == "refused"
        await back_end.simulator.listen()
        assert await send_status(back_end, "hello") == 200
