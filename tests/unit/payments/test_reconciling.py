"""A statement against our books: each way in which they can differ has its name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from consumers.payments.rules.reconciling import Booked, Line, NoStatement, Wrong, compare, read_lines


def line(transaction: str, amount: int | None = 500, *, good: bool = True, out: bool | None = None) -> Line:
    return Line(transaction, amount, good, out, None)


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
    ],
)
def test_each_way_to_differ(lines: list[Line], booked: list[Booked], wrong: list[Wrong]) -> None:
    found = compare(lines, {each.transaction: each for each in booked}, booked)
    assert [each.wrong for each in found] == wrong


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
    ],
)
def test_how_statements_are_written(row: dict[str, Any], expected: Line) -> None:
    assert read_lines([row]) == [expected]


def test_what_is_no_statement_says_so() -> None:
    with pytest.raises(NoStatement, match="line 2"):
        read_lines([{"id": "1", "amount": 5}, {"name": "x"}])
