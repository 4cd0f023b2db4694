"""A statement against our books: each way in which they can differ has its name."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from consumers.payments.rules.readings import Received
from consumers.payments.rules.reconciling import Booked, Line, NoStatement, Wrong, compare, read_lines
from consumers.payments.rules.sms import KIGALI, read_sms
from scripts.till.statements import read_file
from tests.unit.payments.texts import came_in


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
        ([line("1", None)], [ours("1")], [Wrong.AMOUNT]),  # told in another currency
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
    with pytest.raises(NoStatement, match="more cells than there are columns"):
        read_lines(csv.DictReader(["Name,Date", "x,2026-11-28,1,2"]))
    with pytest.raises(NoStatement, match=r"its columns: Name, Date$"):
        read_lines(csv.DictReader(["Name,Date", "x,2026-11-28"]))


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


def statement(tmp_path: Path, text: str, name: str = "statement.csv") -> list[Line]:
    file = tmp_path / name
    file.write_text(text)
    return read_file(file)


@pytest.mark.parametrize(
    "text",
    [
        "Id,Amount,Currency,Status\n23503452,1,500,RWF,Successful\n",  # 500 would be the currency
        'Id,Amount,Name\n1,500,"Jean\n2,999,Aline\n3,500,Eric\n',  # would be one line
    ],
)
def test_cells_that_would_be_moved_or_swallowed_are_no_statement(tmp_path: Path, text: str) -> None:
    with pytest.raises(NoStatement):
        statement(tmp_path, text)


def test_of_several_lists_only_the_one_that_is_called_data_is_a_statement(tmp_path: Path) -> None:
    two = '{"errors": [], "%s": [{"id": "23503452", "amount": 500}]}'
    assert [line.transaction for line in statement(tmp_path, two % "data", "a.json")] == ["23503452"]
    with pytest.raises(NoStatement):
        statement(tmp_path, two % "payments", "b.json")


OURS = Booked("23503452", 500, "received", False)
REFUSED = {OURS.transaction: replace(OURS, state="refused")}


@pytest.mark.parametrize(
    ("back", "wrong"), [(-500, []), (-10, [Wrong.NOT_CREDITED]), (-100, [Wrong.NOT_CREDITED])]
)
def test_a_fee_or_a_part_is_not_the_whole_given_back(back: int, wrong: list[Wrong]) -> None:
    lines = read_lines([{"id": "23503452", "amount": 500}, {"id": "23503452", "amount": back}])
    assert [each.wrong for each in compare(lines, REFUSED, [])] == wrong


@pytest.mark.parametrize("kind", ["Refund", "REVERSAL", "Chargeback", "payment_refund"])
def test_a_refund_without_a_minus_is_not_the_payment(kind: str) -> None:
    (line,) = read_lines([{"id": "23503452", "amount": 500, "type": kind, "status": "Successful"}])
    assert [each.wrong for each in compare([line], {OURS.transaction: OURS}, [])] == [Wrong.DIRECTION]


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"refunded": True}, [Wrong.DIRECTION]),
        ({"Amount Refunded": "500"}, [Wrong.DIRECTION]),
        ({"refunded": False, "amount_refunded": 0}, []),
    ],
)
def test_a_refund_that_is_told_beside_the_state(more: dict[str, object], wrong: list[Wrong]) -> None:
    lines = read_lines([{"id": "23503452", "amount": 500, "status": "succeeded", **more}])
    assert [each.wrong for each in compare(lines, {OURS.transaction: OURS}, [])] == wrong


def test_one_payment_under_two_names_is_there_once() -> None:
    known = {name: replace(OURS, transaction=name, own="gw-1") for name in ("11111", "22222")}
    lines = read_lines([{"id": "11111", "amount": 500}, {"id": "22222", "amount": 500}])
    assert [(each.wrong, each.transaction) for each in compare(lines, known, [])] == [(Wrong.TWICE, "22222")]


@pytest.mark.parametrize(("foreign", "wrong"), [(False, [Wrong.AMOUNT]), (True, [])])
def test_another_currency_is_another_amount_unless_it_may_be(foreign: bool, wrong: list[Wrong]) -> None:
    lines = read_lines([{"id": "23503452", "amount": 500, "currency": "EUR"}])
    found = compare(lines, {OURS.transaction: OURS}, [], foreign=foreign)
    assert [each.wrong for each in found] == wrong


def test_mtns_statement_and_mtns_sms_tell_one_time() -> None:
    sms = read_sms("M-Money", came_in(at="2026-11-28 00:30:00"))
    row = {"Financial Transaction ID": "7", "Amount": "500", "Date": "2026-11-28 00:30:00"}
    assert isinstance(sms, Received)
    (line,) = read_lines([row], KIGALI)
    assert line.at == sms.paid_at


def test_a_refund_in_dollars_of_what_was_refused_is_no_difference() -> None:
    lines = [line("CAP-1", None, out=False), line("CAP-1", None, out=True)]
    assert compare(lines, {"CAP-1": Booked("CAP-1", 1300, "refused", False)}, [], foreign=True) == []


def test_an_empty_cell_at_the_end_of_each_line_moves_nothing(tmp_path: Path) -> None:
    lines = statement(tmp_path, "Id,Amount\nA1234,500,\nA1235,600,\n")
    assert [each.amount_rwf for each in lines] == [500, 600]
