"""The time limit: late is a TimeoutError, a cancellation from elsewhere stays one."""

from __future__ import annotations

import asyncio

import pytest

from ingress.deadline import Within


async def test_what_takes_too_long_is_a_timeout() -> None:
    with pytest.raises(TimeoutError), Within(0.01):
        await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_what_is_done_in_time_goes_on() -> None:
    task, over = asyncio.current_task(), asyncio.Event()
    assert task is not None
    with Within(0.01):
        asyncio.get_running_loop().call_later(0.02, over.set)
    assert await over.wait()  # a limit that was still in force would cancel this before
    assert task.cancelling() == 0


async def test_an_error_inside_comes_out() -> None:
    with pytest.raises(LookupError), Within(60):
        raise LookupError


async def test_a_cancellation_from_elsewhere_stays_one() -> None:
    entered = asyncio.Event()

    async def work() -> None:
        with Within(60):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_both_at_once_is_a_cancellation() -> None:
    async def work() -> None:
        with Within(0.01):
            try:
                await asyncio.Event().wait()
            finally:
                task.cancel()
                await asyncio.Event().wait()

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_limits_within_limits() -> None:
    with Within(60), pytest.raises(TimeoutError), Within(0.01):
        await asyncio.Event().wait()
    with pytest.raises(TimeoutError), Within(0.01), Within(60):
        await asyncio.Event().wait()
