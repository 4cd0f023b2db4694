"""Amounts and times as statements write them: read without doubt, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from consumers.payments.rules.written import comes_day_first, read_time, read_written


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (5000, 5000), (5000.0, 5000), ("0", 0), ("RWF 5,000", 5000), ("5000Frw", 5000), ("rwf. 12", 12),
        ("9.000", 9000), ("50.000,00", 50_000), ("50,000.00", 50_000), ("7 000 RWF", 7000),
        ("7\N{NO-BREAK SPACE}000", 7000), ("7\N{NARROW NO-BREAK SPACE}000,0", 7000), ("5000,00", 5000),
        ("5000,0", 5000), ("5000.00", 5000), ("1,234,567", 1_234_567), (" +1 234 567 ", 1_234_567),
    ],
)  # fmt: skip
def test_amounts_that_are_sure(written: Any, amount: int) -> None:
    assert read_written(written, "RWF") == read_written(written, None) == (amount, False, False)


@pytest.mark.parametrize("written", ["(700)", "( 700 RWF )", "-700", "- RWF 700", "RWF -700", "−700", -700])
def test_amounts_below_zero(written: Any) -> None:
    assert read_written(written, "frw") == (700, True, False)


@pytest.mark.parametrize(
    "written",
    [
        "7000.50", "5,5", 7000.5, "0,500", "12,34", "12,34,567", "50,000,00", "50,000.000", "5000.000",
        "7 00", "1.234,567", "RWF", "five", "--5", "5-", "5000/=", "1" * 13, True, [], "(700",
        "5 RWF 000", "٧٠٠",
    ],
)  # fmt: skip
def test_amounts_that_are_not(written: Any) -> None:
    amount, _, unreadable = read_written(written, "RWF")
    assert (amount, unreadable) == (None, True)
    assert read_written(written, "USD")[::2] == (None, False)


def test_another_currency_may_stand_in_the_amount() -> None:
    for written in ("USD5.00", "5 eur", "$5"):
        assert read_written(written, "") == (None, False, False)
        assert read_written(written, "RWF") == (None, False, True)


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("28/11/2026 10:00", datetime(2026, 11, 28, 10, tzinfo=UTC)),
        ("28-11-2026", datetime(2026, 11, 28, tzinfo=UTC)),
        ("28.11.2026, 12:05:07 AM", datetime(2026, 11, 28, 0, 5, 7, tzinfo=UTC)),
        ("11/28/2026 1:30 pm", datetime(2026, 11, 28, 13, 30, tzinfo=UTC)),
        ("11/11/2026", datetime(2026, 11, 11, tzinfo=UTC)),
        ("2026/11/28 10:00", datetime(2026, 11, 28, 10, tzinfo=UTC)),
        ("05/11/2026", None),
        ("31/11/2026", None),
        ("28/11/2026 25:00", None),
        ("28/11/2026 13:00 pm", None),
        ("28/11/26", None),
        ("Saturday", None),
        (True, None),
    ],
)
def test_times(written: Any, time: datetime | None) -> None:
    assert read_time(written, day_first=comes_day_first([written])) == time


def test_dates_that_disagree_prove_nothing() -> None:
    assert comes_day_first(["28/11/2026", "11/28/2026"]) is None
    assert comes_day_first(["28/11/2026", "05/11/2026", None, 7]) is True
