"""Keeps the embedded broker and database running, as whoever runs them in production does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from infra.embedded.child import Child
from infra.embedded.failure import EmbeddedFailure

LOOK_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 15.0


class Part(Protocol):
    """A broker or a database, as far as it matters here."""

    child: Child

    def start(self) -> Awaitable[None]:
        """Start it; returns when it is ready. Raises EmbeddedFailure."""


async def keep_running(parts: Sequence[Part], say: Callable[[str], None]) -> None:
    """Start again whatever ended, for ever; `say` gets a line for people when that happens."""
    await asyncio.gather(*(_keep(part, say) for part in parts))


async def _keep(part: Part, say: Callable[[str], None]) -> None:
    delay = LOOK_SECONDS
    while True:
        await asyncio.sleep(delay)
        delay = LOOK_SECONDS
        child = part.child
        if child.pid is not None:
            continue
        say(f"{child.name} ended with code {child.exit_code}; starting it again (log: {child.log})")
        try:
            await part.start()
            say(f"{child.name} is back")
        except (EmbeddedFailure, OSError) as error:  # what the dead one left behind may need a moment to go
            say(f"{child.name} did not start: {error}")
            await child.kill()
            delay = LONGEST_DELAY_SECONDS
