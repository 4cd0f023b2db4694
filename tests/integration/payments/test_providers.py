"""Providers that are called: whatever they do, money is credited once, paid out once, or given back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from consumers.domain import InDoubt
from consumers.payments.asking import switched_off
from infra.payments.interface import Refused
from infra.simulator.providers import UNSURE_ANSWERS, Behaviour, Entry
from schemas import topics
from schemas.events.payments import PayOut
from tests.integration.payments.till import Till, a_phone, a_transaction

TRIES = 6  # the first, and those of the policy's delays


def order_of(till: Till, order: UUID) -> Any:
    return till.desk.orders[str(order)]


async def settled(till: Till, of: UUID) -> list[str]:
    """What the wallet was told of something owed."""
    records = await till.records(topics.WALLET_COMMANDS)
    unique = {dict(record.headers)["ce_id"]: record for record in records}.values()
    return [
        dict(record.headers)["ce_type"].decode()
        for record in unique
        if orjson.loads(record.value).get("of") == str(of)
    ]


async def asked(till: Till, behaviour: Behaviour, amount: int) -> tuple[UUID, str]:
    """A request that MTN has been asked for; its id and its person."""
    person, phone = f"p-{amount}", a_phone("000")
    till.desk.behave(phone, behaviour)
    request = await till.asks(amount, method="mtn", phone=phone, person=person)
    if behaviour not in (Behaviour.REJECT, Behaviour.LOST):
        await till.until(lambda: str(request) in till.desk.orders)
    return request, person


async def pays_twice(till: Till, amount: int) -> tuple[str, str]:
    """By SMS, and at MTN as well: who it is, and the second payment's transaction."""
    request, person = await asked(till, Behaviour.LATE_CALLBACK, amount)
    await till.hears_sms(amount=f"{amount:,}", number="*********000", id=a_transaction())
    await till.balance_becomes(person, 2 * amount)
    till.desk.finish(str(request))
    await till.look_now(request)
    second = order_of(till, request).transaction
    assert (await till.payment_becomes(second, "review"))["reason"] == "late"
    return person, second


async def test_a_payer_approves(till: Till) -> None:
    request, person = await asked(till, Behaviour.SUCCESS, 6001)
    await till.look_now(request)
    await till.balance_becomes(person, 12_002)
    transaction = order_of(till, request).transaction
    (fact,) = await till.facts("payments.received.v1", request=str(request))
    assert fact["transaction"] == transaction

    told = await till.hears_sms(
        amount="6001", number="*********000", id=transaction
    )  # the phone tells it, too
    assert await till.is_kept(told) == "received"
    assert await till.balance(person) == 12_002


@pytest.mark.parametrize(
    ("behaviour", "amount", "reason"),
    [(Behaviour.REFUSAL, 6002, "NOT_ENOUGH_FUNDS"), (Behaviour.REJECT, 6003, "PAYER_NOT_FOUND")],
)
async def test_a_payer_or_mtn_refuses(till: Till, behaviour: Behaviour, amount: int, reason: str) -> None:
    request, person = await asked(till, behaviour, amount)
    if behaviour is Behaviour.REFUSAL:
        await till.look_now(request)
    assert (await till.request_becomes(request, "failed"))["reason"] == reason
    (fact,) = await till.facts("payments.failed.v1", request=str(request))
    assert (fact["reason"], fact["person"]) == (reason, person)
    assert await till.balance(person) == 0


@pytest.mark.parametrize(("behaviour", "amount"), [(Behaviour.SILENCE, 6004), (Behaviour.LOST, 6005)])
async def test_a_call_without_an_answer_is_looked_up_before_it_is_made_again(
    till: Till, behaviour: Behaviour, amount: int
) -> None:
    before = till.desk.counts.get("collection.repeated", 0)
    request, person = await asked(till, behaviour, amount)
    await till.doubt_now(request)
    await till.look_now(request)
    await till.balance_becomes(person, 2 * amount)
    assert till.desk.counts.get("collection.repeated", 0) == before


