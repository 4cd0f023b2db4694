"""A refund, a chargeback, an MTN reversal: a person takes the credit back, or leaves it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas import topics
from schemas.events.payments import ReopenReview
from schemas.events.wallet import CreditPayment, Refused, Transfer, credit_id
from tests.integration.payments.till import Till, a_transaction


async def paid(till: Till, person: str, amount: int) -> str:
    """Stripe's payment of a top-up; its transaction."""
    transaction = f"pi_{a_transaction()}"
    request = await till.asks(amount, method="stripe", person=person)
    subject = {"id": "cs_1", "payment_intent": transaction, "payment_status": "paid", "amount_total": amount}
    await _says(till, "checkout.session.completed", subject, request=request)
    await till.balance_becomes(person, 2 * amount)
    return transaction


async def _says(till: Till, kind: str, subject: dict[str, Any], *, request: UUID | None = None) -> UUID:
    whole = {"currency": "rwf", "client_reference_id": str(request) if request else None} | subject
    return await till.hears_stripe({"id": f"evt_{uuid4()}", "type": kind, "data": {"object": whole}})


async def is_refunded(till: Till, transaction: str, amount: int) -> UUID:
    """Stripe tells of a refund; the notification's id."""
    refunded = await _says(
        till, "charge.refunded", {"id": "ch_1", "payment_intent": transaction, "amount": amount}
    )
    assert await till.is_kept(refunded) == "reversal"
    return refunded


@pytest.mark.parametrize("kind", ["charge.refunded", "charge.dispute.created"])
async def test_a_credit_is_taken_back_once_a_person_says_so(till: Till, kind: str) -> None:
    person = f"p-{kind}"
    transaction = await paid(till, person, 8001)
    await _says(till, kind, {"id": "x_1", "payment_intent": transaction, "amount": 8001})
    waiting = await till.payment_becomes(transaction, "review")
    assert (waiting["reason"], waiting["person"]) == ("reversal", person)
    assert await till.balance(person) == 16_002  # nothing moves by itself

    assert (
        await till.outcome_of(await till.decides(f"stripe:{transaction}", "refuse", why="refunded")) == "done"
    )
    await till.balance_becomes(person, 0)
    again = await is_refunded(till, transaction, 8001)
    await till.until_told("payments.ignored.v1", {"notification": str(again), "kind": "reversal"})
    assert (await till.payment_becomes(transaction, "refused"))["reason"] == "refunded"
    mistake = ReopenReview(payment=f"stripe:{transaction}", operator="alice")
    reopened = await till.tells(topics.intents("payments"), mistake.payment, mistake)
    assert await till.outcome_of(reopened) == "was_credited"  # and its credit was taken back


async def test_what_is_spent_cannot_be_taken_back_and_waits_on(till: Till) -> None:
    await paid(till, "p-shop", 100)
    transaction = await paid(till, "p-spent", 8002)
    spend = Transfer(id=uuid4(), debit="p-spent", credit="p-shop", amount=10_000, kind="gift")
    await till.tells(topics.WALLET_COMMANDS, "p-spent", spend)
    await till.balance_becomes("p-shop", 10_200)
    await is_refunded(till, transaction, 8002)
    await till.payment_becomes(transaction, "review")
    assert await till.outcome_of(await till.decides(f"stripe:{transaction}", "refuse")) == "done"
    fields = {"transaction": transaction, "reason": "taking_back_refused"}
    await till.until_told("payments.pending.v1", fields)
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "taking_back_refused"
    assert await till.balance("p-spent") == 6_004

    await till.tells(
        topics.WALLET_COMMANDS,
        "p-shop",
        Transfer(id=uuid4(), debit="p-shop", credit="p-spent", amount=10_000, kind="gift"),
    )
    await till.balance_becomes("p-spent", 16_004)
    assert await till.outcome_of(await till.decides(f"stripe:{transaction}", "refuse")) == "done"
    await till.balance_becomes("p-spent", 0)


async def test_whoever_wins_the_dispute_keeps_the_credit(till: Till) -> None:
    transaction = await paid(till, "p-won", 8003)
    await is_refunded(till, transaction, 8003)
    await till.payment_becomes(transaction, "review")
    name = f"stripe:{transaction}"
    other = await till.decides(name, "assign", person="somebody-else")
    assert await till.outcome_of(other) == "was_credited_to_another"
    assert (
        await till.outcome_of(await till.decides(name, "assign", person="p-won", why="dispute won")) == "done"
    )
    assert (await till.payment_becomes(transaction, "received"))["person"] == "p-won"
    assert await till.balance("p-won") == 16_006


