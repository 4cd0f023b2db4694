"""One worker at a time while little comes in; more when there is enough, or when one takes long."""

from __future__ import annotations

import asyncio

import pytest

from consumers.runtime import gathering
from consumers.runtime.admission import Admission
from consumers.runtime.gathering import Gathering
from tests.unit.runtime.made import a_record

LANE = "lane"
CHUNK = 3
LIMIT_SECONDS = 10.0


@pytest.fixture
def admission() -> Admission:
    made = Admission()
    made.lane(LANE)
    return made


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody joins for want of patience."""
    monkeypatch.setattr(gathering, "PATIENCE_SECONDS", 1_000.0)


def admit(admission: Admission, *keys: bytes) -> None:
    for key in keys:
        admission.admit(a_record(key), LANE)


async def turns(waiting: asyncio.Task[None]) -> bool:
    """Whether the worker has its turn after the loop has gone round a few times."""
    for _ in range(5):
        await asyncio.sleep(0)
    return waiting.done()


async def test_nobody_is_needed_until_something_comes(admission: Admission) -> None:
    waiting = asyncio.create_task(Gathering(admission, LANE, CHUNK).until_needed())
    assert not await turns(waiting)
    admit(admission, b"a")
    await asyncio.wait_for(waiting, LIMIT_SECONDS)


@pytest.mark.usefixtures("patient")
async def test_what_comes_during_a_transaction_waits_for_its_end(admission: Admission) -> None:
    shared = Gathering(admission, LANE, CHUNK)
    with shared.at_work():
        admit(admission, b"a", b"b")
        waiting = asyncio.create_task(shared.until_needed())
        assert not await turns(waiting)
    await asyncio.wait_for(waiting, LIMIT_SECONDS)


@pytest.mark.usefixtures("patient")
async def test_enough_for_a_chunk_brings_another_worker_in(admission: Admission) -> None:
    shared = Gathering(admission, LANE, CHUNK)
    with shared.at_work():
        admit(admission, b"a", b"b", b"c")
        assert await turns(asyncio.create_task(shared.until_needed()))


async def test_a_transaction_that_takes_long_keeps_nobody_waiting(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(gathering, "monotonic", lambda: clock[0])
    shared = Gathering(admission, LANE, CHUNK)
    with shared.at_work():
        admit(admission, b"a")
        waiting = asyncio.create_task(shared.until_needed())
        assert not await turns(waiting)
        clock[0] += gathering.PATIENCE_SECONDS
        await asyncio.wait_for(waiting, LIMIT_SECONDS)


@pytest.mark.usefixtures("patient")
async def test_a_transaction_that_fails_has_ended_too(admission: Admission) -> None:
    shared = Gathering(admission, LANE, CHUNK)
    with pytest.raises(OSError), shared.at_work():  # noqa: PT011 - any would do
        raise OSError
    admit(admission, b"a")
    await asyncio.wait_for(shared.until_needed(), LIMIT_SECONDS)


@pytest.mark.usefixtures("patient")
async def test_a_transaction_is_followed_by_a_pause_as_long(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(gathering, "monotonic", lambda: clock[0])
    shared = Gathering(admission, LANE, CHUNK)
    with shared.at_work():
        clock[0] += 10
    admit(admission, b"a")
    waiting = asyncio.create_task(shared.until_needed())
    assert not await turns(waiting)
    waiting.cancel()
    clock[0] += 10
    assert await turns(asyncio.create_task(shared.until_needed()))


@pytest.mark.usefixtures("patient")
async def test_the_pause_ends_when_there_is_enough(
    admission: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(gathering, "monotonic", lambda: clock[0])
    shared = Gathering(admission, LANE, CHUNK)
    with shared.at_work():
        clock[0] += 10
    admit(admission, b"a", b"b", b"c")
    assert await turns(asyncio.create_task(shared.until_needed()))
