"""One payment is credited once, by whatever names, in whatever order, and however late it is told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest

from infra.simulator.providers import Behaviour
from schemas import topics
from schemas.events.payments import PaymentNotified, RequestPayment
from tests.integration.payments.test_providers import asked, order_of, pays_twice
from tests.integration.payments.till import KIGALI, Till, a_phone, a_transaction


async def asks_twice(till: Till, amount: int, tail: str) -> tuple[str, UUID]:
    """Somebody with two open requests of one amount: their name, and the first of them."""
    person, phone = f"p-{tail}-{amount}", a_phone(tail)
    first = await till.asks(amount, person=person, phone=phone)
    await till.asks(amount, person=person, phone=phone)
    return person, first


@pytest.mark.parametrize("sms_first", [False, True])
async def test_it_has_a_name_of_the_gateways_and_one_of_mtns(till: Till, sms_first: bool) -> None:
    amount = 5101 + sms_first
    person, request = await asks_twice(till, amount, f"20{int(sms_first)}")
    gateways, mtns = f"gw-{uuid4()}", a_transaction()
    names = {"transactionId": gateways, "financialTransactionId": mtns, "externalId": str(request)}

    async def sms() -> UUID:
        return await till.hears_sms(amount=str(amount), number=f"*********20{int(sms_first)}", id=mtns)

    if sms_first:  # of two that fit nobody knows which, until the gateway says so
        await sms()
        assert (await till.payment_becomes(mtns, "review"))["reason"] == "ambiguous"
        await till.hears_momo(amount=amount, **names)
    else:
        await till.hears_momo(amount=amount, **names)
        await till.payment_becomes(gateways, "received")
        again = await sms()
        await till.until_told("payments.ignored.v1", {"notification": str(again), "kind": "repeated"})
    await till.balance_becomes(person, amount * 2)
    once_more = await till.hears_momo(amount=amount, transactionId=gateways)  # a later one may name one only
    await till.until_told("payments.ignored.v1", {"notification": str(once_more), "kind": "repeated"})
    assert await till.database.fetchval("SELECT count(*) FROM payment WHERE amount_rwf = $1", amount) == 1


async def test_what_is_told_by_both_names_at_once_is_one(till: Till) -> None:
    pairs = []
    for number in range(12):
        tail, amount = f"3{number:02}", 5_200 + number
        person, request = await asks_twice(till, amount, tail)
        pairs.append((person, request, tail, amount, a_transaction()))
    told = [
        till.hears_momo(
            amount=amount, transactionId=f"gw-{mtns}", financialTransactionId=mtns, externalId=str(request)
        )
        for _, request, _, amount, mtns in pairs
    ]
    told += [
        till.hears_sms(amount=str(amount), number=f"*********{tail}", id=mtns)
        for _, _, tail, amount, mtns in pairs
    ]
    await asyncio.gather(*told)
    for person, _, _, amount, _ in pairs:
        await till.balance_becomes(person, amount * 2)
    count = "SELECT count(*) FROM payment WHERE amount_rwf BETWEEN 5200 AND 5211"
    assert await till.database.fetchval(count) == len(pairs)


async def test_under_our_own_id_alone_it_is_not_credited_by_likeness_again(till: Till) -> None:
    person, request = await asks_twice(till, 5301, "401")
    await till.hears_momo(amount=5301, referenceId=str(request), externalId=str(request))
    await till.balance_becomes(person, 10_602)
    mtns = a_transaction()
    await till.hears_sms(amount="5301", number="*********401", id=mtns)
    assert (await till.payment_becomes(mtns, "review"))["reason"] == "ambiguous"
    assert await till.balance(person) == 10_602


async def test_another_ones_payment_of_the_same_amount_is_no_rival(till: Till) -> None:
    request = await till.asks(5302, person="p-elsewhere")
    await till.hears_momo(amount=5302, transactionId=a_transaction(), externalId=str(request))
    await till.balance_becomes("p-elsewhere", 10_604)
    await till.asks(5302, person="p-402", phone=a_phone("402"))
    await till.hears_sms(amount="5302", number="*********402", id=a_transaction())
    await till.balance_becomes("p-402", 10_604)


async def test_a_request_of_the_same_digits_that_was_paid_under_our_own_id_is_a_rival(till: Till) -> None:
    paid = await till.asks(5303, person="p-403-a", phone=a_phone("403"))
    await till.asks(5303, person="p-403-b", phone=a_phone("403"))
    await till.hears_momo(amount=5303, referenceId=str(paid), externalId=str(paid))
    await till.balance_becomes("p-403-a", 10_606)
    mtns = a_transaction()
    await till.hears_sms(amount="5303", number="*********403", id=mtns)
    assert (await till.payment_becomes(mtns, "review"))["reason"] == "ambiguous"
    assert await till.balance("p-403-b") == 0


async def test_a_zero_is_nobodys_name(till: Till) -> None:
    for number, person in enumerate(("p-zero-1", "p-zero-2")):
        request = await till.asks(5_311 + number, person=person)
        names = {"transactionId": f"gw-{uuid4()}", "financialTransactionId": "0", "externalId": str(request)}
        await till.hears_momo(amount=5_311 + number, **names)
        await till.balance_becomes(person, (5_311 + number) * 2)


async def test_what_is_paid_by_hand_is_looked_after_at_mtn(till: Till) -> None:
    """Paid by SMS and by the prompt: an operator gives the surplus to the next request, open at MTN."""
    _, surplus = await pays_twice(till, 6041)
    second, _ = await asked(till, Behaviour.LATE_CALLBACK, 6041)
    decision = await till.decides(f"momo:{surplus}", "assign", request=second)
    assert await till.outcome_of(decision) == "done"
    await till.payment_becomes(surplus, "received")
    till.desk.finish(str(second))
    await till.look_now(second)
    seen = await till.payment_becomes(order_of(till, second).transaction, "review")
    assert seen["reason"] == "late"


async def test_it_is_judged_by_when_it_was_told_not_by_when_we_came_to_it(till: Till) -> None:
    request = await till.asks(5321, person="p-newcomer", phone=a_phone("421"))
    content = {
        "transactionId": a_transaction(), "amount": 5321, "currency": "RWF", "status": "SUCCESSFUL",
        "payer": {"partyId": "*********421"}, "payerName": "Somebody Else",
    }  # fmt: skip
    told = PaymentNotified(
        provider="momo",
        payment="x",
        body=orjson.dumps(content).decode(),
        received_at=datetime.now(UTC) - timedelta(hours=5),
    )
    await till.tells(topics.PAYMENTS_INBOUND, "momo:x", told)
    payment = await till.payment_becomes(str(content["transactionId"]), "review")
    assert payment["reason"] == "unmatched"
    assert (await till.request_becomes(request))["state"] == "open"


@pytest.mark.parametrize(("payments", "state"), [(1, "received"), (2, "review")])
async def test_what_was_read_before_its_request_pays_it_unless_there_are_two(
    till: Till, payments: int, state: str
) -> None:
    amount, tail = 5_330 + payments, f"43{payments}"
    asked_at = datetime.now(UTC) - timedelta(minutes=8)
    paid_at = (datetime.now(KIGALI) - timedelta(minutes=4)).strftime("%Y-%m-%d %H:%M:%S")
    transactions = [a_transaction() for _ in range(payments)]
    for transaction in transactions:
        await till.hears_sms(amount=str(amount), number=f"*********{tail}", id=transaction, at=paid_at)
        assert (await till.payment_becomes(transaction, "review"))["reason"] == "unmatched"
    wish = RequestPayment(
        id=uuid4(), person=f"p-{tail}", amount_rwf=amount, method="transfer", purpose="top_up",
        phone=a_phone(tail), expires_at=datetime.now(UTC) + timedelta(minutes=5),
    )  # fmt: skip
    await till.tells(topics.intents("payments"), str(wish.id), wish, time=asked_at)
    await till.request_becomes(wish.id, "paid" if state == "received" else "open")
    assert {(await till.payment_becomes(each, state))["state"] for each in transactions} == {state}
    await till.balance_becomes(f"p-{tail}", amount * 2 if state == "received" else 0)


async def test_a_reversal_of_mtns_names_what_is_taken_back(till: Till) -> None:
    await till.asks(5341, person="p-441", phone=a_phone("441"))
    transaction = a_transaction()
    await till.hears_sms(amount="5341", number="*********441", id=transaction)
    await till.balance_becomes("p-441", 10_682)
    await till.hears_sms(text=f"Your transaction {transaction} of 5,341 RWF has been reversed.")
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "reversal"
