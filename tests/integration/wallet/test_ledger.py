"""What each command does to the accounts, and what it is refused for, on the real database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

from schemas.events.core import PersonsJoined
from schemas.events.wallet import (
    Capture,
    CashOut,
    ExpireHold,
    Linked,
    Posted,
    Redeem,
    Refused,
    Release,
    Reverse,
    Settle,
)
from tests.integration.wallet.desk import Desk, fresh, holds, moves, pays

FAR_WEST = timezone(timedelta(hours=-12))  # where the year 9999 ends last, and later than UTC knows


async def test_a_transfer_moves_an_amount(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=1_000)
    answer = await desk.posts(moves(aline, eric, 300))
    assert [(t.debit, t.credit, t.amount) for t in answer.transfers] == [(aline, eric, 300)]
    assert {b.owner: b.balance for b in answer.balances} == {aline: 700, eric: 1_300}
    assert await desk.balance(aline) == (700, 0)
    assert await desk.balance(eric) == (1_300, 0)
    await desk.is_sound()


async def test_an_unsound_command_is_refused_by_name_and_moves_nothing(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=100)
    before = await desk.rows()
    cases = {
        "amount_must_not_be_zero": moves(aline, eric, 0),
        "amount_must_not_be_negative": moves(aline, eric, -5),
        "amount_too_large": moves(aline, eric, 10**30),
        "exceeds_credits": moves(aline, eric, 101),
        "accounts_must_be_different": moves(aline, aline, 1),
        "debit_account_not_found": moves("nobody", eric, 1),
        "credit_account_not_found": moves(aline, "nobody", 1),
        "ledger_not_found": moves(aline, eric, 1, currency="USD"),
        "expires_in_the_past": holds(aline, eric, 1, expires_at=datetime.now(UTC) - timedelta(seconds=1)),
        "expires_too_late": holds(aline, eric, 1, expires_at=datetime(9999, 12, 31, 23, 59, tzinfo=FAR_WEST)),
        "pending_transfer_not_found": Capture(id=uuid4(), hold=uuid4()),
        "transfer_not_found": Reverse(id=uuid4(), of=uuid4()),
        "reward_not_found": Redeem(id=uuid4(), debit=aline, reward="a_house"),
        "amount_below_minimum": CashOut(id=uuid4(), debit=aline, amount=999),
        "provider_not_found": Settle(id=uuid4(), of=uuid4(), provider="bank"),
    }
    assert {reason: await desk.refuses(command) for reason, command in cases.items()} == {
        reason: reason for reason in cases
    }
    assert await desk.refuses(moves(aline, "system:typo", 1)) == "credit_account_not_found"
    assert await desk.refuses(moves(aline, eric, 1, currency="RWF")) == "debit_account_not_found"
    after = await desk.rows()
    assert after.pop("commands") == before.pop("commands") + len(cases) + 2  # kept for audit
    assert after == before


async def test_the_id_decides(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=1_000)
    first = moves(aline, eric, 100)
    answer = await desk.posts(first)
    again = await desk.posts(first)
    assert again == answer.model_copy(update={"repeated": True})
    assert await desk.refuses(first.model_copy(update={"amount": 99})) == "exists_with_different_amount"
    assert await desk.refuses(first.model_copy(update={"credit": aline})) == "exists_with_different_credit"
    assert await desk.refuses(holds(aline, eric, 100, id=first.id)) == "exists_with_different_type"
    assert await desk.balance(aline) == (900, 0)


async def test_a_refused_id_stays_refused(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric)
    wish = moves(aline, eric, 50)
    assert await desk.refuses(wish) == "exceeds_credits"
    await desk.opens(aline, tokens=500)
    again = await desk.ask(wish)
    assert isinstance(again, Refused)
    assert again.repeated
    assert again.reason == "exceeds_credits"
    assert await desk.balance(eric) == (0, 0)


async def test_a_hold_counts_at_once_and_ends_once(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=1_000)
    hold = holds(aline, eric, 800)
    await desk.posts(hold)
    assert await desk.balance(aline) == (1_000, 800)
    assert await desk.refuses(moves(aline, eric, 201)) == "exceeds_credits"
    assert await desk.refuses(holds(aline, eric, 201)) == "exceeds_credits"
    assert await desk.refuses(Capture(id=uuid4(), hold=hold.id, amount=801)) == (
        "exceeds_pending_transfer_amount"
    )
    captured = await desk.posts(Capture(id=uuid4(), hold=hold.id, amount=500))
    assert [(h.state, h.captured) for h in captured.holds] == [("captured", 500)]
    assert await desk.balance(aline) == (500, 0)
    assert await desk.refuses(Capture(id=uuid4(), hold=hold.id)) == "pending_transfer_already_posted"
    assert await desk.refuses(Release(id=uuid4(), hold=hold.id)) == "pending_transfer_already_posted"
    assert await desk.asks(ExpireHold(hold=hold.id)) == []
    await desk.is_sound()


async def test_a_hold_is_released_or_expires(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=1_000)
    released, expired = holds(aline, eric, 600), holds(aline, eric, 400)
    await desk.asks(released, expired)
    assert await desk.balance(aline) == (1_000, 1_000)
    await desk.posts(Release(id=uuid4(), hold=released.id))
    assert await desk.refuses(Capture(id=uuid4(), hold=released.id)) == "pending_transfer_already_voided"
    desk.now = expired.expires_at
    try:
        assert await desk.refuses(Capture(id=uuid4(), hold=expired.id)) == "pending_transfer_expired"
        answer = await desk.posts(ExpireHold(hold=expired.id))
    finally:
        desk.now = None
    assert [h.state for h in answer.holds] == ["expired"]
    assert answer.resolves == expired.id
    assert await desk.refuses(Capture(id=uuid4(), hold=expired.id)) == "pending_transfer_expired"
    assert await desk.balance(aline) == (1_000, 0)
    await desk.is_sound()


async def test_a_payment_is_credited_once_whoever_tells_of_it(desk: Desk) -> None:
    (aline,) = fresh("aline")
    payment = pays(aline, 2_500)
    answer = await desk.posts(payment)
    assert [(t.currency, t.amount) for t in answer.transfers] == [("RWF", 2_500), ("TOK", 5_000)]
    assert (await desk.ask(payment)).repeated
    assert await desk.refuses(pays(aline, 2_600, payment.transaction)) == "exists_with_different_amount_rwf"
    forged = payment.model_copy(update={"id": uuid4()})
    assert await desk.refuses(forged) == "id_is_not_the_transactions"
    assert await desk.balance(aline) == (5_000, 0)
    await desk.posts(pays(aline, 700, into="RWF"))
    assert await desk.balance(aline, "RWF") == (700, 0)
    await desk.is_sound()


async def test_a_cash_out_is_owed_until_it_is_settled_or_given_back(desk: Desk) -> None:
    (aline,) = fresh("aline")
    await desk.opens(aline, tokens=10_000)
    owed, _ = await desk.balance("system:cash_out", "RWF")
    paid, failed = (CashOut(id=uuid4(), debit=aline, amount=1_050) for _ in range(2))
    answers = await desk.asks(paid, failed)
    assert isinstance(answers[0], Posted)
    assert [(t.kind, t.amount) for t in answers[0].transfers] == [
        ("cash_out", 1_029), ("fee", 21), ("owed", 514)
    ]  # fmt: skip
    assert await desk.balance("system:cash_out", "RWF") == (owed + 1_028, 0)
    await desk.posts(Settle(id=uuid4(), of=paid.id, provider="mtn"))
    assert await desk.refuses(Reverse(id=uuid4(), of=paid.id)) == "transfer_already_settled"
    back = Reverse(id=uuid4(), of=failed.id)
    await desk.posts(back)
    assert await desk.refuses(Reverse(id=uuid4(), of=failed.id)) == "transfer_already_reversed"
    assert await desk.refuses(Settle(id=uuid4(), of=failed.id, provider="mtn")) == "transfer_already_reversed"
    assert await desk.refuses(Reverse(id=uuid4(), of=back.id)) == "transfer_cannot_be_reversed"
    assert await desk.balance(aline) == (10_000 - 1_050, 0)
    assert await desk.balance("system:cash_out", "RWF") == (owed, 0)
    await desk.is_sound()


async def test_tokens_are_redeemed(desk: Desk) -> None:
    (aline,) = fresh("aline")
    await desk.opens(aline, tokens=600)
    await desk.posts(Redeem(id=uuid4(), debit=aline, reward="airtime_500"))
    assert await desk.balance(aline) == (100, 0)
    assert await desk.refuses(Redeem(id=uuid4(), debit=aline, reward="airtime_500")) == "exceeds_credits"


async def test_linked_commands_succeed_or_fail_together(desk: Desk) -> None:
    aline, eric, carine = fresh("aline", "eric", "carine")
    await desk.opens(aline, eric, carine, tokens=100)
    good, bad, last = moves(aline, eric, 60), moves(aline, carine, 60), moves(eric, carine, 1)
    answer = await desk.ask(Linked(id=uuid4(), commands=(good, bad, last)))
    assert isinstance(answer, Refused)
    assert (answer.reason, answer.failed) == ("exceeds_credits", bad.id)
    assert [await desk.balance(each) for each in (aline, eric, carine)] == [(100, 0)] * 3
    assert await desk.refuses(good) == "linked_event_failed"
    hold = holds(aline, eric, 40)
    both = Linked(id=uuid4(), commands=(hold, Capture(id=uuid4(), hold=hold.id, amount=30)))
    together = await desk.posts(both)
    assert [t.amount for t in together.transfers] == [30]
    assert (await desk.ask(both)).repeated
    assert (await desk.ask(hold)).repeated
    doubled = Linked(id=uuid4(), commands=(hold, moves(aline, eric, 1)))
    assert await desk.refuses(doubled) == "exists"
    assert await desk.balance(aline) == (70, 0)
    await desk.is_sound()


async def test_commands_of_one_chunk_see_each_other(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=100)
    hold, first, cash = holds(aline, eric, 100), moves(eric, aline, 50), moves(aline, eric, 50)
    answers = await desk.asks(
        hold,
        cash,
        first,
        cash.model_copy(update={"id": uuid4()}),
        Capture(id=uuid4(), hold=hold.id),
        Capture(id=uuid4(), hold=hold.id),
        first,
        Reverse(id=uuid4(), of=first.id),
    )
    assert [a.reason if isinstance(a, Refused) else "" for a in answers] == [
        "",
        "exceeds_credits",  # all is held
        "",
        "",
        "",
        "pending_transfer_already_posted",
        "",
        "exceeds_credits",
    ]
    assert [a.repeated for a in answers].index(True) == 6
    assert await desk.balance(eric) == (200, 0)
    await desk.is_sound()


async def test_joined_persons_have_one_account(desk: Desk) -> None:
    old, new, eric = fresh("old", "new", "eric")
    await desk.opens(old, new, eric, tokens=1_000)
    hold, captured = holds(old, eric, 300), holds(old, eric, 200)
    await desk.asks(hold, captured, pays(old, 50, into="RWF"))
    await desk.posts(PersonsJoined(kept=new, folded=old, at=datetime.now(UTC)))
    assert await desk.balance(old) == (500, 500)  # what was held stays until it ends
    assert await desk.balance(new) == (1_500, 0)
    assert await desk.balance(new, "RWF") == (50, 0)
    assert await desk.asks(PersonsJoined(kept=new, folded=old, at=datetime.now(UTC))) == []
    await desk.asks(Release(id=uuid4(), hold=hold.id), Capture(id=uuid4(), hold=captured.id, amount=150))
    assert await desk.balance(old) == (0, 0)
    assert await desk.balance(new) == (1_850, 0)
    await desk.posts(moves(eric, old, 10))  # whoever still knows the old id
    assert await desk.balance(new) == (1_860, 0)
    newest = fresh("newest")[0]
    await desk.posts(PersonsJoined(kept=newest, folded=new, at=datetime.now(UTC)))
    await desk.posts(moves(old, eric, 60))
    assert await desk.balance(newest) == (1_800, 0)
    await desk.is_sound()
