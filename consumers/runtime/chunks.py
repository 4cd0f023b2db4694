"""Running a transaction until it has committed: after conflicts, outages, and without the one at fault."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

import asyncpg
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from consumers.decision import Fatal
from consumers.runtime.consequences import RunAgain
from consumers.runtime.injection import Unbound
from infra.postgres.away import is_away
from infra.postgres.pool import transaction
from infra.postgres.session import Conflict, Session
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)
T = TypeVar("T")

AT_ONCE_LIMIT = 20  # conflicts in a row: more than that is not bad luck
BUSY_LIMIT = 3  # times that one event alone is tried so often, with a wait between
AWAY_SECONDS_LIMIT = 5
WATCH_SECONDS = 5.0

# Nothing that one record could be the cause of: the consumer stops.
DEFECTS = (Fatal, Unbound)


class Busy(Exception):
    """Conflicts without end: others are at the same rows all the time, or the chunk is in its own way."""


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

    async def run(self, work: Callable[[Session], Awaitable[T]], *, busy_limit: int = BUSY_LIMIT) -> T:
        """The result of `work`, whose transaction has committed. Waits as long as the database is away.

        Raises BulkError, Busy after `busy_limit` rounds of conflicts, and whatever else `work` raises that
        trying again would not mend.
        """
        rounds = 0

        def is_worth_a_wait(error: BaseException) -> bool:
            nonlocal rounds
            rounds += isinstance(error, Busy)
            return is_away(error) or (isinstance(error, Busy) and rounds < busy_limit)

        async for attempt in AsyncRetrying(
            retry=retry_if_exception(is_worth_a_wait),
            wait=wait_random_exponential(multiplier=0.05, max=AWAY_SECONDS_LIMIT),
            before_sleep=self._tell_away,
            reraise=True,
        ):
            with attempt:
                result = await self._run_at_once(work)
                self.away_since = None
                return result
        raise AssertionError("tenacity retries without end")

    async def watch_forever(self) -> None:
        """Notice that the database is away, or back, also while nothing comes in."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                await self._pool.fetchval("SELECT 1", timeout=WATCH_SECONDS)
                self.away_since = None
            except Exception as error:
                if not is_away(error):
                    raise
                self.away_since = self.away_since or asyncio.get_running_loop().time()

    async def _run_at_once(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """One run, and again at once after a conflict: that is nobody's failure, and no attempt.

        RunAgain needs no limit: each time, one item more is known to fail.
        """
        conflicts = 0
        while conflicts < AT_ONCE_LIMIT:
            try:
                async with transaction(self._pool) as connection:
                    return await work(Session(connection))
            except RunAgain:
                self._reruns.inc()
            except Conflict as error:
                conflicts += 1
                self._reruns.inc()
                log.debug("chunk.rerun", consumer=self._consumer, reason=type(error).__name__)
                await asyncio.sleep(random.uniform(0, 0.01))  # noqa: S311 - jitter, so that two do not meet again
        raise Busy(f"{AT_ONCE_LIMIT} conflicts in a row")

    def _tell_away(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Busy):
            log.warning("chunk.busy", consumer=self._consumer, tries=state.attempt_number)
            return
        self.away_since = self.away_since or asyncio.get_running_loop().time()
        metrics.RUNTIME_DATABASE_AWAY.labels(self._consumer).inc()
        reason = type(error).__name__
        log.warning("database.away", consumer=self._consumer, reason=reason, tries=state.attempt_number)


class Item(Protocol):
    """What a transaction works on: a record, or a call."""

    failure: Exception | None


ItemT = TypeVar("ItemT", bound=Item)


async def run_items(
    transactions: Transactions,
    run: Callable[[Session, Sequence[ItemT]], Awaitable[T]],
    items: Sequence[ItemT],
) -> list[T]:
    """The results of a chunk; one that fails as a whole is halved until the item at fault is alone.

    That one has failed then, like one whose handler raised; the others run without it. A chunk that meets
    a conflict on every run is halved too: one event of it may be in another one's way. Raises Fatal and
    Unbound, and whatever an item fails with that is known to fail already: that is the runtime's defect.
    """

    async def once(session: Session) -> T:
        try:
            return await run(session, items)
        except Conflict:
            for item in items:
                if not isinstance(item.failure, Busy):
                    item.failure = None  # it was judged by what is not so any more
            raise

    try:
        return [await transactions.run(once, busy_limit=BUSY_LIMIT if len(items) == 1 else 1)]
    except DEFECTS:
        raise
    except Exception as error:
        if len(items) == 1:
            if items[0].failure is not None:
                raise
            items[0].failure = error
            return await run_items(transactions, run, items)
        log.warning("chunk.halved", size=len(items), reason=type(error).__name__)
        metrics.RUNTIME_HALVED.inc()
        middle = len(items) // 2
        first = await run_items(transactions, run, items[:middle])
        return first + await run_items(transactions, run, items[middle:])
