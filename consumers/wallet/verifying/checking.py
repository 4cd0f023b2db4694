"""One verification: all checks on one snapshot, so that the ledger may go on being written to meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg

from consumers.wallet.verifying.queries import CHECKS, COUNTS, FOUND_LIMIT, ROOT
from infra.postgres.migrations import role_of

STATEMENT_SECONDS = 600
WORK_MEMORY = "64MB"  # sorting a million entries in memory takes half as long
# Materialized: of a query with a limit PostgreSQL expects to see little, and looks up each command by itself.
FIRST = f"WITH found AS MATERIALIZED ({{query}}) SELECT * FROM found LIMIT {FOUND_LIMIT + 1}"  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong."""

    check: str
    what: str
    account: int | None
    command: UUID | None


@dataclass(slots=True)
class Report:
    """What a verification found."""

    at: datetime
    entries: int
    accounts: int
    root: str
    problems: list[Problem] = field(default_factory=list)
    more: bool = False  # than are named
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


async def verify(dsn: str, tell: Callable[[str, int, int], None] = lambda *_: None) -> Report:
    """Check the whole ledger. `tell` hears the name of the check, how many are done, and of how many.

    Raises what asyncpg raises.
    """
    connection = await asyncpg.connect(
        dsn,
        command_timeout=STATEMENT_SECONDS,
        server_settings={
            "search_path": "wallet",
            "application_name": "easymo ledger verify",
            "statement_timeout": f"{STATEMENT_SECONDS}s",
            "work_mem": WORK_MEMORY,
            "timezone": "UTC",
        },
    )
    try:
        await connection.execute(f'SET ROLE "{role_of("wallet")}"')
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await check(connection, tell)
    finally:
        await connection.close()


async def check(
    connection: asyncpg.Connection[asyncpg.Record], tell: Callable[[str, int, int], None] = lambda *_: None
) -> Report:
    """All checks, in the transaction at hand: on a connection whose search path is the wallet's schema."""
    started = perf_counter()
    counts: Any = await connection.fetchrow(COUNTS)
    root: Any = await connection.fetchval(ROOT)
    report = Report(datetime.now(UTC), counts["entries"], counts["accounts"], root)
    for done, (check, query) in enumerate(CHECKS.items()):
        tell(check, done, len(CHECKS))
        rows = await connection.fetch(FIRST.format(query=query))
        report.more = report.more or len(rows) > FOUND_LIMIT
        report.problems += [
            Problem(check, row["what"], row["account"], row["command"]) for row in rows[:FOUND_LIMIT]
        ]
    tell("done", len(CHECKS), len(CHECKS))
    report.seconds = perf_counter() - started
    return report