async def test_mtn_that_says_failed_after_all(till: Till) -> None:
    request, transaction = await till.asks(8004, person="p-failed"), a_transaction()
    told = {"transactionId": transaction, "amount": 8004, "externalId": str(request)}
    await till.hears_momo(**told)
    await till.balance_becomes("p-failed", 16_008)
    await till.hears_momo(**told, status="FAILED", reason="EXPIRED")
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "reversal"
    await till.hears_momo(**told, status="FAILED", reason="EXPIRED", phone="x")  # and once more
    assert await till.outcome_of(await till.decides(f"momo:{transaction}", "refuse")) == "done"
    await till.balance_becomes("p-failed", 0)


async def test_a_refund_that_is_told_before_the_payment(till: Till) -> None:
    """Stripe's events come in any order."""
    transaction = f"pi_{a_transaction()}"
    refunded = await is_refunded(till, transaction, 8005)
    await till.until_told("payments.ignored.v1", {"notification": str(refunded), "kind": "reversal"})
    assert (await till.payment_becomes(transaction, "failed"))["reason"] == "reversal"
    request = await till.asks(8005, method="stripe", person="p-early")
    subject = {"payment_intent": transaction, "payment_status": "paid", "amount_total": 8005}
    await _says(till, "checkout.session.completed", subject, request=request)
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "contradicted"
    assert await till.balance("p-early") == 0


async def test_a_refund_of_what_waits_is_seen_by_whoever_decides(till: Till) -> None:
    transaction = f"pi_{a_transaction()}"
    subject = {"payment_intent": transaction, "payment_status": "paid", "amount_total": 8007}
    await _says(till, "checkout.session.completed", subject)
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "unmatched"
    refunded = await is_refunded(till, transaction, 8007)
    await till.until_told("payments.pending.v1", {"notification": str(refunded), "reason": "contradicted"})


async def test_a_credit_that_the_wallet_refuses_after_the_reversal_is_no_credit_to_keep(till: Till) -> None:
    transaction = await paid(till, "p-late", 8008)
    await is_refunded(till, transaction, 8008)
    await till.payment_becomes(transaction, "review")
    refused = Refused(
        id=credit_id("stripe", transaction),
        command=CreditPayment.event_type,
        at=datetime.now(UTC),
        reason="x",
    )
    await till.tells(topics.WALLET_EVENTS, "p-late", refused)
    await till.until_told("payments.pending.v1", {"transaction": transaction, "reason": "refused_by_wallet"})
    kept = await till.decides(f"stripe:{transaction}", "assign", person="p-late")
    assert await till.outcome_of(kept) == "credit_was_refused"


async def test_an_order_whose_payment_is_taken_back_is_named(till: Till) -> None:
    transaction = f"pi_{a_transaction()}"
    request = await till.asks(8009, method="stripe", person="p-order", purpose="order", reference="order 9")
    subject = {"payment_intent": transaction, "payment_status": "paid", "amount_total": 8009}
    await _says(till, "checkout.session.completed", subject, request=request)
    await till.balance_becomes("p-order", 8009, "RWF")
    await is_refunded(till, transaction, 8009)
    await till.payment_becomes(transaction, "review")
    await till.decides(f"stripe:{transaction}", "refuse", why="refunded")
    await till.balance_becomes("p-order", 0, "RWF")
    (fact,) = await till.facts("payments.failed.v1", transaction=transaction)
    assert (fact["request"], fact["purpose"], fact["reference"]) == (str(request), "order", "order 9")


async def test_an_sms_that_cannot_be_read_is_for_a_person_or_for_mtns_own_word(till: Till) -> None:
    request, transaction, other = await till.asks(8006, person="p-named"), a_transaction(), a_transaction()
    for each in (transaction, other):
        await till.hears_sms(amount="8006", name="Jean (Kigali) M", id=each)
        waiting = await till.payment_becomes(each, "review")
        assert (waiting["reason"], waiting["amount_rwf"]) == ("unreadable", None)
    await till.hears_momo(transactionId=transaction, amount=8006, externalId=str(request))
    await till.balance_becomes("p-named", 16_012)
    assert (
        await till.outcome_of(await till.decides(f"momo:{other}", "assign", person="p-said"))
        == "amount_needed"
    )
    said = await till.decides(f"momo:{other}", "assign", person="p-said", amount_rwf=8006)
    assert await till.outcome_of(said) == "done"
    await till.balance_becomes("p-said", 16_012)
