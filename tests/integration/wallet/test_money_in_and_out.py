"""Conversations about money: top-up, cash-out, redemption; what payments say of them is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from schemas.content import LinkContent
from schemas.events.payments import PaidOut, PaymentAsked, PaymentFailed, PayOut, PayOutFailed, RequestPayment
from schemas.events.wallet import CashOut, CreditPayment, Redeem, Reverse, Settle
from tests.integration.wallet.street import Person, Street

ALINE = "250788123456"
EVENTS = "/consumers/payments"


async def test_a_pack_is_bought_by_a_prompt(street: Street) -> None:
    aline = await street.person("Aline", ALINE)
    await aline.starts("top_up")
    aline.hears("2 tokens cost RWF 1", "1,000 tokens", "RWF 500", "100,000 tokens")
    await aline.taps("5,000 tokens")
    aline.hears("5,000 tokens for RWF 2,500", "MoMo prompt", "Dial MoMo code", "Card")
    await aline.taps("MoMo prompt")
    aline.hears("Preparing your payment of RWF 2,500", "My wallet")
    (wish,) = street.of(RequestPayment)
    assert (wish.person, wish.amount_rwf, wish.method, wish.purpose) == (aline.id, 2_500, "mtn", "top_up")
    assert wish.phone == ALINE
    asked = PaymentAsked(request=wish.id, person=aline.id, method="mtn", at=street.now)
    await street.hears((str(wish.id), asked), source=EVENTS)
    aline.hears("approve the MoMo payment")
    credit = CreditPayment.of("mtn", uuid4().hex, 2_500, aline.id)
    await street.hears((aline.id, credit), (aline.id, credit), source=EVENTS)
    aline.hears("payment of RWF 2,500 has arrived: *5,000 tokens*. You have 5,000 now.")
    aline.hears_nothing_more()
    await aline.taps("MoMo prompt")  # of a conversation that is over
    aline.hears("earlier conversation", "Top up")
    assert len(street.of(RequestPayment)) == 1


async def test_whose_payment_is_paid_back_is_told_that_its_tokens_are_gone(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=1_000)
    credit = CreditPayment.of("stripe", uuid4().hex, 2_500, aline.id)
    await street.hears((aline.id, credit), source=EVENTS)
    aline.hears("*5,000 tokens*. You have 6,000 now.")
    back = Reverse(id=uuid4(), of=credit.id)
    await street.hears((aline.id, back), (aline.id, back), source=EVENTS)
    aline.hears("payment of RWF 2,500 was paid back", "*5,000 tokens*", "You have 1,000 now.", "Transactions")
    aline.hears_nothing_more()
    assert await aline.balance() == 1_000


@pytest.mark.parametrize(("title", "method"), [("Card", "stripe"), ("Dial MoMo code", "transfer")])
async def test_any_amount_by_other_ways(street: Street, title: str, method: str) -> None:
    aline = await street.person("Aline", ALINE)
    await aline.starts("top_up")
    await aline.says("99")
    aline.hears("from RWF 100 to RWF 10,000,000")
    await aline.says("RWF 100")
    await aline.taps(title)
    (wish,) = street.of(RequestPayment)
    assert (wish.amount_rwf, wish.method) == (100, method)
    url = "https://pay.example/1" if method == "stripe" else None
    asked = PaymentAsked(request=wish.id, person=aline.id, method=method, url=url, at=street.now)
    if not url:
        aline.hears("*182*8*1*123456*100#", "tel:%2A182%2A8%2A1%2A123456%2A100%23")
    else:
        aline.hears("Preparing your payment")
    await street.hears((str(wish.id), asked), source=EVENTS)
    if url:
        assert isinstance(aline.hears("Pay on this page", url), LinkContent)
    aline.hears_nothing_more()
    for reason, said in (("APPROVAL_REJECTED", "did not go through"), ("expired", "please do not pay again")):
        failed = PaymentFailed(
            provider=method, notification=uuid4(), at=street.now, reason=reason, amount_rwf=100,
            request=wish.id, person=aline.id, purpose="top_up",
        )  # fmt: skip
        await street.hears((str(wish.id), failed), source=EVENTS)
        aline.hears("payment of RWF 100", said, "Top up")


async def test_without_a_number_the_payer_is_asked_for(street: Street) -> None:
    nobody = await street.person("Nobody")
    await nobody.starts("top_up")
    await nobody.taps("1,000 tokens")
    await nobody.taps("MoMo prompt")
    nobody.hears("Which MoMo number pays?")
    await nobody.says("0788 000 111")
    nobody.hears("Preparing")
    assert street.of(RequestPayment)[0].phone == "250788000111"


async def _cashes_out(aline: Person, amount: str = "1001") -> None:
    await aline.starts("cash_out")
    aline.hears("Which MoMo number", "2 %", "My number")
    await aline.says("0750 000 111")
    aline.hears("cannot get MoMo")
    await aline.taps("My number")
    aline.hears("from 1,000 to 5,000")
    await aline.says("999")
    aline.hears("from 1,000 to 5,000")
    await aline.says(amount)
    aline.hears("*1,001 tokens*: 21 tokens are our fee, and RWF 490 goes to 0788123456", "Confirm", "Cancel")
    await aline.taps("Confirm")
    aline.hears("RWF 490 is on its way to 0788123456", "Transactions")


async def test_a_cash_out_is_paid(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=5_000)
    await _cashes_out(aline)
    assert await aline.balance() == 3_999
    (wish,), (command,) = street.of(PayOut), street.of(CashOut)
    assert (wish.of, wish.amount_rwf, wish.phone, wish.person) == (command.id, 490, ALINE, aline.id)
    await aline.taps("Confirm")
    aline.hears("RWF 490 is on its way")
    assert len(street.of(CashOut)) == len(street.of(PayOut)) == 1
    paid = PaidOut(pay_out=wish.id, person=aline.id, amount_rwf=490, transaction="1", at=street.now)
    await street.hears((str(wish.id), paid), source=EVENTS)
    aline.hears("✅ RWF 490 has been paid to 0788123456")
    await aline.starts("cash_out")
    aline.hears("Your last one, of RWF 490: paid.")


async def test_a_cash_out_that_fails_gives_the_tokens_back(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=5_000)
    await _cashes_out(aline)
    (wish,) = street.of(PayOut)
    failed = PayOutFailed(pay_out=wish.id, person=aline.id, amount_rwf=490, reason="x", at=street.now)
    await street.hears((str(wish.id), failed), source=EVENTS)
    await street.hears((aline.id, Reverse(id=uuid4(), of=wish.of)), source=EVENTS)
    aline.hears("RWF 490 could not be paid to 0788123456. Your 1,001 tokens go back")
    assert await aline.balance() == 5_000
    await aline.starts("transactions")
    aline.hears("*+980* given back", "*+21* given back", "*-21* fee", "*-980* cash-out", "*+5,000* top-up")


async def test_a_cash_out_that_the_ledger_refuses(street: Street) -> None:
    """Something else took the tokens between the question and the answer."""
    aline = await street.person("Aline", ALINE, tokens=1_500)
    await aline.starts("cash_out")
    await aline.taps("My number")
    await aline.says("1500")
    other = CashOut(id=uuid4(), debit=aline.id, amount=1_000)
    await street.hears((aline.id, other), source="/scripts/test")
    await aline.taps("Confirm")
    aline.hears("You do not have so many tokens", "Top up")
    assert street.of(PayOut) == []
    (state,) = await street.rows("SELECT state FROM pay_outs WHERE person = $1", aline.id)
    assert state[0] == "cancelled"


async def test_too_little_to_cash_out_or_redeem(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=400)
    await aline.starts("cash_out")
    aline.hears("from 1,000 tokens; you have 400", "Top up")
    await aline.starts("redeem")
    await aline.taps("RWF 500 airtime")
    aline.hears("costs 500 tokens; you have 400", "Earn tokens")


async def test_airtime_and_cash_for_tokens(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=6_000)
    await aline.starts("redeem")
    aline.hears("You have 6,000 tokens", "RWF 500 airtime", "RWF 1,000 airtime", "RWF 5,000 cash")
    await aline.taps("RWF 500 airtime")
    await aline.taps("My number")
    aline.hears("*500 tokens* for RWF 500 airtime, sent to 0788123456")
    await aline.taps("Confirm")
    aline.hears("RWF 500 of airtime is sent to 0788123456")
    assert street.of(PayOut) == []
    settle = Settle(id=uuid4(), of=street.of(Redeem)[0].id, provider="momo")
    await street.hears((aline.id, settle), (aline.id, settle), source="/scripts/airtime")
    aline.hears("✅ RWF 500 has been paid to 0788123456", "Redeem")
    aline.hears_nothing_more()
    await aline.taps("RWF 5,000 cash")
    aline.hears("You can redeem 5,000 tokens in 24 hours", "Cash out")
    street.now += timedelta(hours=24)
    await aline.taps("RWF 5,000 cash")
    await aline.says("0722 000 111")
    await aline.taps("Confirm")
    aline.hears("RWF 5,000 is on its way to 0722000111")
    assert [each.reward for each in street.of(Redeem)] == ["airtime_500", "cash_5000"]
    assert [each.amount_rwf for each in street.of(PayOut)] == [5_000]
    assert await aline.balance() == 500
