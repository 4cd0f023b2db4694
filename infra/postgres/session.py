"""The session of one transaction: reads at once, writes in bulk.

Writes are buffered, turn by turn, and flushed in bulk: before the next read, and at the end. So the number of
statements does not grow with the chunk, and a turn that fails loses its own writes only. Kinds that look at
different tables go to the database as one statement: the way there costs more than they do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy

from infra.postgres.away import is_away

# A row is at fault: PostgreSQL refused it, or it cannot even be sent (TypeError, ValueError).
_REFUSED = (asyncpg.PostgresError, asyncpg.InterfaceError, TypeError, ValueError)
_PLACE = re.compile(r"\$(\d+)")
# Nobody's fault: another transaction was in the way, and PostgreSQL chose this one to give way.
_GIVES_WAY = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
COPIED_FROM = 50  # rows: where COPY has made up for its second way to the database
ROWS_A_STATEMENT = 10_000  # a chunk is far smaller; this bounds what a runaway handler can pile up


_Rows: TypeAlias = "list[tuple[Any, ...]]"
Connection: TypeAlias = "asyncpg.Connection[Any] | PoolConnectionProxy[Any]"


class Conflict(Exception):
    """Another transaction was quicker, or in the way: the chunk is run again at once."""


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
    `table`: the only one that `sql` looks at, where it is so: this kind may be one statement with others, and
    each sees the database as it was before.
    `duplicate_is_conflict`: a row that exists by now was written by somebody quicker: look again.
    `all_or_conflict`: the writes are conditional on what was read; a row that is missed raises Conflict.
    `copies`: where to, and the columns, of rows that are only ever added: see `adds`.
    """

    sql: str
    key: int = 0
    columns: tuple[str, ...] = ()
    table: str = ""
    all_or_conflict: bool = False
    duplicate_is_conflict: bool = False
    copies: tuple[str, tuple[str, ...]] | None = None

    @classmethod
    def adds(cls, table: str, *columns: str, duplicate_is_conflict: bool = False) -> BulkWrite:
        """Rows that are only ever added to a table without row-level security; `columns`: `"id uuid"`, ….

        Many are added by COPY: half of asyncpg's work for an INSERT, and two thirds of PostgreSQL's. Few by
        an INSERT: a COPY takes one way to the database more.
        """
        names, types = zip(*(column.split() for column in columns), strict=True)
        arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(types, 1))
        insert = f"INSERT INTO {table} ({', '.join(names)}) SELECT * FROM unnest({arrays})"  # noqa: S608
        return cls(insert, copies=(table, names), duplicate_is_conflict=duplicate_is_conflict)

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
        """The rows of a query, which sees every write made before it. Raises Conflict, as `flush` does."""
        if self._journal:
            await self.flush()
        self.statements += 1
        try:
            return await self.connection.fetch(sql, *arguments)
        except BaseException as error:  # a time limit or a cancellation leaves the transaction as unusable
            self.aborted = True
            if isinstance(error, _GIVES_WAY):
                raise Conflict(str(error)) from error
            raise

    async def fetch_row(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        """The first row of a query, or None."""
        rows = await self.fetch(sql, *arguments)
        return rows[0] if rows else None

    def write(self, kind: BulkWrite, *row: Any) -> None:
        """Buffer one row of a bulk write."""
        self.write_many(kind, (row,))

    def write_many(self, kind: BulkWrite, rows: Iterable[tuple[Any, ...]]) -> None:
        """Buffer several rows of a bulk write."""
        pending = self._pending.get(kind)
        if pending is None:
            pending = self._pending[kind] = []
        before = len(pending)
        pending.extend(rows)
        self._journal.extend([kind] * (len(pending) - before))
        if len(pending) > ROWS_A_STATEMENT:
            raise BulkError(f"more than {ROWS_A_STATEMENT} rows in one statement")

    def mark(self) -> int:
        """A point to which `undo` can go back."""
        return self._flushed + len(self._journal)

    def undo(self, mark: int) -> None:
        """Take back what was buffered since `mark`. Raises ReadAfterWrite if some of it was flushed."""
        if self._flushed > mark:
            raise ReadAfterWrite
        while self.mark() > mark:
            kind = self._journal.pop()
            self._pending[kind].pop()
            if not self._pending[kind]:
                del self._pending[kind]  # and its place in the order

    def is_aborted(self) -> bool:
        """Whether a statement failed, so that the transaction can only be rolled back."""
        return self.connection.is_closed() or self.aborted

    async def flush(self) -> None:
        """Write what is buffered, in the order in which the kinds were first used.

        Raises Conflict or BulkError; connection errors pass through.
        """
        if not self._journal:
            return
        pending, self._pending = self._pending, {}
        self._flushed += len(self._journal)
        self._journal.clear()
        for kinds in _together(kind for kind, rows in pending.items() if rows):
            await self._execute(kinds, pending)

    async def _execute(self, kinds: tuple[BulkWrite, ...], pending: Mapping[BulkWrite, _Rows]) -> None:
        self.statements += 1
        counts: Sequence[int]
        try:
            writes = [_in_order(kind, pending[kind]) for kind in kinds]
            if kinds[0].copies is not None and len(writes[0]) >= COPIED_FROM:
                table, columns = kinds[0].copies
                await self.connection.copy_records_to_table(table, records=writes[0], columns=columns)
                return
            arguments = [a for kind, rows in zip(kinds, writes, strict=True) for a in kind.arguments(rows)]
            if len(kinds) == 1:
                status = await self.connection.execute(kinds[0].sql, *arguments)
                counts = [int(status.rpartition(" ")[2])]
            else:
                counts = (await self.connection.fetch(_one_statement(kinds), *arguments))[0]
        except BaseException as error:  # a time limit or a cancellation leaves the transaction as unusable
            self.aborted = True
            if not isinstance(error, _REFUSED) or is_away(error, self.connection):
                raise
            late = isinstance(error, asyncpg.UniqueViolationError) and any(_is_late(k, error) for k in kinds)
            if late or isinstance(error, _GIVES_WAY):
                raise Conflict(str(error)) from error
            raise BulkError(f"{type(error).__name__}: {error}") from error
        for kind, rows, written in zip(kinds, writes, counts, strict=True):
            if kind.all_or_conflict and written != len(rows):
                raise Conflict(kind.sql)


def _in_order(kind: BulkWrite, rows: _Rows) -> _Rows:
    """Sorted by their key, and the last one of each; as they are, without a key."""
    if not kind.key:
        return rows
    by_key = {row[: kind.key]: row for row in rows}
    return [by_key[key] for key in sorted(by_key)]


def _together(kinds: Iterable[BulkWrite]) -> Iterator[tuple[BulkWrite, ...]]:
    """The kinds in their order, those together that may be one statement."""
    group: list[BulkWrite] = []
    for kind in kinds:
        if group and (not kind.table or any(other.table in ("", kind.table) for other in group)):
            yield tuple(group)
            group = []
        group.append(kind)
    if group:
        yield tuple(group)


@lru_cache(maxsize=256)
def _one_statement(kinds: tuple[BulkWrite, ...]) -> str:
    """The SQL that carries out all of these; its row says how many rows each has written, or 0 where nobody
    asks."""
    parts, counts, used = [], [], 0
    for number, kind in enumerate(kinds):
        places = [int(place) for place in _PLACE.findall(kind.sql)]
        sql = _PLACE.sub(lambda found, shift=used: f"${int(found[1]) + shift}", kind.sql)  # type: ignore[misc]
        used += max(places)
        parts.append(f"w{number} AS ({sql}{' RETURNING 1' if kind.all_or_conflict else ''})")
        counts.append(f"(SELECT count(*) FROM w{number})" if kind.all_or_conflict else "0")  # noqa: S608 - ours
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"


def _is_late(kind: BulkWrite, error: asyncpg.UniqueViolationError) -> bool:
    """Whether it was this kind that found its row written by somebody quicker."""
    named = getattr(error, "table_name", None) or ""
    return kind.duplicate_is_conflict and (not kind.table or named.startswith(kind.table.rpartition(".")[2]))
