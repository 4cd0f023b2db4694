"""What an operator sees and does, in the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg

from consumers.dead_letters import acts, finding
from consumers.dead_letters.acts import Done
from infra.postgres.pool import transaction
from tests.waiting import eventually

UNORDERED = {"probe": False}
WHO = "olive"


class Desk:
    """Letters by number, and the acts."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self.pool = pool

    async def letters(self) -> list[asyncpg.Record]:
        """All, in the order in which they came."""
        return await self.pool.fetch("SELECT * FROM letter ORDER BY id")

    async def statuses(self) -> list[str]:
        """Where each letter stands."""
        return [row["status"] for row in await self.letters()]

    async def statuses_become(self, *wanted: str) -> list[asyncpg.Record]:
        """Wait until the letters stand so, in any order; returns them."""

        async def so() -> bool:
            return sorted(await self.statuses()) == sorted(wanted)

        await eventually(so)
        return await self.letters()

    async def log(self, letter: int) -> list[tuple[str, str, str]]:
        """Who did what to a letter, and with what outcome."""
        return [(r["who"], r["act"], r["outcome"]) for r in await finding.history(self.pool, letter)]  # type: ignore[arg-type]

    async def log_becomes(self, letter: int, wanted: list[tuple[str, str, str]]) -> None:
        """Wait until that is what happened to a letter."""

        async def so() -> bool:
            return await self.log(letter) == wanted

        await eventually(so)

    async def look_now(self) -> None:
        """Turn the clock of those who follow: they look at every letter that waits."""
        await self.pool.execute("UPDATE letter SET look_at = now() WHERE status IN ('waiting', 'parked')")

    async def redrive(self, *letters: int, ordered: Mapping[str, bool] = UNORDERED) -> Done:
        """Have them handled again."""
        async with transaction(self.pool) as connection:
            return await acts.redrive(connection, letters, WHO, ordered)

    async def discard(self, *letters: int) -> Done:
        """Give them up."""
        async with transaction(self.pool) as connection:
            return await acts.discard(connection, letters, WHO, "not worth it")

    async def edit(self, letter: int, value: bytes) -> None:
        """Put another payload in its place."""
        async with transaction(self.pool) as connection:
            await acts.edit(connection, letter, value, WHO, "a typing error")
