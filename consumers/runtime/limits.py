"""A time limit that costs nothing where nothing waits.

`asyncio.timeout` sets and cancels a timer of the event loop, 5 µs each time. Most handlers never wait: they
decide from what was read ahead. So a handler is begun without a limit, and gets one when it first waits.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Generator
from typing import Any, TypeVar

T = TypeVar("T")


class TookTooLong(Exception):
    """It was still waiting when its time was over; it was cancelled."""


async def within(seconds: float, awaitable: Awaitable[T]) -> T:
    """What the awaitable comes to. Raises what it raises, and TookTooLong.

    Time that passes before it first waits does not count: nothing could interrupt it there anyway.
    """
    steps = awaitable.__await__()
    try:
        waited_for = next(steps)
    except StopIteration as finished:
        return finished.value  # type: ignore[no-any-return]
    try:
        async with asyncio.timeout(seconds) as limit:
            return await _go_on(steps, waited_for)
    except TimeoutError:
        if limit.expired():
            raise TookTooLong from None
        raise


@types.coroutine
def _go_on(steps: Generator[Any, Any, T], waited_for: Any) -> Generator[Any, Any, T]:
    """Go on with what was begun, and waits for `waited_for`."""
    try:
        while True:
            try:
                sent = yield waited_for
            except BaseException as error:  # noqa: BLE001 - a cancellation is for it to see
                waited_for = steps.throw(error)
            else:
                waited_for = steps.send(sent)
    except StopIteration as finished:
        return finished.value  # type: ignore[no-any-return]
