"""The time limit that only handlers which wait have to carry."""

from __future__ import annotations

import asyncio

import pytest

from consumers.runtime.limits import TookTooLong, within

LONG_SECONDS = 60.0
NO_TIME = 0.0


async def test_what_never_waits_has_its_result_though_it_has_no_time() -> None:
    async def handler() -> str:
        return "done"

    assert await within(NO_TIME, handler()) == "done"


async def test_what_waits_goes_on_and_has_its_result() -> None:
    first, second = asyncio.get_running_loop().create_future(), asyncio.get_running_loop().create_future()

    async def handler() -> list[int]:
        return [await first, await second]

    asyncio.get_running_loop().call_soon(first.set_result, 1)
    asyncio.get_running_loop().call_soon(second.set_result, 2)
    assert await within(LONG_SECONDS, handler()) == [1, 2]


async def test_what_waits_for_too_long_is_cancelled_and_may_clean_up() -> None:
    cleaned_up = []

    async def handler() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            cleaned_up.append(True)

    with pytest.raises(TookTooLong):
        await within(NO_TIME, handler())
    assert cleaned_up == [True]


@pytest.mark.parametrize("waits", [False, True])
async def test_what_it_raises_passes_through_a_time_out_of_its_own_too(waits: bool) -> None:
    async def handler() -> None:
        if waits:
            await asyncio.sleep(0)
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        await within(LONG_SECONDS, handler())


async def test_an_error_of_what_it_waits_for_reaches_it() -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def handler() -> str:
        try:
            await future
        except OSError:
            return "seen"
        return "missed"

    asyncio.get_running_loop().call_soon(future.set_exception, OSError())
    assert await within(LONG_SECONDS, handler()) == "seen"


async def test_a_cancellation_from_outside_passes_through() -> None:
    began = asyncio.Event()

    async def handler() -> None:
        began.set()
        await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(within(LONG_SECONDS, handler()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
