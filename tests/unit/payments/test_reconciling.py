"""A statement against our books: each way in which they can differ has its name."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from consumers.payments.rules.reconciling import Booked, Line, NoStatement, Wrong, compare, read_lines


def line(
    transaction: str, amount: int | None = 500, *, good: bool | None = True, out: bool | None = None
) -> Line:
    return Line(transaction, amount, good, out, None)


def unreadable(transaction: str) -> Line:
    return Line(transaction, None, True, None, None, unreadable="7000.50")


def ours(transaction: str, amount: int = 500, state: str = "received", *, out: bool = False) -> Booked:
    return Booked(transaction, amount, state, out)


@pytest.mark.parametrize(
    ("lines", "booked", "wrong"),
    [
        ([line("1")], [ours("1")], []),
        ([line("1")], [], [Wrong.MISSING_HERE]),
        ([], [ours("1")], [Wrong.MISSING_THERE]),
        ([], [ours("1", state="review")], [Wrong.MISSING_THERE]),
        ([], [ours("1", state="failed")], []),
        ([line("1", 501)], [ours("1")], [Wrong.AMOUNT]),
        ([line("1")], [ours("1", state="review")], [Wrong.NOT_CREDITED]),
        ([line("1")], [ours("1", state="failed")], [Wrong.NOT_CREDITED]),
        ([line("1", good=False)], [ours("1")], [Wrong.FAILED_THERE]),
        ([line("1", good=False)], [ours("1", state="failed")], []),
        ([line("1", good=False)], [], []),
        ([line("1"), line("1")], [ours("1")], [Wrong.TWICE]),
        ([line("1", None)], [ours("1")], []),  # told in another currency
        ([line("1")], [ours("1", state="paid", out=True)], []),
        ([line("1", out=True)], [ours("1", state="paid", out=True)], []),
        ([line("1", out=True)], [ours("1")], [Wrong.DIRECTION]),
        ([line("1"), line("1", out=True)], [ours("1")], [Wrong.DIRECTION]),  # refunded, and we do not know
        ([line("1"), line("1", out=True)], [ours("1", state="refused")], []),  # and taken back here
        ([line("1"), line("1", out=True), line("1", out=True)], [ours("1", state="refused")], [Wrong.TWICE]),
        ([line("1", out=False)], [ours("1", state="paid", out=True)], [Wrong.DIRECTION]),
        ([unreadable("1")], [ours("1")], [Wrong.UNREADABLE]),
        ([unreadable("1")], [], [Wrong.MISSING_HERE]),
        ([line("1", 0)], [ours("1")], [Wrong.AMOUNT]),
        ([line("1", good=None)], [ours("1")], []),  # pending there, or a word that nobody knows
        ([line("1", good=None)], [ours("1", state="review")], []),
        ([line("1", good=None)], [], []),
    ],
)
def test_each_way_to_differ(lines: list[Line], booked: list[Booked], wrong: list[Wrong]) -> None:
    found = compare(lines, {each.transaction: each for each in booked}, booked)
    assert [each.wrong for each in found] == wrong


def test_a_statement_may_have_a_payment_by_another_of_its_names() -> None:
    known = replace(ours("gw-1"), also=("gw-1", "1"))
    assert compare([line("1")], {"1": known}, [known]) == []
    (missing,) = compare([], {}, [known])
    assert (missing.wrong, missing.transaction) == (Wrong.MISSING_THERE, "gw-1")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (
            {
                "Financial Transaction ID": "7",
                "Amount": "1,500",
                "Date": "2026-11-20 14:00:00",
                "Status": "Successful",
            },
            Line("7", 1500, True, None, datetime(2026, 11, 20, 14, tzinfo=UTC)),
        ),
        (
            {"id": "pi_1", "amount": 500, "currency": "rwf", "created": 1_700_000_000, "status": "succeeded"},
            Line("pi_1", 500, True, None, datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ),
        ({"transaction": "9", "amount": "-490", "type": "Payout"}, Line("9", 490, True, True, None)),
        ({"transaction": "9", "amount": "490", "direction": "IN"}, Line("9", 490, True, False, None)),
        ({"transaction": "9", "amount": "490", "type": "Transfer"}, Line("9", 490, True, None, None)),
        ({"transaction": "9", "amount": "490", "type": "Debit"}, Line("9", 490, True, True, None)),
        ({"transaction": "9", "amount": "4.00", "currency": "USD"}, Line("9", None, True, None, None)),
        ({"transaction": "9", "amount": "5", "status": "FAILED"}, Line("9", 5, False, None, None)),
        ({"transaction": "9", "amount": "(RWF 700)"}, Line("9", 700, True, True, None)),
        ({"transaction": "9", "amount": "$5"}, Line("9", None, True, None, None)),
    ],
)
def test_how_statements_are_written(row: dict[str, Any], expected: Line) -> None:
    assert read_lines([row]) == [expected]


def test_what_is_no_statement_says_so() -> None:
    with pytest.raises(NoStatement, match="line 2"):
        read_lines([{"id": "1", "amount": 5}, {"name": "x"}])


def test_cells_without_a_column_are_no_columns() -> None:
    with pytest.raises(NoStatement, match=r"its columns: Name, Date$"):
        read_lines(csv.DictReader(["Name,Date", "x,2026-11-28,1,2"]))


@pytest.mark.parametrize(
    ("status", "state", "wrong"),
    [
        ("pending", "received", []),
        ("partially_refunded", "received", []),
        ("Processed by hand", "received", []),
        ("Processed by hand", "review", []),
        ("Timed out", "received", [Wrong.FAILED_THERE]),
        ("Cancelled", "paid", [Wrong.FAILED_THERE]),
        ("refunded", "received", [Wrong.DIRECTION]),
        ("refunded", "refused", []),
    ],
)
def test_only_words_that_mean_failed_say_so(status: str, state: str, wrong: list[Wrong]) -> None:
    (line,) = read_lines([{"id": "1", "amount": 500, "status": status}])
    assert [each.wrong for each in compare([line], {"1": ours("1", state=state)}, [])] == wrong
    assert line.unknown == (status if status == "Processed by hand" else "")


def test_what_cannot_be_read_is_shown_as_it_stands() -> None:
    rows = [{"id": "1", "amount": "7000.50", "currency": currency} for currency in ("RWF", "", "USD")]
    lines = read_lines(rows)
    assert [each.unreadable for each in lines] == ["7000.50", "7000.50", ""]
    (found,) = compare(lines[:1], {"1": ours("1")}, [])
    assert (found.wrong, found.unreadable) == (Wrong.UNREADABLE, "7000.50")


def test_one_date_tells_how_all_are_written() -> None:
    rows = [{"id": "1", "amount": 5, "date": date} for date in ("05/11/2026 10:00", "28/11/2026 09:30:15")]
    assert [each.at for each in read_lines(rows)] == [
        datetime(2026, 11, 5, 10, tzinfo=UTC),
        datetime(2026, 11, 28, 9, 30, 15, tzinfo=UTC),
    ]
    (alone,) = read_lines(rows[:1])
    assert (alone.at, alone.undated) == (None, "05/11/2026 10:00")
