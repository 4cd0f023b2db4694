"""An operator who redrives all dead letters of the tests' domain: `python -m … RATE`, letters a second."""

from __future__ import annotations

import asyncio
import sys

from consumers.dead_letters import acts, finding
from consumers.dead_letters.finding import Choice
from infra.postgres.pool import open_pool
from infra.settings import load_settings
from scripts.letters.batches import in_batches

WHO = "olive"


async def main(rate: float) -> None:
    """As `easymo dead-letters redrive` does, for a domain that is not of the installation."""
    choice = Choice(statuses=("dead",))
    async with await open_pool(load_settings(), "dead_letters", size=2) as pool:
        async with pool.acquire() as connection:
            last = max(row["last"] for row in await finding.count(connection, choice))
        await in_batches(
            pool,
            choice,
            lambda connection, ids: acts.redrive(connection, ids, WHO, {"probe": False}),
            last=last,
            rate=rate,
        )


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1])))
