"""The session: what is buffered, what can be taken back, and in what order it is written."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.postgres.session import COPIED_FROM, BulkError, BulkWrite, Conflict, ReadAfterWrite, Session

ADD = BulkWrite("add")
SET = BulkWrite("set", key=1)
CHECKED = BulkWrite("checked", key=1, all_or_conflict=True)
UNIQUE = BulkWrite("unique", duplicate_is_conflict=True)
ANN = BulkWrite("ann $1 $2", key=1, table="ann", all_or_conflict=True)
BEN = BulkWrite("ben $1", table="ben")
COPIED = BulkWrite.adds("copied", "id int", "name text", duplicate_is_conflict=True)
BEN_AGAIN = BulkWrite("again $1", table="ben")


class Wire:
    """Stands where asyncpg's connection would be: notes the statements, answers as told."""

    def __init__(self) -> None:
        self.done: list[tuple[str, list[tuple[Any, ...]]]] = []
        self.affected: int | None = None
        self.error: BaseException | None = None

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        self.done.append((sql, list(arguments)))
        if self.error is not None:
            raise self.error
        return []

    async def execute(self, sql: str, *columns: list[Any]) -> str:
        rows = list(zip(*columns, strict=True))
        self.done.append((sql, rows))
        if self.error is not None:
            raise self.error
        return f"UPDATE {len(rows) if self.affected is None else self.affected}"

    async def copy_records_to_table(
        self, table: str, *, records: list[Any], columns: tuple[str, ...]
    ) -> None:
        self.done.append((f"copy {table} {' '.join(columns)}", records))
        if self.error is not None:
            raise self.error

    def is_closed(self) -> bool:
        return False


class Counting(Wire):
    """Answers a statement of several kinds as PostgreSQL would: how many rows each has written."""

    counts: tuple[int, ...] = ()

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        await super().fetch(sql, *arguments)
        return [self.counts]


def a_session() -> tuple[Session, Wire]:
    wire = Wire()
    return Session(wire), wire  # type: ignore[arg-type]


async def test_writes_of_a_kind_are_one_statement_in_the_order_of_their_first_use() -> None:
    session, wire = a_session()
    session.write(SET, "b", 1)
    session.write(ADD, "x")
    session.write(SET, "a", 2)
    session.write(SET, "b", 3)
    session.write(ADD, "x")
    await session.flush()
    assert wire.done == [("set", [("a", 2), ("b", 3)]), ("add", [("x",), ("x",)])]
    assert session.statements == 2


async def test_a_read_sees_every_write_before_it() -> None:
    session, wire = a_session()
    session.write(ADD, "x")
    await session.fetch("select")
    assert [sql for sql, _ in wire.done] == ["add", "select"]
    await session.fetch("select")
    assert [sql for sql, _ in wire.done] == ["add", "select", "select"]


async def test_what_was_buffered_since_a_mark_is_taken_back() -> None:
    session, wire = a_session()
    session.write(ADD, "kept")
    mark = session.mark()
    session.write(ADD, "gone")
    session.write(SET, "a", 1)
    session.undo(mark)
    session.write(ADD, "after")
    await session.flush()
    assert wire.done == [("add", [("kept",), ("after",)])]


async def test_what_was_flushed_cannot_be_taken_back() -> None:
    session, _ = a_session()
    mark = session.mark()
    session.write(ADD, "own")
    await session.fetch("select")
    with pytest.raises(ReadAfterWrite):
        session.undo(mark)


async def test_a_read_that_flushed_only_the_writes_of_others_takes_nothing_from_undo() -> None:
    session, wire = a_session()
    session.write(ADD, "of an earlier turn")
    mark = session.mark()
    await session.fetch("select")
    session.write(ADD, "own")
    session.undo(mark)
    await session.flush()
    assert [rows for sql, rows in wire.done if sql == "add"] == [[("of an earlier turn",)]]


@given(st.lists(st.sampled_from(["write", "flush", "mark", "undo"]), max_size=30))
def test_undo_gives_back_exactly_the_state_of_the_mark(steps: list[str]) -> None:
    async def play() -> None:
        session, wire = a_session()
        kept: list[int] = []
        marks: list[tuple[int, int, int]] = []  # mark, rows kept then, rows flushed then
        flushed = 0
        for number, step in enumerate(steps):
            if step == "write":
                session.write(ADD, number)
                kept.append(number)
            elif step == "flush":
                await session.flush()
                flushed = len(kept)
            elif step == "mark":
                marks = [(session.mark(), len(kept), flushed)]  # one turn at a time
            elif marks:
                mark, length, _ = marks.pop()
                if flushed > length:
                    with pytest.raises(ReadAfterWrite):
                        session.undo(mark)
                else:
                    session.undo(mark)
                    del kept[length:]
        await session.flush()
        assert [row for _, rows in wire.done for (row,) in rows] == kept

    asyncio.run(play())