async def test_a_provider_that_is_not_reached_until_the_request_is_over(till: Till) -> None:
    request = await till.asks(6015, method="mtn", phone=a_phone("007"), person="p-6015", minutes=0.02)
    ends = (await till.request_becomes(request))["expires_at"]
    await till.until(lambda: datetime.now(UTC) > ends)
    await till.doubt_now(request)  # its own timer waits behind the call
    row = await till.request_becomes(request, "lapsed")
    assert row["reason"] == "expired"
    assert str(request) not in till.desk.orders
    assert len(await till.facts("payments.failed.v1", request=str(request))) == 1


async def test_a_payment_out_waits_for_a_provider_that_is_not_reached(till: Till) -> None:
    phone = a_phone("000")
    till.desk.behave(phone, Behaviour.BUSY)
    before = till.desk.counts.get("disbursement.order", 0)
    pay_out = await till.pays_out(492, phone)
    await till.doubt_now(pay_out)
    await till.look_now(pay_out)
    await till.pay_out_becomes(pay_out, "paid")
    assert till.desk.counts["disbursement.order"] == before + 2  # the one that was turned away, and one more
    assert till.desk.orders[str(pay_out)].amount == "492"


async def test_another_amount_than_asked_for_is_for_a_person(till: Till) -> None:
    request, person = await asked(till, Behaviour.WRONG_AMOUNT, 6006)
    await till.look_now(request)
    row = await till.payment_becomes(order_of(till, request).transaction, "review")
    assert (row["reason"], row["amount_rwf"]) == ("wrong_amount", 6005)
    assert await till.balance(person) == 0


async def test_a_callback_is_a_hint_and_believed_in_nothing(till: Till) -> None:
    request, person = await asked(till, Behaviour.LATE_CALLBACK, 6007)
    lie = {
        "externalId": str(request),
        "status": "SUCCESSFUL",
        "amount": "6007",
        "financialTransactionId": "1",
    }
    await till.look_later(request)  # so that it is the hint that is followed
    await till.hint(lie)
    await till.hint({"externalId": str(uuid4())})
    await till.until(lambda: order_of(till, request).asked >= 1)
    assert await till.balance(person) == 0
    await till.look_later(request)
    till.desk.finish(str(request))
    await till.hint(lie)
    await till.hint(lie)
    await till.balance_becomes(person, 12_014)
    assert len(await till.facts("payments.received.v1", request=str(request))) == 1


async def test_an_sms_that_is_quicker_than_mtns_own_word(till: Till) -> None:
    """Two wait for the same amount and digits: the SMS cannot tell which, MTN can."""
    first, person = await asked(till, Behaviour.SUCCESS, 6008)
    second, other = await asked(till, Behaviour.NEVER, 6008)
    transaction = order_of(till, first).transaction
    await till.hears_sms(amount="6008", number="*********000", id=transaction)
    assert (await till.payment_becomes(transaction, "review"))["reason"] == "ambiguous"
    await till.look_now(first)
    await till.balance_becomes(person, 12_016)
    assert (await till.request_becomes(second))["state"] == "open"
    del other


async def test_a_page_of_stripes(till: Till) -> None:
    request = await till.asks(6010, method="stripe", person="p-6010", reference="10,000 tokens")
    await till.until(lambda: str(request) in till.desk.sessions)
    made_at = (await till.request_becomes(request))["created_at"]
    shortest = timedelta(minutes=31)  # it is asked for 15 minutes, and Stripe takes no less than 30
    ends = int(till.desk.sessions[str(request)].form["expires_at"])
    assert ends == int((made_at + shortest).timestamp())

    async def told() -> bool:
        return bool(await till.facts("payments.asked.v1", request=str(request)))

    await till.until(told)
    (fact,) = await till.facts("payments.asked.v1", request=str(request))
    assert fact["url"].startswith("http")
    subject = {
        "id": "cs_1", "payment_intent": f"pi_{request}", "payment_status": "paid", "amount_total": 6010,
        "currency": "rwf", "client_reference_id": str(request),
    }  # fmt: skip
    for kind in ("checkout.session.completed", "payment_intent.succeeded", "checkout.session.completed"):
        await till.hears_stripe({"id": "evt_1", "type": kind, "data": {"object": subject}})
    await till.balance_becomes("p-6010", 12_020)
    assert len(await till.facts("payments.received.v1", request=str(request))) == 1


