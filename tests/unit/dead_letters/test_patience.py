"""The letters' collector goes on after what is nobody's fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from consumers.dead_letters import collector
from consumers.dead_letters.patience import patiently


class Victim:
    """A connection whose first statement PostgreSQL ends to resolve a deadlock."""

    def __init__(self) -> None:
        self.calls = 0

    def is_closed(self) -> bool:
        return False

    async def fetch(self, *_: object) -> list[object]:
        self.calls += 1
        if self.calls == 1:
            raise asyncpg.DeadlockDetectedError("deadlock detected")
        return []


async def test_after_a_deadlock_it_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    victim = Victim()

    @asynccontextmanager
    async def transaction(_: object) -> AsyncIterator[Victim]:
        yield victim

    monkeypatch.setattr(collector, "transaction", transaction)
    pool: Any = None
    assert await patiently(lambda: collector.follow(pool)) == 0
    assert victim.calls == 2
