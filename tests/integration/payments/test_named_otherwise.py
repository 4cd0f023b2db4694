"""A provider names another payer, no number, or another amount; and people name a payment otherwise."""

from __future__ import annotations

from uuid import uuid4

import pytest

from consumers.payments import finding
from infra.simulator.providers import Behaviour
from schemas import topics
from schemas.events.payments import DecidePayOut
from schemas.events.wallet import Transfer
from tests.integration.payments.test_providers import asked, order_of, settled
from tests.integration.payments.test_watching import shown
from tests.integration.payments.till import Till, a_phone, a_transaction


@pytest.mark.parametrize(("mistaken", "tail"), [("by a person", "611"), ("by likeness", "612")])
async def test_mtns_word_for_another_than_was_credited_waits_for_a_person(
    till: Till, mistaken: str, tail: str
) -> None:
    """The SMS of B's prompt was taken for A's payment; by our own id MTN says whose it was."""
    amount, phone = 6_100 + int(tail), a_phone(tail)
    a, b = f"p-a-{tail}", f"p-b-{tail}"
    till.desk.behave(phone, Behaviour.LATE_CALLBACK)
    request = await till.asks(amount, person=a, phone=a_phone(tail))
    name = "Chantal Uwase" if mistaken == "by likeness" else None
    prompt = await till.asks(amount, person=b, method="mtn", phone=phone, name=name)
    await till.until(lambda: str(prompt) in till.desk.orders)
    transaction = order_of(till, prompt).transaction
    await till.hears_sms(amount=str(amount), number=f"*********{tail}", id=transaction, name="Jean Mugisha")
    if mistaken == "by a person":
        assert (await till.payment_becomes(transaction, "review"))["reason"] == "ambiguous"
        decision = await till.decides(f"momo:{transaction}", "assign", request=request)
        assert await till.outcome_of(decision) == "done"
    await till.balance_becomes(a, 2 * amount)
    till.desk.finish(str(prompt))
    await till.look_now(prompt)
    payment = await till.payment_becomes(transaction, "review")
    assert (payment["reason"], payment["person"]) == ("of_another", a)
    assert await till.outcome_of(await till.decides(f"momo:{transaction}", "refuse")) == "done"
    await till.balance_becomes(a, 0)


async def test_a_zero_is_no_number_of_mtns(till: Till) -> None:
    """Were it one, the second payer's would be the first one's payment, told again."""
    for amount in (6111, 6112):
        request, person = await asked(till, Behaviour.LATE_CALLBACK, amount)
        order_of(till, request).transaction = "0"
        till.desk.finish(str(request))
        await till.look_now(request)
        await till.balance_becomes(person, 2 * amount)


async def test_a_payment_out_of_another_amount_is_not_settled(till: Till) -> None:
    phone, of = a_phone("000"), uuid4()
    till.desk.behave(phone, Behaviour.LATE_CALLBACK)
    pay_out = await till.pays_out(4_950, phone, of)
    await till.until(lambda: str(pay_out) in till.desk.orders)
    till.desk.orders[str(pay_out)].amount = "5"
    till.desk.finish(str(pay_out))
    await till.look_now(pay_out)
    look = f"SELECT FROM runtime.later WHERE name = 'look:{pay_out}'"
    await till.rows_become(look, 0)
    assert (await till.pay_out_becomes(pay_out, "asked"))["called"]
    assert await settled(till, of) == []
    decision = DecidePayOut(pay_out=pay_out, act="paid", operator="alice", transaction=a_transaction())
    told = await till.tells(topics.intents("payments"), str(pay_out), decision)
    assert await till.outcome_of(told) == "done"  # once a person has asked MTN


async def test_one_number_of_mtns_settles_one_payment_out(till: Till) -> None:
    number = a_transaction()
    outcomes = []
    for said in (number, number, f"{number} ", " ", "0"):
        phone = a_phone("000")
        till.desk.behave(phone, Behaviour.NEVER)
        pay_out = await till.pays_out(4_951, phone)
        await till.pay_out_becomes(pay_out, "asked")
        decision = DecidePayOut(pay_out=pay_out, act="paid", operator="alice", transaction=said)
        told = await till.tells(topics.intents("payments"), str(pay_out), decision)
        outcomes.append(await till.outcome_of(told))
    assert outcomes == ["done", "number_is_used", "number_is_used", "number_needed", "number_needed"]


