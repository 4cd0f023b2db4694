"""Waiting for the database and for Kafka, however long they are away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg
from aiokafka.errors import KafkaError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, wait_random_exponential

from infra.postgres.away import is_away
from infra.postgres.session import Conflict
from infra.telemetry.logs import logger

log = logger(__name__)
T = TypeVar("T")

AWAY_SECONDS_LIMIT = 5


async def patiently(act: Callable[[], Awaitable[T]]) -> T:
    """The result, however long the database or Kafka is away. Raises what is no outage: a defect of ours."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_is_outage),
        wait=wait_random_exponential(multiplier=0.05, max=AWAY_SECONDS_LIMIT),
        before_sleep=_tell_away,
    ):
        with attempt:
            return await act()
    raise AssertionError("tenacity retries without end")


def _is_outage(error: BaseException) -> bool:
    lost_a_race = isinstance(error, Conflict | asyncpg.DeadlockDetectedError | asyncpg.SerializationError)
    return lost_a_race or isinstance(error, KafkaError) or is_away(error)


def _tell_away(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    log.warning("letters.waiting", reason=type(error).__name__, tries=state.attempt_number)
