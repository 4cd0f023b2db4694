"""Running a transaction until it has committed: at once after a conflict, with patience while the database
is away, and without the one record that makes it fail."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from consumers.runtime.records import Record, Result
from consumers.runtime.transact import RunAgain
from infra.postgres.away import is_away
from infra.postgres.session import BulkError, Conflict, Session
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)
T = TypeVar("T")

AT_ONCE_LIMIT = 20  # conflicts in a row: more than that is not bad luck, and is waited out like an outage
AWAY_SECONDS_LIMIT = 5
ACQUIRE_SECONDS = 10

# Another transaction was quicker, or handled the same event: look again.
CONFLICTS = (
    Conflict,
    RunAgain,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
)


class Busy(Exception):
    """Conflicts without end."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


class Transactions:
    """Runs functions in transactions of one consumer's pool."""

    def __init__(self, pool: asyncpg.Pool[Any], consumer: str) -> None:
        self._pool = pool
        self._consumer = consumer
        self._reruns = metrics.RUNTIME_RERUNS.labels(consumer)
        self.away_since: float | None = None

    async def run(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """The result of `work`, whose transaction has committed. Waits as long as the database is away.

        Raises BulkError, and whatever else `work` raises that trying again would not mend.
        """
        async for attempt in AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, Busy) or is_away(error)),
            wait=wait_random_exponential(multiplier=0.05, max=AWAY_SECONDS_LIMIT),
            before_sleep=self._tell_away,
        ):
            with attempt:
                result = await self._run_at_once(work)
                self.away_since = None
                return result
        raise AssertionError("tenacity retries without end")

    async def _run_at_once(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """One run, and again at once after a conflict: that is nobody's failure, and no attempt."""
        for _ in range(AT_ONCE_LIMIT):
            try:
                async with self._pool.acquire(timeout=ACQUIRE_SECONDS) as connection:
                    async with connection.transaction():
                        return await work(Session(connection))
            except CONFLICTS as error:
                self._reruns.inc()
                log.debug("chunk.rerun", consumer=self._consumer, reason=type(error).__name__)
                await asyncio.sleep(random.uniform(0, 0.01))  # jitter, so that two do not meet again
        raise Busy(f"{AT_ONCE_LIMIT} conflicts in a row")

    def _tell_away(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        self.away_since = self.away_since or asyncio.get_running_loop().time()
        metrics.RUNTIME_DATABASE_AWAY.labels(self._consumer).inc()
        log.warning("database.away", consumer=self._consumer, reason=type(error).__name__, tries=state.attempt_number)


Run = Callable[[Session, Sequence[Record], Sequence[Record]], Awaitable[list[Result]]]


async def run_chunk(
    transactions: Transactions, run: Run, records: Sequence[Record], parked: Sequence[Record]
) -> list[Result]:
    """The results of a chunk; one whose bulk statement fails is halved until the record at fault is alone.

    That one has failed then, like one whose handler raised; the others run without it.
    """
    try:
        return await transactions.run(lambda session: run(session, records, parked))
    except BulkError as error:
        if len(records) + len(parked) <= 1:
            if not records or records[0].failure is not None:
                raise  # not even its failure can be written: the defect is the runtime's own
            records[0].failure = error
            return await run_chunk(transactions, run, records, parked)
        log.warning("chunk.halved", size=len(records), reason=str(error)[:200])
        metrics.RUNTIME_HALVED.inc()
        middle = len(records) // 2
        first = await run_chunk(transactions, run, records[:middle], () if middle else parked)
        second = await run_chunk(transactions, run, records[middle:], parked if middle else ())
        return first + second
