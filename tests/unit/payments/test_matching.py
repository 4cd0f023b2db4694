"""What a payment pays for: all of amount, digits, name and time, and only one that fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from consumers.payments.rules.matching import CANDIDATES_LIMIT, Match, Request, by_id, by_likeness, is_payer
from consumers.payments.rules.readings import MOMO, PAYPAL, STRIPE, Payer, Received

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REQUEST = Request(
    UUID(int=1), "person-1", "top_up", "", 5000, "transfer", "250788123013", "Aline Uwase", "open",
    NOON - 5 * MINUTE, NOON + 10 * MINUTE,
)  # fmt: skip
CAME = Received(MOMO, "1", 5000, "", Payer("ALINE UWASE", "013"), NOON)


def matched(received: Received, *requests: Request) -> Match:
    return by_likeness(received, requests, NOON)


def test_the_one_that_fits() -> None:
    others = [
        replace(REQUEST, id=UUID(int=2), amount_rwf=5001),
        replace(REQUEST, id=UUID(int=3), phone="250788123014"),
        replace(REQUEST, id=UUID(int=4), name="Eric Mugisha"),
        replace(REQUEST, id=UUID(int=5), created_at=NOON + 5 * MINUTE),
        replace(REQUEST, id=UUID(int=6), state="paid"),
    ]
    assert matched(CAME, *others, REQUEST) == Match(REQUEST)
    assert matched(CAME, *others) == Match(None, "unmatched")


def test_two_that_fit_are_for_a_person() -> None:
    assert matched(CAME, REQUEST, replace(REQUEST, id=UUID(int=2))) == Match(None, "ambiguous")
    same_tail = replace(REQUEST, id=UUID(int=2), phone="250722999013", person="person-2")
    assert matched(CAME, REQUEST, same_tail) == Match(None, "ambiguous")
    assert matched(CAME, REQUEST, replace(same_tail, name="Eric")) == Match(REQUEST)  # the name decides


def test_too_many_to_have_seen_them_all_are_for_a_person() -> None:
    others = [replace(REQUEST, id=UUID(int=n), name="Eric") for n in range(2, CANDIDATES_LIMIT + 1)]
    assert matched(CAME, REQUEST, *others[1:]) == Match(REQUEST)
    assert matched(CAME, REQUEST, *others) == Match(None, "ambiguous")


def test_the_amount_alone_is_no_proof() -> None:
    assert matched(CAME, replace(REQUEST, phone=None)) == Match(None, "unmatched")
    assert matched(replace(CAME, payer=Payer("Aline Uwase", "")), REQUEST) == Match(None, "unmatched")
    assert matched(replace(CAME, payer=Payer("Aline Uwase", "13")), REQUEST) == Match(None, "unmatched")


@pytest.mark.parametrize(
    ("minutes", "reason"), [(-8, "unmatched"), (-6, ""), (11, ""), (13, "late"), (60 * 23, "late")]
)
def test_the_time_window(minutes: int, reason: str) -> None:
    found = matched(replace(CAME, paid_at=NOON + minutes * MINUTE), REQUEST)
    assert found == (Match(None, reason) if reason else Match(REQUEST))


def test_a_request_that_lapsed_is_not_paid_by_itself() -> None:
    assert matched(CAME, replace(REQUEST, state="lapsed")) == Match(None, "late")


def test_somebody_else_who_may_pay_late_is_a_rival() -> None:
    late = replace(REQUEST, id=UUID(int=9), state="lapsed", person="person-9")
    assert matched(CAME, REQUEST, late) == Match(None, "ambiguous")
    assert matched(CAME, REQUEST, replace(late, person=REQUEST.person)) == Match(REQUEST)
    assert matched(CAME, REQUEST, replace(late, state="paid")) == Match(REQUEST)
    long_ago = replace(late, expires_at=NOON - 60 * 25 * MINUTE, created_at=NOON - 60 * 26 * MINUTE)
    assert matched(CAME, REQUEST, long_ago) == Match(REQUEST)


@pytest.mark.parametrize(
    ("known", "shown", "same"),
    [
        ("Aline Uwase", "UWASE Aline", True),
        ("Aline Uwase", "A. UWASE", True),
        ("Ésperance Ingabire", "ESPERANCE", True),
        ("Aline Uwase", "Eric Mugisha", False),
        (None, "Eric Mugisha", True),
        ("Aline Uwase", "", True),
    ],
)
def test_names(known: str | None, shown: str, same: bool) -> None:
    assert is_payer(Payer(shown, "013"), replace(REQUEST, name=known)) is same


def test_a_whole_number_has_to_be_the_whole_number() -> None:
    assert is_payer(Payer("", "250788123013"), REQUEST)
    assert not is_payer(Payer("", "250722123013"), REQUEST)


def test_by_our_own_id() -> None:
    assert by_id(CAME, REQUEST) == Match(REQUEST)
    assert by_id(CAME, None) == Match(None, "unmatched")
    assert by_id(replace(CAME, amount_rwf=4999), REQUEST) == Match(None, "wrong_amount")
    for state in ("paid", "failed"):
        assert by_id(CAME, replace(REQUEST, state=state)) == Match(None, "late")


@pytest.mark.parametrize("method", ["transfer", "mtn", "stripe"])
@pytest.mark.parametrize(("scheme", "pays"), [(MOMO, True), (STRIPE, True), (PAYPAL, False)])
def test_no_word_of_paypals_pays_a_request(scheme: str, method: str, pays: bool) -> None:
    wanted = replace(REQUEST, method=method)
    expected = Match(wanted) if pays else Match(None, "unmatched")
    assert by_id(replace(CAME, scheme=scheme), wanted) == expected


def test_by_our_own_id_a_top_up_is_paid_late_and_nothing_else_is() -> None:
    lapsed = replace(REQUEST, state="lapsed")
    assert by_id(CAME, lapsed) == Match(lapsed)
    assert by_id(CAME, replace(lapsed, purpose="order")) == Match(None, "late")
    assert by_id(replace(CAME, amount_rwf=4999), lapsed) == Match(None, "wrong_amount")
