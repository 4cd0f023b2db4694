"""Notifications on the real thing: credited once, matched or left to a person, and nothing else moves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest

from schemas import topics
from schemas.events.payments import RequestPayment
from tests.integration.payments.till import KIGALI, Till, a_phone, a_transaction
from tests.unit.payments.texts import INSTEAD, came_in


async def test_an_sms_pays_what_was_asked_for_once(till: Till) -> None:
    request = await till.asks(5001, phone=a_phone("101"), name="Aline Uwase", person="p-101")
    transaction = a_transaction()
    sms = {"amount": "5,001", "number": "*********101", "id": transaction}
    await till.hears_sms(**sms)

    paid = await till.payment_becomes(transaction, "received")
    assert (paid["request"], paid["person"], paid["amount_rwf"]) == (request, "p-101", 5001)
    assert (await till.request_becomes(request, "paid"))["state"] == "paid"
    await till.balance_becomes("p-101", 10_002)  # a token is bought for half a franc

    again = await till.hears_sms(**sms | {"message": "the same, told in other words"})
    assert await till.is_kept(again) == "received"
    (fact,) = await till.facts("payments.received.v1", transaction=transaction)
    assert fact["purpose"] == "top_up"
    (repeated,) = await till.facts("payments.ignored.v1", transaction=transaction)
    assert repeated["kind"] == "repeated"
    assert await till.balance("p-101") == 10_002


async def test_what_is_for_an_order_is_kept_as_francs(till: Till) -> None:
    await till.asks(5002, phone=a_phone("102"), person="p-102", purpose="order", reference="order 7")
    transaction = a_transaction()
    await till.hears_sms(amount="5002", number="*********102", id=transaction)
    await till.balance_becomes("p-102", 5002, "RWF")
    (fact,) = await till.facts("payments.received.v1", transaction=transaction)
    assert (fact["purpose"], fact["reference"]) == ("order", "order 7")


async def test_two_that_fit_wait_for_a_person(till: Till) -> None:
    first, second = [await till.asks(5003, phone=f"25078{n}000103", person=f"p-103-{n}") for n in (1, 2)]
    transaction = a_transaction()
    await till.hears_sms(amount="5003", number="*********103", id=transaction)
    waiting = await till.payment_becomes(transaction, "review")
    assert waiting["reason"] == "ambiguous"

    payment = f"momo:{transaction}"
    assert await till.outcome_of(await till.decides(payment, "assign", request=uuid4())) == "no_such_request"
    assert await till.outcome_of(await till.decides(payment, "assign")) == "nobody_named"
    assigned = await till.decides(payment, "assign", request=second, why="called both")
    assert await till.outcome_of(assigned) == "done"
    assert await till.outcome_of(await till.decides(payment, "assign", request=first)) == "is_received"
    await till.balance_becomes("p-103-2", 10_006)
    assert await till.balance("p-103-1") == 0
    assert (await till.request_becomes(first))["state"] == "open"


async def test_two_payments_at_once_for_one_request(till: Till) -> None:
    await till.asks(5004, phone=a_phone("104"), person="p-104")
    transactions = [a_transaction() for _ in range(6)]
    await asyncio.gather(*(till.hears_sms(amount="5004", number="*********104", id=t) for t in transactions))
    rows = [await till.payment_becomes(each, "received", "review") for each in transactions]
    assert sorted(row["state"] for row in rows) == ["received", *["review"] * 5]
    await till.balance_becomes("p-104", 10_008)


async def test_what_is_not_money_of_a_payers_is_kept_and_moves_nothing(till: Till) -> None:
    await till.asks(5005, phone=a_phone("105"), person="p-105")
    forged = came_in(amount="5005", number="*********105")
    told = [("forged", await till.hears_sms(sender="MTN", text=forged))]
    told += [(kind, await till.hears_sms(text=text)) for kind, text in INSTEAD]
    told += [
        ("unreadable", await till.hears_sms(text=forged.replace("5005", "5005.50").split("Financial")[0]))
    ]
    for kind, notification in told:
        assert await till.is_kept(notification) == kind
    assert await till.balance("p-105") == 0


async def test_the_gateway(till: Till) -> None:
    wanted = await till.asks(5006, person="p-106")
    transactions = [a_transaction() for _ in range(6)]
    named, unknown, dollars, negative, fails, wrong = transactions
    await till.hears_momo(transactionId=named, amount="5006", externalId=str(wanted))
    await till.hears_momo(transactionId=unknown, amount=5006)
    await till.hears_momo(transactionId=dollars, currency="USD")
    await till.hears_momo(transactionId=negative, amount=-5)
    await till.hears_momo(transactionId=fails, status="FAILED", reason="NOT_ENOUGH_FUNDS")
    other = await till.asks(5007, person="p-107")
    await till.hears_momo(transactionId=wrong, amount=5006, externalId=str(other))

    assert (await till.payment_becomes(named, "received"))["person"] == "p-106"
    for transaction, reason in (
        (unknown, "unmatched"),
        (dollars, "wrong_currency"),
        (negative, "wrong_amount"),
        (wrong, "wrong_amount"),
    ):
        assert (await till.payment_becomes(transaction, "review"))["reason"] == reason
    assert (await till.payment_becomes(fails, "failed"))["reason"] == "NOT_ENOUGH_FUNDS"

    await till.hears_momo(transactionId=fails)  # a success after a failure
    assert (await till.payment_becomes(fails, "review"))["reason"] == "contradicted"
    await till.hears_momo(transactionId=named, status="FAILED")  # a failure after a success
    assert (
        await till.outcome_of(await till.decides(f"momo:{dollars}", "assign", person="p-108"))
        == "amount_needed"
    )
    decision = await till.decides(f"momo:{dollars}", "assign", person="p-108", amount_rwf=700)
    assert await till.outcome_of(decision) == "done"
    refused = await till.decides(f"momo:{unknown}", "refuse", why="a test of theirs")
    assert await till.outcome_of(refused) == "done"
    await till.balance_becomes("p-108", 1400)
    await till.balance_becomes("p-106", 10_012)
    assert (await till.payment_becomes(named, "review"))["reason"] == "reversal"
    assert await till.balance("p-107") == 0


async def test_paypals_dollars_wait_for_a_person_who_says_their_worth(till: Till) -> None:
    request = await till.asks(5012, person="p-112")
    transaction = a_transaction()
    first = await till.hears_paypal(transaction, "4.00", custom_id=str(request))
    waiting = await till.payment_becomes(transaction, "review")
    assert (waiting["scheme"], waiting["reason"], waiting["amount_rwf"]) == ("paypal", "wrong_currency", None)
    assert await till.is_kept(first) == "received"
    again = await till.hears_paypal(transaction, "4.00", custom_id=str(request))  # and once more
    assert await till.is_kept(again) == "received"
    assert (await till.request_becomes(request))["state"] == "open"
    assert await till.balance("p-112") == 0

    payment = f"paypal:{transaction}"
    nameless = await till.decides(payment, "assign", request=request)
    assert await till.outcome_of(nameless) == "amount_needed"
    worth = await till.decides(payment, "assign", request=request, amount_rwf=5012, why="the day's rate")
    assert await till.outcome_of(worth) == "done"
    await till.balance_becomes("p-112", 10_024)
    late = await till.hears_paypal(transaction, "4.00", custom_id=str(request))
    assert await till.is_kept(late) == "received"
    assert await till.balance("p-112") == 10_024


async def test_no_word_of_paypals_pays_or_fails_what_was_asked_for(till: Till) -> None:
    """It signs a checksum of 32 bits, which another body may have."""
    request = await till.asks(5018, method="transfer", person="p-118")
    captured, denied = f"CAP-{uuid4().hex}", f"CAP-{uuid4().hex}"
    await till.hears_paypal(captured, "5018", "RWF", custom_id=str(request))
    assert (await till.payment_becomes(captured, "review"))["reason"] == "unmatched"
    kind = "PAYMENT.CAPTURE.DENIED"
    await till.hears_paypal(denied, "5018", "RWF", kind=kind, custom_id=str(request))
    await till.payment_becomes(denied, "failed")
    assert (await till.request_becomes(request))["state"] == "open"
    assert await till.balance("p-118") == 0


async def test_a_failure_of_what_waits_is_seen_by_whoever_decides(till: Till) -> None:
    request, transaction = await till.asks(5014, person="p-114"), a_transaction()
    await till.hears_momo(transactionId=transaction, amount=5014)
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "unmatched"
    await till.hears_momo(transactionId=transaction, amount=5014, status="FAILED", reason="EXPIRED")
    named = await till.hears_momo(transactionId=transaction, amount=5014, externalId=str(request))
    assert await till.is_kept(named) == "received"  # an unmatched payment would have been matched by it
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "contradicted"
    assert await till.balance("p-114") == 0


async def test_the_very_same_notification_twice_is_one(till: Till) -> None:
    request = await till.asks(5013, person="p-113")
    content = {"transactionId": a_transaction(), "amount": 5013, "externalId": str(request)}
    first, second = await till.hears_momo(**content), await till.hears_momo(**content)
    assert first == second  # its id follows from what it says
    await till.balance_becomes("p-113", 10_026)
    kept = await till.database.fetchval("SELECT count(*) FROM notification WHERE event_id = $1", first)
    assert kept == 1
    credits = "SELECT count(*) FROM wallet.commands WHERE content LIKE $1"
    assert await till.database.fetchval(credits, f'%"{content["transactionId"]}"%') == 1


async def test_a_pending_payment_is_followed_by_its_end(till: Till) -> None:
    request = await till.asks(5010, person="p-110")
    transaction = a_transaction()
    told = {"transactionId": transaction, "amount": 5010, "externalId": str(request)}
    await till.hears_momo(status="PENDING", **told)
    assert (await till.payment_becomes(transaction, "pending"))["credit"] is None
    await till.hears_momo(status="SUCCESSFUL", **told)
    assert (await till.payment_becomes(transaction, "received"))["request"] == request
    await till.balance_becomes("p-110", 10_020)


async def test_a_request_lapses_and_what_comes_late_waits(till: Till) -> None:
    request = await till.asks(5011, phone=a_phone("111"), person="p-111", minutes=0.01)
    await till.request_becomes(request, "lapsed")
    transaction = a_transaction()
    await till.hears_sms(amount="5011", number="*********111", id=transaction)
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "late"
    (fact,) = await till.facts("payments.failed.v1", request=str(request))
    assert fact["reason"] == "expired"


@pytest.mark.parametrize("table", ["notification", "decision", "payment_name"])
async def test_what_was_told_and_decided_cannot_be_changed(till: Till, table: str) -> None:
    for statement in ("DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET transaction = ''"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever added to"):
            await till.database.execute(statement.format(table))


@pytest.mark.parametrize("table", ["payment", "request", "pay_out"])
async def test_what_keeps_money_from_moving_twice_cannot_be_removed(till: Till, table: str) -> None:
    for statement in ("DELETE FROM {}", "TRUNCATE {} CASCADE"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never removed"):
            await till.database.execute(statement.format(table))


async def test_a_payment_that_was_told_before_it_was_asked_for_is_found(till: Till) -> None:
    """Told by MTN at a time at which it had been asked for, though nobody here had come to that yet."""
    asked_at = datetime.now(UTC) - timedelta(minutes=10)
    wish = RequestPayment(
        id=uuid4(), person="p-116", amount_rwf=5016, method="transfer", purpose="top_up",
        phone=a_phone("116"), expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )  # fmt: skip
    await till.tells(topics.intents("payments"), str(wish.id), wish, time=asked_at)
    await till.request_becomes(wish.id)
    paid_at = (datetime.now(KIGALI) - timedelta(minutes=6)).strftime("%Y-%m-%d %H:%M:%S")
    transaction = a_transaction()
    await till.hears_sms(amount="5016", number="*********116", id=transaction, at=paid_at)
    assert (await till.payment_becomes(transaction, "received"))["request"] == wish.id
    await till.balance_becomes("p-116", 10_032)


async def test_another_amount_of_a_payment_that_was_credited_is_told(till: Till) -> None:
    request = await till.asks(5015, person="p-115")
    told = {"transactionId": a_transaction(), "externalId": str(request)}
    await till.hears_momo(amount=5015, **told)
    await till.balance_becomes("p-115", 10_030)
    again = await till.hears_momo(amount=50_150, **told)
    await till.until_told("payments.ignored.v1", {"notification": str(again), "kind": "contradicted"})
    assert await till.balance("p-115") == 10_030
