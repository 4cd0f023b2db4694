"""The proof for money in a chaos run: each way in which it can be wrong is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from scripts.chaos_run.books import Books, check_money
from scripts.chaos_run.money import Money, Paid

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


def test_what_waits_for_a_person_is_not_lost() -> None:
    waits = a_row(state="review", reason="wrong_amount", credit=None, credited_at=None)
    assert broken(money(), books(payments=[waits], credits={})) == set()


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
