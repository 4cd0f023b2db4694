"""What an operator sees and does, in the tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from consumers.dead_letters import acts, finding
from consumers.dead_letters.acts import Done
from consumers.dead_letters.reading import SetAside
from consumers.dead_letters.rules import Status
from consumers.runtime.records import pack_record
from infra.postgres.pool import transaction
from tests.waiting import eventually

UNORDERED = {"probe": False}
WHO = "olive"


NOW = datetime.now(UTC)


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


def a_letter(event: UUID | None = None, *, delivery: int = 0, dead: bool = False, **changes: Any) -> SetAside:
    """One that failed for the `delivery`-th time."""
    letter = SetAside(
        consumer="probe",
        event_id=event or uuid4(),
        attempt_id=uuid4(),
        status=Status.DEAD if dead else Status.WAITING,
        topic="intents.probe",
        partition=1,
        offset=2,
        written_at=NOW,
        key=b"ann",
        record=pack_record(b"{}", [("ce_id", b"x")]),
        is_event=True,
        ce_type="probe.poke.v1",
        contact="ann",
        trace_id="",
        reason="Retry: not now",
        error_type="x.Retry",
        message="not now",
        stack="",
        delivery=delivery,
        attempts=delivery + 1,
        due=None if dead else NOW,
        at=NOW + timedelta(seconds=delivery),
    )
    return replace(letter, **changes)
