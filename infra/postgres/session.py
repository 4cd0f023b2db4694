"""The session of one transaction: reads at once, writes in bulk.

Writes are buffered, turn by turn, and flushed as one statement a kind: before the next read, and at the
end. So the number of statements does not grow with the chunk, and a turn that fails loses its own writes
only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

from infra.postgres.away import is_away

# A row is at fault: PostgreSQL refused it, or it cannot even be sent (TypeError, ValueError).
_REFUSED = (asyncpg.PostgresError, asyncpg.InterfaceError, TypeError, ValueError)
_TRANSIENT = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
ROWS_A_STATEMENT = 10_000  # a chunk is far smaller; this bounds what a runaway handler can pile up


Connection: TypeAlias = "asyncpg.Connection[Any] | PoolConnectionProxy[Any]"


class Conflict(Exception):
    """A row was not in the state that its writer had read: the chunk is run again at once."""


class BulkError(Exception):
    """A bulk statement failed: one of its rows is at fault, nobody knows yet which."""


class ReadAfterWrite(Exception):
    """A turn failed after its own writes had been flushed: they cannot be taken back alone."""


@dataclass(frozen=True, slots=True, eq=False)
class BulkWrite:
    """One kind of write: `sql` takes a column an argument (``unnest($1::uuid[], $2::text[])``).

    `columns`: the names of a row's values, where `sql` takes all rows as one argument instead
    (``json_to_recordset($1::json) AS u (id uuid, …)``). For rows that change often and hold no bytes: 3 µs
    a row instead of 5, since asyncpg looks closely at every element of an array.
    `key`: how many leading columns name the row. With a key, rows are sorted by it (so that two
    transactions lock in the same order), and of several writes of a row in one flush the last one stands.
    `duplicate_is_conflict`: a row that exists by now was written by somebody quicker: look again.
    `all_or_conflict`: the writes are conditional on what was read; a row that is missed raises Conflict.
    """

    sql: str
    key: int = 0
    columns: tuple[str, ...] = ()
    all_or_conflict: bool = False
    duplicate_is_conflict: bool = False

    def arguments(self, rows: Sequence[Sequence[Any]]) -> list[Any]:
        """What `sql` is given for these rows. Raises TypeError for what JSON cannot hold."""
        if self.columns:
            return [orjson.dumps([dict(zip(self.columns, row, strict=True)) for row in rows]).decode()]
        return [list(column) for column in zip(*rows, strict=True)]


class Session:
    """What stores read and write through, within the transaction that the runtime holds."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.statements = 0
        self.aborted = False
        self._flushed = 0  # writes that are no longer in the journal
        self._journal: list[BulkWrite] = []
        self._pending: dict[BulkWrite, list[tuple[Any, ...]]] = {}

    async def fetch(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """The rows of a query, which sees every write made before it."""
        if self._journal:
            await self.flush()
        self.statements += 1
        try:
            return await self.connection.fetch(sql, *arguments)
        except BaseException:  # a time limit or a cancellation leaves the transaction as unusable
            self.aborted = True
            raise

    async def fetch_row(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row of a query, or None."""
        rows = await self.fetch(sql, *arguments)
        return rows[0] if rows else None

    def write(self, kind: BulkWrite, *row: Any) -> None:
        """Buffer one row of a bulk write."""
        rows = self._pending.get(kind)
        if rows is None:
            rows = self._pending[kind] = []
        if len(rows) >= ROWS_A_STATEMENT:
            raise BulkError(f"more than {ROWS_A_STATEMENT} rows in one statement")
        rows.append(row)
        self._journal.append(kind)

    def write_many(self, kind: BulkWrite, rows: Iterable[Sequence[Any]]) -> None:
        """Buffer several rows of a bulk write."""
        for row in rows:
            self.write(kind, *row)

    def mark(self) -> int:
        """A point to which `undo` can go back."""
        return self._flushed + len(self._journal)

    def undo(self, mark: int) -> None:
        """Take back what was buffered since `mark`. Raises ReadAfterWrite if some of it was flushed."""
        if self._flushed > mark:
            raise ReadAfterWrite
        while self.mark() > mark:
            self._pending[self._journal.pop()].pop()

    def is_aborted(self) -> bool:
        """Whether a statement failed, so that the transaction can only be rolled back."""
        return self.connection.is_closed() or self.aborted

    async def flush(self) -> None:
        """Write what is buffered, a statement a kind, in the order in which the kinds were first used.

        Raises Conflict or BulkError; connection errors pass through.
        """
        pending, self._pending = self._pending, {}
        self._flushed += len(self._journal)
        self._journal.clear()
        for kind, rows in pending.items():
            if rows:
                await self._execute(kind, rows)

    async def _execute(self, kind: BulkWrite, rows: list[tuple[Any, ...]]) -> None:
        self.statements += 1
        try:
            if kind.key:
                by_key = {row[: kind.key]: row for row in rows}
                rows = [by_key[key] for key in sorted(by_key)]
            status = await self.connection.execute(kind.sql, *kind.arguments(rows))
        except BaseException as error:  # a time limit or a cancellation leaves the transaction as unusable
            self.aborted = True
            if (
                not isinstance(error, _REFUSED)
                or isinstance(error, _TRANSIENT)
                or is_away(error, self.connection)
            ):
                raise
            if kind.duplicate_is_conflict and isinstance(error, asyncpg.UniqueViolationError):
                raise Conflict(str(error)) from error
            raise BulkError(f"{type(error).__name__}: {error}") from error
        if kind.all_or_conflict and int(status.rpartition(" ")[2]) != len(rows):
            raise Conflict(kind.sql)
