"""The proof for money in a chaos run: each way in which it can be wrong is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from scripts.chaos_run.books import Books, check_money
from scripts.chaos_run.money import Money, PaidOut
from scripts.chaos_run.notifications import Paid

NOW = datetime.now(UTC)
REQUEST, CREDIT, COMMAND = uuid4(), uuid4(), uuid4()
PAID = Paid("momo", "7000000001", REQUEST, 500)
THERE = "money that a provider has is credited once, or waits for a person"
NOWHERE = "nothing is credited that no provider has"


def a_row(**changes: Any) -> dict[str, Any]:
    row = {
        "transaction": PAID.transaction, "state": "received", "reason": "", "request": REQUEST,
        "credit": CREDIT, "credited_at": NOW,
    }  # fmt: skip
    return row | changes


def money(*paid: Paid) -> Money:
    return Money(commands={COMMAND: "wallet.transfer.v1"}, paid=list(paid or (PAID,)))


def books(**changes: Any) -> Books:
    right = Books(
        commands={COMMAND: None}, credits={CREDIT: (PAID.transaction, 500)}, payments=[a_row()],
        requests={REQUEST: "paid"},
    )  # fmt: skip
    return replace(right, **changes)


def broken(put_in: Money, found: Books) -> set[str]:
    return {finding.invariant for finding in check_money(put_in, found) if not finding.holds}


def test_all_is_right() -> None:
    assert broken(money(), books()) == set()


@pytest.mark.parametrize(
    ("reason", "right"), [("late", True), ("contradicted", True), ("unmatched", False), ("ambiguous", False)]
)
def test_what_waits_for_a_person_is_not_lost_and_says_why(reason: str, right: bool) -> None:
    waits = a_row(state="review", reason=reason, credit=None, credited_at=None)
    assert broken(money(), books(payments=[waits], credits={})) == (set() if right else {THERE})


OTHER = uuid4()


@pytest.mark.parametrize(
    ("changes", "offended"),
    [
        ({"problems": ["a balance is not the sum of its entries"]}, {"the ledger verifies"}),
        ({"commands": {}}, {"a command is decided, once"}),
        ({"ended_twice": ["a hold"]}, {"a hold ends once"}),
        ({"payments": [], "credits": {}}, {THERE}),
        ({"payments": [a_row(state="pending")]}, {THERE}),
        ({"payments": [a_row(credited_at=None)]}, {THERE}),
        ({"credits": {}}, {THERE}),
        ({"credits": {CREDIT: (PAID.transaction, 499)}}, {THERE}),
        ({"credits": {CREDIT: (PAID.transaction, 500), OTHER: (PAID.transaction, 500)}}, {NOWHERE}),
        ({"credits": {CREDIT: (PAID.transaction, 500), OTHER: ("else", 500)}}, {NOWHERE}),
    ],
)
def test_what_is_wrong_is_found(changes: dict[str, Any], offended: set[str]) -> None:
    assert broken(money(), books(**changes)) == offended


@pytest.mark.parametrize(
    ("order", "wish", "credited", "offended"),
    [
        ("SUCCESSFUL", "paid", True, set()),
        ("SUCCESSFUL", "open", False, set()),  # it is looked at again
        ("SUCCESSFUL", "lapsed", False, {THERE}),
        ("PENDING", "open", False, set()),
        ("FAILED", "failed", True, {NOWHERE}),
    ],
)
def test_mtn_is_asked_what_it_has(order: str, wish: str, credited: bool, offended: set[str]) -> None:
    paid = replace(PAID, provider="mtn")
    row = a_row(transaction="mtn-1")
    credits: dict[UUID, tuple[str, int]] = {CREDIT: ("mtn-1", 500)} if credited else {}
    payments = [row] if credited else []
    found = books(orders={REQUEST: order}, requests={REQUEST: wish}, payments=payments, credits=credits)
    assert broken(money(paid), found) == offended


PAY_OUT, CASH_OUT = uuid4(), uuid4()
SETTLED, GIVEN_BACK = (CASH_OUT, "wallet.settle.v1"), (CASH_OUT, "wallet.reverse.v1")


@pytest.mark.parametrize(
    ("state", "at_mtn", "settled", "right"),
    [
        ("paid", "SUCCESSFUL", [SETTLED], True),
        ("failed", "FAILED", [GIVEN_BACK], True),
        ("failed", None, [GIVEN_BACK], True),  # MTN did not take it
        ("asked", "PENDING", [], True),
        ("asked", "SUCCESSFUL", [], True),  # it is looked at again
        (None, "SUCCESSFUL", [], False),
        ("paid", "PENDING", [SETTLED], False),
        ("paid", "SUCCESSFUL", [], False),
        ("paid", "SUCCESSFUL", [SETTLED, SETTLED], False),
        ("paid", "SUCCESSFUL", [SETTLED, GIVEN_BACK], False),
        ("failed", "SUCCESSFUL", [GIVEN_BACK], False),
        ("failed", "FAILED", [], False),
        ("asked", "PENDING", [GIVEN_BACK], False),
    ],
)
def test_a_cash_out_is_paid_or_given_back_once(
    state: str | None, at_mtn: str | None, settled: list[tuple[UUID, str]], right: bool
) -> None:
    owed = replace(money(), paid_out=[PaidOut(PAY_OUT, CASH_OUT, 490)])
    found = books(
        pay_outs={PAY_OUT: state} if state else {},
        orders={PAY_OUT: at_mtn} if at_mtn else {},
        settled=settled,
    )
    assert (broken(owed, found) == set()) is right


def test_a_payment_in_dollars_does_not_wait_once_a_person_has_decided() -> None:
    waits = a_row(state="review", reason="foreign_currency", credit=None, credited_at=None)
    paid = replace(PAID, provider="paypal")
    assert broken(money(paid), books(payments=[waits], credits={})) == {THERE}
