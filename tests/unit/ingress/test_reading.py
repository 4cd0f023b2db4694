"""Reading bodies: what is held is let go again, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from ingress.answers import Refusal
from ingress.exchange import HeaderList
from ingress.reading import WHOLE_BYTES_LIMIT, BodyReader, Disconnected
from tests.waiting import eventually


class Body:
    """A request's body in pieces; an exception among them is what happens there, None is waiting for ever."""

    def __init__(self, *pieces: bytes | Exception | None) -> None:
        self._pieces = pieces

    async def __call__(self) -> bytes:
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            if piece is None:
                await asyncio.Event().wait()
            elif isinstance(piece, Exception):
                raise piece
            else:
                yield piece

    def response_bytes(self, status: int, headers: HeaderList, body: bytes) -> None:
        raise AssertionError("a reader does not answer")


async def refusal(reader: BodyReader, body: Body, length: str | None) -> tuple[int, str]:
    with pytest.raises(Refusal) as refused:
        await reader.read(body, length)
    assert reader.held_bytes == 0
    return refused.value.status, refused.value.code


@pytest.mark.parametrize("length", [None, "6", "nonsense", ""])
async def test_a_body_is_read_and_held(length: str | None) -> None:
    reader = BodyReader()
    assert await reader.read(Body(b"abc", b"def"), length) == b"abcdef"
    assert reader.held_bytes == 6
    reader.release(6)
    assert reader.held_bytes == 0


@pytest.mark.parametrize("length", ["11", "99999999999999999999999", None])
async def test_too_much_is_413(length: str | None) -> None:
    reader = BodyReader(body_limit=10)
    assert await refusal(reader, Body(b"x" * 6, b"x" * 5), length) == (413, "too_large")


@pytest.mark.parametrize("length", [None, "6", str(WHOLE_BYTES_LIMIT + 1)])
async def test_too_slow_is_408(length: str | None) -> None:
    reader = BodyReader(seconds_limit=0.01)
    assert await refusal(reader, Body(b"abc", None), length) == (408, "slow_body")


@pytest.mark.parametrize("length", [None, "6", str(WHOLE_BYTES_LIMIT + 1)])
async def test_more_than_all_may_hold_is_503(length: str | None) -> None:
    reader = BodyReader(held_limit=5)
    assert await refusal(reader, Body(b"abc", b"def"), length) == (503, "overloaded")


async def test_large_bodies_leave_room_for_small_ones() -> None:
    reader = BodyReader(held_limit=100)
    await reader.read(Body(b"x" * 50), None)
    with pytest.raises(Refusal):
        await reader.read(Body(b"x"), None)
    await reader.read(Body(b"x" * 50), "50")
    assert reader.held_bytes == 100


async def test_large_bodies_have_their_turn_one_after_the_other() -> None:
    reader = BodyReader(seconds_limit=0.01)
    async with reader.turn():
        with pytest.raises(Refusal) as refused:
            async with reader.turn():
                raise AssertionError("two at once")
        assert refused.value.code == "overloaded"
    async with reader.turn():
        pass


@pytest.mark.parametrize(
    ("body", "length"),
    [
        (Body(b"abc", ProtocolClosed()), "6"),
        (Body(b"abc", ProtocolClosed()), None),
        (Body(b"abc"), str(WHOLE_BYTES_LIMIT + 1)),  # it just ends
    ],
)
async def test_a_client_that_goes_away(body: Body, length: str | None) -> None:
    reader = BodyReader()
    with pytest.raises(Disconnected):
        await reader.read(body, length)
    assert reader.held_bytes == 0


@pytest.mark.parametrize("length", [None, "6"])
async def test_a_reading_that_is_cancelled(length: str | None) -> None:
    reader = BodyReader()
    reading = asyncio.create_task(reader.read(Body(b"abc", None), length))

    async def is_held() -> bool:
        return reader.held_bytes > 0

    await eventually(is_held)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert reader.held_bytes == 0
