"""A young account's cash-outs and redemptions: held until somebody has looked, paid or given back once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from consumers.wallet import finding
from schemas.events.payments import PaidOut, PayOut
from schemas.events.wallet import CashOut, DecideByHand, ExpireHold, Redeem, Reverse
from tests.integration.wallet.desk import Desk
from tests.integration.wallet.street import Person, Street

ALINE = "250788123456"
YOUNG = timedelta(hours=2)
EVENTS = "/consumers/payments"


async def _cashes_out(street: Street, amount: int = 1_001, age: timedelta = YOUNG) -> tuple[Person, UUID]:
    aline = await street.person("Aline", ALINE, tokens=6_000, age=age)
    await aline.starts("cash_out")
    await aline.taps("My number")
    await aline.says(str(amount))
    aline.hears("Confirm")
    await aline.taps("Confirm")
    return aline, street.of(CashOut)[-1].id


def _decision(of: UUID, act: str, operator: str = "beata") -> tuple[str, DecideByHand]:
    return "key", DecideByHand.model_validate({"of": of, "act": act, "operator": operator, "why": "called"})


async def _outcomes(street: Street, of: UUID) -> list[tuple[str, str]]:
    rows = await street.rows("SELECT act, outcome FROM decisions WHERE of = $1 ORDER BY outcome, act", of)
    return [(row["act"], row["outcome"]) for row in rows]


async def _held(street: Street, person: Person) -> list[dict[str, Any]]:
    async with street.pool.acquire() as connection:
        rows, total = await finding.held(connection, street.now, 1_000)
    assert total >= len(rows)
    return [row for row in rows if row["sender"] == person.id]


async def test_many_small_ones_count_together(street: Street) -> None:
    aline, first = await _cashes_out(street, 1_000)
    assert [wish.id for wish in street.of(PayOut)] == [first]
    await aline.starts("cash_out")
    await aline.taps("My number")
    await aline.says("1000")
    await aline.taps("Confirm")
    aline.hears("Somebody of our team looks first")
    assert [wish.id for wish in street.of(PayOut)] == [first]


async def test_an_approved_cash_out_is_paid_once(street: Street, desk: Desk) -> None:
    aline, cash_out = await _cashes_out(street)
    aline.hears(
        "Somebody of our team looks first at your RWF 490 to 0788123456", "after 3 days", "1,001 tokens"
    )
    assert await aline.balance() == 4_999
    assert street.of(PayOut) == []
    await aline.taps("Confirm")
    aline.hears("Somebody of our team looks first")
    (held,) = await _held(street, aline)
    assert (held["id"], held["kind"], held["amount"]) == (cash_out, "cash_out", 1_001)
    assert (held["recipient_phone"], held["looked_at_for"]) == (ALINE, ["young_account"])

    await street.hears(
        _decision(cash_out, "approve"), _decision(cash_out, "refuse", "carl"), source="/operators"
    )
    (wish,) = street.of(PayOut)
    assert (wish.id, wish.of, wish.amount_rwf, wish.phone) == (cash_out, cash_out, 490, ALINE)
    assert await _outcomes(street, cash_out) == [("approve", "done"), ("refuse", "is_processing")]
    assert await _held(street, aline) == []
    await street.hears((aline.id, ExpireHold(hold=cash_out)))  # its timer went off all the same
    paid = PaidOut(pay_out=cash_out, person=aline.id, amount_rwf=490, transaction="1", at=street.now)
    await street.hears((str(cash_out), paid), source=EVENTS)
    aline.hears("✅ RWF 490 has been paid to 0788123456")
    await street.hears(_decision(cash_out, "approve"), source="/operators")
    assert len(street.of(PayOut)) == 1
    assert street.of(Reverse) == []
    await desk.is_sound()


async def test_a_refused_cash_out_is_given_back_once(street: Street, desk: Desk) -> None:
    aline, cash_out = await _cashes_out(street)
    aline.unread.clear()
    await street.hears(
        _decision(cash_out, "refuse"), _decision(cash_out, "approve", "carl"), source="/operators"
    )
    aline.hears("RWF 490 could not be paid to 0788123456. Your 1,001 tokens go back", "My wallet")
    aline.hears_nothing_more()
    assert await aline.balance() == 6_000
    assert await _outcomes(street, cash_out) == [("refuse", "asked"), ("approve", "is_failed")]
    await street.hears((aline.id, ExpireHold(hold=cash_out)), _decision(cash_out, "refuse"))
    aline.hears_nothing_more()
    assert await aline.balance() == 6_000
    assert street.of(PayOut) == []
    await desk.is_sound()


async def test_at_which_nobody_looks_is_given_back_in_time(street: Street) -> None:
    aline, cash_out = await _cashes_out(street)
    aline.unread.clear()
    await street.hears((aline.id, ExpireHold(hold=cash_out)), (aline.id, ExpireHold(hold=cash_out)))
    aline.hears("Your 1,001 tokens go back")
    aline.hears_nothing_more()
    assert await aline.balance() == 6_000
    await street.hears(_decision(cash_out, "approve"), source="/operators")
    assert await _outcomes(street, cash_out) == [("approve", "is_failed")]
    assert street.of(PayOut) == []
    await aline.starts("cash_out")
    aline.hears("Your last one, of RWF 490: failed, tokens given back.")


@pytest.mark.parametrize(("amount", "age"), [(1_000, YOUNG), (1_001, timedelta(hours=24))])
async def test_what_is_paid_at_once(street: Street, amount: int, age: timedelta) -> None:
    aline, _ = await _cashes_out(street, amount, age)
    aline.hears("RWF 490 is on its way")
    assert len(street.of(PayOut)) == 1
    assert await _held(street, aline) == []


async def test_cash_for_tokens_is_held_and_airtime_is_not(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=6_000, age=YOUNG)
    eric = await street.person("Eric", "250788000333", tokens=6_000, age=YOUNG)
    for person, title, answer in (
        (eric, "RWF 1,000 airtime", "RWF 1,000 of airtime is sent"),
        (aline, "RWF 5,000 cash", "looks first at your RWF 5,000"),
    ):
        await person.starts("redeem")
        await person.taps(title)
        await person.taps("My number")
        person.hears("Confirm")
        await person.taps("Confirm")
        person.hears(answer)
    _, cash = street.of(Redeem)
    (held,) = await _held(street, aline)
    assert (held["id"], held["kind"]) == (cash.id, "cash_5000")
    async with street.pool.acquire() as connection:
        shown = await finding.one_held(connection, cash.id)
        assert (shown["key"], shown["ended_by"], shown["decided"]) == (aline.id, None, [])
        (waiting,) = [row for row in await finding.waiting(street.pool) if row["what"] == "held"]
    assert waiting["waiting"] >= 1


async def test_what_is_not_held_is_not_decided_about(street: Street) -> None:
    aline, cash_out = await _cashes_out(street, age=timedelta(days=30))
    for act in ("approve", "refuse"):
        await street.hears(_decision(cash_out, act), source="/operators")
    assert await _outcomes(street, cash_out) == [("approve", "is_processing"), ("refuse", "is_processing")]
    assert len(street.of(PayOut)) == 1
    assert await aline.balance() == 4_999
    unknown = uuid4()
    async with street.pool.acquire() as connection:
        with pytest.raises(finding.NothingWaits, match=f"Nothing called {unknown}"):
            await finding.one_held(connection, unknown)
