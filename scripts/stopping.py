"""How a command that serves waits for its end."""

from __future__ import annotations

import asyncio
import contextlib
import signal


async def told_to_stop() -> None:
    """Return at Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends the loop itself
            loop.add_signal_handler(name, stop.set)
    await stop.wait()
