"""Something that is done again and again, for ever; while the database is away it is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from infra.postgres.away import is_away
from infra.telemetry.logs import logger

log = logger(__name__)


async def regularly(do: Callable[[], Awaitable[object]], seconds: float, *, missed: str) -> None:
    """Do it now, and `seconds` after it is done. `missed`: what the log calls it when it could not be done.

    Raises what is no outage: a defect of ours.
    """
    while True:
        try:
            await do()
        except Exception as error:
            if not is_away(error):
                raise
            log.warning(missed, reason=type(error).__name__)
        await asyncio.sleep(seconds)
