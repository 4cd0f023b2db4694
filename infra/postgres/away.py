"""Which errors mean that the database is out of reach or out of order: nobody else is at fault."""

from __future__ import annotations

from typing import Protocol

import asyncpg


class Closable(Protocol):
    """A connection, as far as it matters here."""

    def is_closed(self) -> bool:
        """Whether it can be used no more."""


# These mean that nobody is at fault but the database or the way to it: wait, and try the same again.
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.PostgresIOError,
    asyncpg.InternalServerError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,  # asyncpg lost track of the connection, as after a long standstill
)


def is_away(error: BaseException, connection: Closable | None = None) -> bool:
    """Whether an error means that the database, or the way to it, is out of order.

    asyncpg raises InterfaceError both for a lost connection and for a wrong number of arguments: the
    second is a defect of ours, and waiting would not mend it.
    """
    if isinstance(error, asyncpg.InterfaceError):
        return connection is None or connection.is_closed()
    return isinstance(error, _AWAY)