async def test_money_is_paid_out_once(till: Till) -> None:
    of, phone = uuid4(), a_phone("000")
    before = till.desk.counts.get("disbursement.repeated", 0)
    till.desk.behave(phone, Behaviour.SILENCE)
    pay_out = await till.pays_out(490, phone, of)
    await till.until(lambda: str(pay_out) in till.desk.orders)
    twice = uuid4()  # the same debt under another id
    again = PayOut(id=twice, person=f"person-{phone}", of=of, amount_rwf=490, phone=phone)
    await till.ends(await till.tells(topics.intents("payments"), str(twice), again), "dead")
    await till.doubt_now(pay_out)
    await till.look_now(pay_out)
    row = await till.pay_out_becomes(pay_out, "paid")
    assert row["transaction"] == order_of(till, pay_out).transaction
    assert await settled(till, of) == ["wallet.settle.v1"]
    assert str(twice) not in till.desk.orders
    assert (
        till.desk.counts.get("disbursement.repeated", 0) == before
    )  # it was looked up, and not ordered again
    assert len(await till.facts("payments.paid_out.v1", pay_out=str(pay_out))) == 1


async def test_nothing_is_given_back_while_nobody_knows(till: Till) -> None:
    """A look that gets no answer of MTN's, or hears of no such order, is followed by another."""
    of, phone = uuid4(), a_phone("000")
    till.desk.behave(phone, Behaviour.UNSURE)
    pay_out = await till.pays_out(493, phone, of)
    await till.until(lambda: str(pay_out) in till.desk.orders)
    for looks in range(1, len(UNSURE_ANSWERS) + 1):
        await till.look_now(pay_out)
        await till.until(lambda: order_of(till, pay_out).asked == looks)  # noqa: B023 - awaited here
    assert await settled(till, of) == []
    await till.look_now(pay_out)
    await till.pay_out_becomes(pay_out, "paid")
    assert await settled(till, of) == ["wallet.settle.v1"]


@pytest.mark.parametrize("behaviour", [Behaviour.REFUSAL, Behaviour.REJECT])
async def test_what_cannot_be_paid_out_is_given_back(till: Till, behaviour: Behaviour) -> None:
    of, phone = uuid4(), a_phone("000")
    till.desk.behave(phone, behaviour)
    pay_out = await till.pays_out(491, phone, of)
    if behaviour is Behaviour.REFUSAL:
        await till.look_now(pay_out)
    await till.pay_out_becomes(pay_out, "failed")
    assert await settled(till, of) == ["wallet.reverse.v1"]
    (fact,) = await till.facts("payments.pay_out_failed.v1", pay_out=str(pay_out))
    assert fact["reason"] in ("NOT_ENOUGH_FUNDS", "PAYER_NOT_FOUND")


async def test_who_paid_by_hand_and_then_at_mtn_as_well_is_seen(till: Till) -> None:
    person, _ = await pays_twice(till, 6031)
    assert await till.balance(person) == 12_062


async def test_an_order_whose_call_was_given_up_is_looked_after_all_the_same(till: Till) -> None:
    phone = a_phone("000")
    till.desk.behave(phone, *[Behaviour.LOST] * TRIES)
    pay_out = await till.pays_out(6032, phone)
    await till.dies(pay_out)
    assert str(pay_out) not in till.desk.orders
    # What MTN took after all, and nobody was told.
    till.desk.orders[str(pay_out)] = Entry("disbursement", "6032", "", "", Behaviour.SUCCESS, None, "T-6032")
    till.desk.finish(str(pay_out))
    await till.look_now(pay_out)
    assert (await till.pay_out_becomes(pay_out, "paid"))["transaction"] == "T-6032"


async def test_what_was_switched_off_meanwhile_is_not_given_back(till: Till) -> None:
    with pytest.raises(InDoubt):
        switched_off(again=True)
    assert switched_off(again=False) == Refused("method_off")
