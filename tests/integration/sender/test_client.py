"""The Graph client against the simulator: every way in which a call can end, as a value."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from infra.simulator.simulator import Simulator
from infra.whatsapp.breaker import FAILURES_TO_OPEN, Circuit
from infra.whatsapp.client import GraphClient, UploadFailed
from infra.whatsapp.downloads import Downloaded, DownloadFailed
from infra.whatsapp.errors import Remedy
from infra.whatsapp.outcomes import Accepted, Held, Refused, Unanswered, Unreached
from infra.whatsapp.payload import Payload, Recipient, message
from schemas.content import MediaContent, TextContent

ALINE = "250788000001"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


@asynccontextmanager
async def _client(simulator: Simulator, **options: float) -> AsyncIterator[GraphClient]:
    async with GraphClient(
        simulator.base_url,
        simulator.access_token,
        simulator.phone_number_id,
        **options,  # type: ignore[arg-type]
    ) as client:
        yield client


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(statuses=False) as running:
        await running.chat(ALINE).says("hi")
        yield running


@pytest.fixture
async def client(simulator: Simulator) -> AsyncIterator[GraphClient]:
    async with _client(simulator) as client:
        yield client


def _text(callback_data: str = "event-1", to: str = ALINE) -> Payload:
    return message(Recipient(phone=to), TextContent(body="Muraho"), callback_data)


async def test_a_message_arrives(simulator: Simulator, client: GraphClient) -> None:
    outcome = await client.send(_text())
    heard = await simulator.chat(ALINE).hears("Muraho")
    assert outcome == Accepted(heard.id)
    assert heard.callback_data == "event-1"


async def test_a_file_is_uploaded_and_sent(simulator: Simulator, client: GraphClient) -> None:
    media_id = await client.upload(PNG, "image/png", "qr.png")
    content = MediaContent(media="image", media_id=media_id, caption="Scan me")
    assert isinstance(await client.send(message(Recipient(phone=ALINE), content, "event-1")), Accepted)
    heard = await simulator.chat(ALINE).hears("Scan me")
    assert heard.media_id == media_id


async def test_a_file_that_meta_does_not_take(client: GraphClient) -> None:
    with pytest.raises(UploadFailed) as failed:
        await client.upload(b"MZ", "application/x-msdownload")
    assert isinstance(failed.value.outcome, Refused)


async def test_what_a_person_sent_is_fetched(simulator: Simulator, client: GraphClient) -> None:
    sent = await simulator.chat(ALINE).sends_photo(PNG, mime_type="image/png")
    assert sent.media_id
    assert await client.download(sent.media_id, "image") == Downloaded(PNG, "image/png")


async def test_what_is_too_large_is_not_fetched(simulator: Simulator, client: GraphClient) -> None:
    sent = await simulator.chat(ALINE).sends_document(bytes(600 * 1024), "long.pdf")
    assert sent.media_id
    with pytest.raises(DownloadFailed, match="614400 bytes, more than 512000") as failed:
        await client.download(sent.media_id, "sticker")
    assert not failed.value.passes


@pytest.mark.parametrize("media_id", ["1", "../1/messages", ""])
async def test_a_file_that_is_not_there(client: GraphClient, media_id: str) -> None:
    with pytest.raises(DownloadFailed) as failed:
        await client.download(media_id, "image")
    assert not failed.value.passes
    assert client.breaker.state is Circuit.CLOSED


@pytest.mark.parametrize("kind", ["http", "error", "drop"])
async def test_trouble_with_a_file_passes(simulator: Simulator, client: GraphClient, kind: str) -> None:
    sent = await simulator.chat(ALINE).sends_photo(PNG, mime_type="image/png")
    times = 2 if kind == "drop" else 1  # aiohttp asks once more by itself
    simulator.faults.add(kind, times=times, on="media", status=503, code=2)
    assert sent.media_id
    with pytest.raises(DownloadFailed) as failed:
        await client.download(sent.media_id, "image")
    assert failed.value.passes
    assert (await client.download(sent.media_id, "image")).data == PNG


async def test_a_refusal_is_read(simulator: Simulator, client: GraphClient) -> None:
    simulator.faults.add("error", code=131026, times=1)
    outcome = await client.send(_text())
    assert isinstance(outcome, Refused)
    assert outcome.refusal.code == 131026
    assert outcome.refusal.remedy is Remedy.GIVE_UP
    assert outcome.refusal.trace_id
    assert client.breaker.state is Circuit.CLOSED


@pytest.mark.parametrize("kind", ["late", "cut", "drop"])
async def test_silence_after_the_request_is_doubt(simulator: Simulator, kind: str) -> None:
    async with _client(simulator, read_seconds=0.2) as client:
        simulator.faults.add(kind, seconds=1, times=1)
        outcome = await client.send(_text())
        assert isinstance(outcome, Unanswered)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_of_something_in_between_is_doubt(
    simulator: Simulator, client: GraphClient, status: int
) -> None:
    simulator.faults.add("http", status=status, times=1)
    assert await client.send(_text()) == Unanswered(f"http_{status}")


async def test_a_client_error_without_json_is_a_refusal(simulator: Simulator, client: GraphClient) -> None:
    simulator.faults.add("http", status=404, times=1)
    outcome = await client.send(_text())
    assert isinstance(outcome, Refused)
    assert outcome.refusal.remedy is Remedy.REJECT


async def test_a_refused_connection_was_never_made(simulator: Simulator, client: GraphClient) -> None:
    await simulator.stop_listening()
    assert isinstance(await client.send(_text()), Unreached)
    with pytest.raises(UploadFailed):
        await client.upload(PNG, "image/png")


async def test_a_name_that_nobody_knows_was_never_reached() -> None:
    async with GraphClient("http://graph.invalid/v23.0", "token", "1") as client:
        assert isinstance(await client.send(_text()), Unreached)


async def test_the_circuit_opens_and_closes_again(simulator: Simulator) -> None:
    now = 100.0
    async with GraphClient(
        simulator.base_url, simulator.access_token, simulator.phone_number_id, clock=lambda: now
    ) as client:
        await simulator.stop_listening()
        for _ in range(FAILURES_TO_OPEN):
            assert isinstance(await client.send(_text()), Unreached)
        held = await client.send(_text())
        assert isinstance(held, Held)
        assert held.seconds == 5
        await simulator.listen()
        now += held.seconds
        assert isinstance(await client.send(_text()), Accepted)
        assert client.breaker.state is Circuit.CLOSED


async def test_a_token_that_expired_stops_everything(simulator: Simulator) -> None:
    async with GraphClient(simulator.base_url, "wrong", simulator.phone_number_id) as client:
        outcome = await client.send(_text())
        assert isinstance(outcome, Refused)
        assert outcome.refusal.remedy is Remedy.HALT
        assert outcome.refusal.alerts
        assert isinstance(await client.send(_text()), Held)


async def test_the_number_s_rate_is_kept(simulator: Simulator) -> None:
    async with GraphClient(
        simulator.base_url,
        simulator.access_token,
        simulator.phone_number_id,
        messages_per_second=10,
        clock=lambda: 100.0,  # all of them at one moment, however slow the machine is
    ) as client:
        outcomes = await asyncio.gather(*(client.send(_text(str(n))) for n in range(60)))
    held = [outcome for outcome in outcomes if isinstance(outcome, Held)]
    assert len(held) == 20  # a burst of 10, and 30 within the 3 s that are worth waiting
    assert all(outcome.reason == "number_rate" for outcome in held)
    assert simulator.exchange.counts["accepted"] == 40


async def test_when_meta_says_too_fast_the_number_pauses(simulator: Simulator) -> None:
    async with _client(simulator, messages_per_second=1000) as client:
        simulator.faults.add("error", code=130429, times=1)
        outcome = await client.send(_text())
        assert isinstance(outcome, Refused)
        assert outcome.refusal.remedy is Remedy.PACE
        _, seconds = client.rate.reserve(client._clock())
        assert seconds > 0.5


async def test_what_waits_for_its_turn_when_meta_says_too_fast_does_not_go(simulator: Simulator) -> None:
    async with _client(simulator, messages_per_second=2) as client:
        simulator.faults.add("error", code=130429, times=2)  # the burst
        *_, third = await asyncio.gather(*(client.send(_text(str(n))) for n in range(3)))
    assert isinstance(third, Held)
    assert third.reason == "number_rate"
    assert 0 < third.seconds < 1


async def test_pauses_grow_until_meta_takes_a_message(simulator: Simulator) -> None:
    now = 100.0
    async with GraphClient(
        simulator.base_url, simulator.access_token, simulator.phone_number_id, clock=lambda: now
    ) as client:
        simulator.faults.add("error", code=80007, times=3)
        for seconds in (1, 2, 4):
            assert isinstance(await client.send(_text()), Refused)
            assert client.rate.reserve(now)[1] == pytest.approx(seconds)
            now += 10
        assert isinstance(await client.send(_text()), Accepted)
        simulator.faults.add("error", code=80007, times=1)
        now += 10
        assert isinstance(await client.send(_text()), Refused)
        assert client.rate.reserve(now)[1] == pytest.approx(1)


async def test_an_answer_that_is_no_answer_of_meta_s_is_bounded() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, GraphClient(f"http://127.0.0.1:{port}", "token", "1") as client:
        assert await client.send(_text()) == Unanswered("answer_without_id")