async def test_a_number_that_was_typed_for_another_payment_out_is_noticed(till: Till) -> None:
    """MTN tells it of the second one: then the first one may not be paid at all."""
    phones = a_phone("000"), a_phone("000")
    till.desk.behave(phones[0], Behaviour.NEVER)
    till.desk.behave(phones[1], Behaviour.LATE_CALLBACK)
    first, second = [await till.pays_out(4_952, phone) for phone in phones]
    await till.pay_out_becomes(first, "asked")
    await till.until(lambda: str(second) in till.desk.orders)
    number = order_of(till, second).transaction
    decision = DecidePayOut(pay_out=first, act="paid", operator="alice", transaction=number)
    told = await till.tells(topics.intents("payments"), str(first), decision)
    assert await till.outcome_of(told) == "done"
    used = {"provider": "mtn", "outcome": "number_is_used"}
    before = shown("easymo_payments_total", **used)
    till.desk.finish(str(second))
    await till.look_now(second)
    await till.pay_out_becomes(second, "paid")
    assert shown("easymo_payments_total", **used) == before + 1


async def test_what_a_person_kept_is_not_asked_again(till: Till) -> None:
    a, b = await till.asks(6_701, person="p-kept-a"), await till.asks(6_701, person="p-kept-b")
    number = a_transaction()
    told = {"transactionId": number, "amount": 6_701}
    await till.hears_momo(**told, externalId=str(a))
    await till.balance_becomes("p-kept-a", 13_402)
    await till.hears_momo(**told, externalId=str(b))
    await till.payment_becomes(number, "review")
    kept = await till.decides(f"momo:{number}", "assign", person="p-kept-a", why="A did pay")
    assert await till.outcome_of(kept) == "done"
    again = await till.hears_momo(**told, externalId=str(b), phone="x")  # the gateway repeats itself
    await till.until_told("payments.ignored.v1", {"notification": str(again), "kind": "repeated"})
    assert (await till.payment_becomes(number, "received"))["reason"] == "kept"


async def test_who_refuses_by_another_name_hears_that_it_is_spent(till: Till) -> None:
    request, mtns = await till.asks(6121, person="p-alias"), a_transaction()
    gateways = f"gw-{mtns}"
    names = {"transactionId": gateways, "financialTransactionId": mtns, "externalId": str(request)}
    await till.hears_momo(amount=6121, **names)
    await till.balance_becomes("p-alias", 12_242)
    other = await till.asks(100, person="p-alias-shop")
    await till.hears_momo(amount=100, transactionId=a_transaction(), externalId=str(other))
    await till.balance_becomes("p-alias-shop", 200)
    spend = Transfer(id=uuid4(), debit="p-alias", credit="p-alias-shop", amount=12_000, kind="gift")
    await till.tells(topics.WALLET_COMMANDS, "p-alias", spend)
    await till.balance_becomes("p-alias-shop", 12_200)
    await till.hears_momo(amount=6121, **names, status="FAILED")
    await till.payment_becomes(gateways, "review")
    # As the operator types it: the number in the SMS, and on MTN's page.
    assert await till.outcome_of(await till.decides(f"momo:{mtns}", "refuse")) == "done"
    refused = {"transaction": gateways, "reason": "taking_back_refused"}
    await till.until_told("payments.pending.v1", refused)
    async with till.database.acquire() as connection:
        shown = await finding.one(connection, f"momo:{mtns}")
    assert [each["act"] for each in shown["decided"]] == ["refuse"]


async def test_a_hint_at_an_order_of_ours_is_kept_for_audit(till: Till) -> None:
    """Anybody may post them: what names none of ours, and more than MTN would say, is not."""
    request, _ = await asked(till, Behaviour.NEVER, 6131)
    unknown = uuid4()
    await till.hint({"externalId": str(unknown), "status": "SUCCESSFUL"})
    await till.hint({"externalId": str(request), "status": "SUCCESSFUL", "more": "x" * 10_000})
    await till.rows_become(f"SELECT FROM notification WHERE kind = 'hint' AND body LIKE '%{request}%'")
    longest = "SELECT max(length(body)) FROM notification WHERE kind = 'hint'"
    assert await till.database.fetchval(longest) == 4_096
    none = "SELECT count(*) FROM notification WHERE body LIKE '%' || $1 || '%'"
    assert await till.database.fetchval(none, str(unknown)) == 0
