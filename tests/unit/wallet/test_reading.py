"""What a person typed, and what a telephone dials for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consumers.wallet.rules import reading
from consumers.wallet.rules.referring import Verdict, judge

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("5000", 5_000),
        ("5,000", 5_000),
        ("RWF 5 000", 5_000),
        ("5.000 frw", 5_000),
        ("5k tokens", 5_000),
        ("0", 0),
        ("-5", None),
        ("5.5", None),
        ("five", None),
        ("", None),
        ("9999999999", None),
        ("5,00", None),
    ],
)
def test_amounts(text: str, amount: int | None) -> None:
    assert reading.amount(text) == amount


@pytest.mark.parametrize(
    ("text", "phone", "momo", "mobile"),
    [
        ("0788123456", "250788123456", "250788123456", "0788123456"),
        ("+250 788 123 456", "250788123456", "250788123456", "0788123456"),
        ("00250-722-123-456", "250722123456", "250722123456", "0722123456"),
        ("0750123456", "250750123456", None, "0750123456"),
        ("+256 772 123 456", "256772123456", None, None),
        ("078812345", None, None, None),
        ("0888123456", None, None, None),
        ("078812345٦", None, None, None),  # a digit, and none that anybody dials
        ("hello", None, None, None),
    ],
)
def test_numbers(text: str, phone: str | None, momo: str | None, mobile: str | None) -> None:
    assert (reading.phone(text), reading.momo_phone(text), reading.mobile(text)) == (phone, momo, mobile)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1234", "1234"),
        ("123456789012", "123456789012"),
        ("12 34 56", "123456"),
        ("123", None),
        ("12a4", None),
    ],
)
def test_merchant_codes(text: str, code: str | None) -> None:
    assert reading.merchant(text) == code


@pytest.mark.parametrize(
    ("to", "amount", "dialled", "tel"),
    [
        ("0788123456", 500, "*182*1*1*0788123456*500#", "tel:%2A182%2A1%2A1%2A0788123456%2A500%23"),
        ("123456", 500, "*182*8*1*123456*500#", "tel:%2A182%2A8%2A1%2A123456%2A500%23"),
        ("123456", None, "*182*8*1*123456#", "tel:%2A182%2A8%2A1%2A123456%23"),
    ],
)
def test_what_is_dialled(to: str, amount: int | None, dialled: str, tel: str) -> None:
    assert reading.dialled(to, amount) == dialled
    assert reading.tel_link(dialled) == tel
    assert reading.in_qr(dialled) == f"tel:{dialled}"


def test_codes_are_ones_own_and_easily_read() -> None:
    codes = {reading.referral_code(f"person-{number}") for number in range(2_000)}
    assert len(codes) == 2_000
    assert all(len(code) == 8 and not set(code) & set("IO01") for code in codes)
    assert reading.referral_code("a") == reading.referral_code("a") != reading.referral_code("a", 1)


@pytest.mark.parametrize(
    ("promoter", "repeated", "age", "verdict"),
    [
        ("eric", False, timedelta(0), Verdict.COUNTS),
        ("eric", False, timedelta(days=1), Verdict.COUNTS),
        ("eric", False, None, Verdict.COUNTS),
        ("eric", False, timedelta(days=1, seconds=1), Verdict.LATE),
        ("eric", True, timedelta(0), Verdict.REPEATED),
        ("aline", False, timedelta(0), Verdict.OWN),
        (None, False, timedelta(0), Verdict.UNKNOWN),
    ],
)
def test_whether_a_code_counts(
    promoter: str | None, repeated: bool, age: timedelta | None, verdict: Verdict
) -> None:
    since = None if age is None else NOW - age
    assert judge("aline", promoter, repeated=repeated, since=since, at=NOW) is verdict


@pytest.mark.parametrize(
    ("text", "name"), [("  Chez \n Aline ", "Chez Aline"), ("A", None), ("12", None), ("x" * 60, "x" * 40)]
)
def test_names_of_businesses(text: str, name: str | None) -> None:
    assert reading.name(text) == name
