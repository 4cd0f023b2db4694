"""Waiting in tests: for a condition, with a limit; never for a fixed time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

LIMIT_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.01


async def eventually(
    condition: Callable[[], Awaitable[object]], limit_seconds: float = LIMIT_SECONDS
) -> None:
    """Return when `condition` holds. Raises TimeoutError when it does not within the limit."""
    async with asyncio.timeout(limit_seconds):
        while True:
            if await condition():
                return
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
