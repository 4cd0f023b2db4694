"""The scheduled verification: hourly, by whichever member comes first; every member shows the result.

And what waits for a person of ours, so that somebody hears of it before it lapses.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg
import orjson

from consumers.wallet import finding
from consumers.wallet.verifying.checking import Report, verify
from consumers.wallet.verifying.queries import CHECKS
from infra.postgres.regularly import regularly
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)

EVERY = timedelta(hours=1)
LOOK_SECONDS = 60.0
NAMED = 10  # problems that the log names

LOCK = 7_045_110  # any number that nobody else uses for an advisory lock
TRY_LOCK = "SELECT pg_try_advisory_lock($1::bigint)"
UNLOCK = "SELECT pg_advisory_unlock($1::bigint)"
LAST = (
    "SELECT at, at < now() - $1::interval AS old, entries, found FROM verifications ORDER BY id DESC LIMIT 1"
)
ADD = "INSERT INTO verifications (entries, problems, root, found) VALUES ($1, $2, $3, $4)"


async def watch_forever(pool: asyncpg.Pool[Any], dsn: str) -> None:
    """Verify when it is time, and show what was found last, for ever."""
    await regularly(lambda: look(pool, dsn), LOOK_SECONDS, missed="ledger.not_verified")


async def look(pool: asyncpg.Pool[Any], dsn: str) -> None:
    """Verify, unless somebody did within the hour, or does so now; then show the last result."""
    if await _is_time(pool):
        # The lock is the session's: that of a member that dies is free again.
        async with pool.acquire() as connection:
            if await connection.fetchval(TRY_LOCK, LOCK):
                try:
                    if await _is_time(connection):
                        await _record(connection, await verify(dsn))
                finally:
                    await connection.execute(UNLOCK, LOCK)
    _show(await pool.fetchrow(LAST, EVERY))
    for row in await finding.waiting(pool):
        metrics.LEDGER_WAITING.labels(row["what"]).set(row["waiting"])
        metrics.LEDGER_OLDEST_WAITING.labels(row["what"]).set(row["oldest"])


async def _is_time(connection: Any) -> bool:
    row = await connection.fetchrow(LAST, EVERY)
    return row is None or row["old"]


async def _record(connection: Any, report: Report) -> None:
    """Keep what was found, and tell of it."""
    by_check = dict.fromkeys(CHECKS, 0)
    for problem in report.problems:
        by_check[problem.check] += 1
    found = {"seconds": round(report.seconds, 3), "by_check": by_check}
    await connection.execute(
        ADD, report.entries, len(report.problems), report.root, orjson.dumps(found).decode()
    )
    if report.sound:
        log.info("ledger.sound", entries=report.entries, root=report.root)
        return
    for problem in report.problems[:NAMED]:
        log.error(
            "ledger.unsound",
            check=problem.check,
            account=problem.account,
            command=str(problem.command or ""),
            what=problem.what,
        )


def _show(row: asyncpg.Record | None) -> None:
    if row is None:
        return
    found = orjson.loads(row["found"])
    for check, problems in found["by_check"].items():
        metrics.LEDGER_PROBLEMS.labels(check).set(problems)
    metrics.LEDGER_VERIFIED_AT.set(row["at"].timestamp())
    metrics.LEDGER_VERIFY_SECONDS.set(found["seconds"])
    metrics.LEDGER_ENTRIES.set(row["entries"])