async def test_a_missed_row_is_a_conflict() -> None:
    session, wire = a_session()
    wire.affected = 1
    session.write_many(CHECKED, [("a", 1), ("b", 1)])
    with pytest.raises(Conflict):
        await session.flush()


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (asyncpg.UniqueViolationError("there"), Conflict),
        (asyncpg.CheckViolationError("no"), BulkError),
        (asyncpg.DataError("no"), BulkError),
        (asyncpg.DeadlockDetectedError("met"), Conflict),
        (asyncpg.SerializationError("met"), Conflict),
        (asyncpg.AdminShutdownError("away"), asyncpg.AdminShutdownError),
        (asyncpg.LockNotAvailableError("away"), asyncpg.LockNotAvailableError),
        (ConnectionResetError("away"), ConnectionResetError),
        (asyncio.CancelledError(), asyncio.CancelledError),
        (TimeoutError(), TimeoutError),
    ],
)
async def test_what_a_refused_statement_is_told_as(error: BaseException, raised: type[BaseException]) -> None:
    session, wire = a_session()
    wire.error = error
    session.write(UNIQUE, "a")
    with pytest.raises(raised):
        await session.flush()
    assert session.is_aborted()


async def test_a_key_that_cannot_be_sorted_is_a_row_at_fault() -> None:
    session, _ = a_session()
    session.write_many(SET, [("a", 1), (None, 1)])
    with pytest.raises(BulkError):
        await session.flush()


async def test_a_duplicate_is_a_conflict_only_where_it_means_that_somebody_was_quicker() -> None:
    session, wire = a_session()
    wire.error = asyncpg.UniqueViolationError("there")
    session.write(ADD, "a")
    with pytest.raises(BulkError):
        await session.flush()


@pytest.mark.parametrize("error", [asyncio.CancelledError(), asyncpg.DataError("no")])
async def test_a_read_that_fails_aborts_the_transaction(error: BaseException) -> None:
    session, wire = a_session()
    wire.error = error
    with pytest.raises(type(error)):
        await session.fetch("select")
    assert session.is_aborted()


async def test_a_runaway_handler_is_stopped() -> None:
    session, _ = a_session()
    with pytest.raises(BulkError):
        session.write_many(ADD, ((number,) for number in range(10_001)))


async def test_kinds_of_different_tables_are_one_statement() -> None:
    wire = Counting()
    wire.counts = (2, 0)
    session = Session(wire)  # type: ignore[arg-type]
    session.write(ANN, "b", 1)
    session.write(BEN, "x")
    session.write(ANN, "a", 2)
    session.write(BEN_AGAIN, "y")
    session.write(ADD, "z")
    await session.flush()
    one, again, add = wire.done
    assert one == (
        "WITH w0 AS (ann $1 $2 RETURNING 1), w1 AS (ben $3) SELECT (SELECT count(*) FROM w0), 0",
        [["a", "b"], [2, 1], ["x"]],
    )
    assert again == ("again $1", [("y",)])  # of the same table: it is to see what the other has written
    assert add == ("add", [("z",)])  # it may look at any
    assert session.statements == 3


INSERT = "INSERT INTO copied (id, name) SELECT * FROM unnest($1::int[], $2::text[])"


@pytest.mark.parametrize(("count", "how"), [(COPIED_FROM - 1, INSERT), (COPIED_FROM, "copy copied id name")])
async def test_what_is_only_added_is_copied_where_it_is_much(count: int, how: str) -> None:
    session, wire = a_session()
    rows = [(number, "b") for number in reversed(range(count))]
    session.write(ANN, "a", 1)
    session.write_many(COPIED, rows)
    session.write(BEN, "b")
    await session.flush()
    assert [sql for sql, _ in wire.done] == ["ann $1 $2", how, "ben $1"]
    assert wire.done[1][1] == rows
    assert session.statements == 3


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (asyncpg.UniqueViolationError("copied_pkey"), Conflict),
        (asyncpg.CheckViolationError("positive"), BulkError),
        (ValueError("no UUID"), BulkError),
        (ConnectionResetError(), ConnectionResetError),
    ],
)
async def test_what_a_refused_copy_is_told_as(error: Exception, raised: type[Exception]) -> None:
    session, wire = a_session()
    if isinstance(error, asyncpg.UniqueViolationError):
        error.table_name = "copied"
    wire.error = error
    session.write_many(COPIED, [(number, "a") for number in range(COPIED_FROM)])
    with pytest.raises(raised):
        await session.flush()
    assert session.is_aborted()


async def test_a_row_that_is_missed_is_a_conflict_among_others_too() -> None:
    wire = Counting()
    wire.counts = (1, 0)
    session = Session(wire)  # type: ignore[arg-type]
    session.write_many(ANN, [("a", 1), ("b", 2)])
    session.write(BEN, "x")
    with pytest.raises(Conflict):
        await session.flush()


@pytest.mark.parametrize(("table", "expected"), [("late_2026", Conflict), ("ben", BulkError)])
async def test_only_a_double_of_the_table_in_question_is_a_conflict(
    table: str, expected: type[Exception]
) -> None:
    wire = Counting()
    wire.error = asyncpg.UniqueViolationError("double")
    wire.error.table_name = table
    session = Session(wire)  # type: ignore[arg-type]
    session.write(BulkWrite("late $1", table="runtime.late", duplicate_is_conflict=True), 1)
    session.write(BEN, "x")
    with pytest.raises(expected):
        await session.flush()


async def test_what_is_taken_back_keeps_no_place_in_the_order() -> None:
    session, wire = a_session()
    mark = session.mark()
    session.write(SET, "a", 1)
    session.undo(mark)
    session.write(ADD, "b")
    session.write(SET, "b", 2)
    await session.flush()
    assert [sql for sql, _ in wire.done] == [ADD.sql, SET.sql]
