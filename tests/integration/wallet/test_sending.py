"""What one person sends another: limits and look-outs, over chunks and within one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from schemas.events.core import PersonsJoined
from schemas.events.wallet import Capture, Posted, Refused, Release
from tests.integration.wallet.desk import Answer, Desk, fresh, holds, moves


def _said(answers: list[Answer]) -> list[object]:
    return [a.reason if isinstance(a, Refused) else a.review for a in answers]


async def test_limits_count_what_was_sent_before_and_in_the_same_chunk(desk: Desk) -> None:
    aline, *others = fresh("aline", *(f"p{number}" for number in range(12)))
    await desk.opens(aline, *others, tokens=100_000)
    await desk.opens(aline, tokens=100_000)
    sends = [moves(aline, other, 10, kind="send") for other in others]
    first = await desk.asks(*sends[:4])
    assert _said(first) == [()] * 4
    assert _said(await desk.asks(*sends[4:])) == [
        (),
        *[("many_transfers",)] * 5,
        *["exceeds_hourly_limit"] * 2,
    ]
    assert await desk.balance(aline) == (200_000 - 50, 50)
    assert await desk.refuses(moves(aline, others[0], 5, kind="send")) == "amount_below_minimum"


async def test_a_day_has_a_limit(desk: Desk) -> None:
    aline, eric, carine = fresh("aline", "eric", "carine")
    await desk.opens(aline, eric, carine, tokens=300_000)
    big = [moves(aline, person, 50_000, kind="send") for person in (eric, carine, eric)]
    assert _said(await desk.asks(*big)) == [(), (), "exceeds_daily_limit"]
    assert await desk.refuses(moves(aline, eric, 50_001, kind="send")) == "exceeds_transfer_limit"
    poor, rich = fresh("poor", "rich")
    await desk.opens(poor, rich, tokens=1_999)
    assert await desk.refuses(moves(poor, rich, 10, kind="send")) == "balance_below_minimum"


async def test_what_is_looked_at_moves_when_somebody_has(desk: Desk) -> None:
    young, eric = fresh("young", "eric")
    await desk.opens(young, tokens=5_000, age=timedelta(hours=1))
    await desk.opens(eric)
    approved, refused = (moves(young, eric, 1_500, kind="send") for _ in range(2))
    answers = await desk.asks(approved, refused)
    assert _said(answers) == [("young_account",)] * 2
    assert isinstance(answers[0], Posted)
    assert answers[0].transfers == ()
    assert [hold.state for hold in answers[0].holds] == ["held"]
    assert await desk.balance(eric) == (0, 0)
    await desk.asks(Capture(id=uuid4(), hold=approved.id), Release(id=uuid4(), hold=refused.id))
    assert await desk.balance(eric) == (1_500, 0)
    assert await desk.balance(young) == (3_500, 0)
    third = await desk.posts(moves(young, eric, 10, kind="send"))
    assert third.review == ("same_recipient",)
    await desk.is_sound()


async def test_rides_take_so_much_a_day_whatever_way_they_are_paid(desk: Desk) -> None:
    aline, old, jean = fresh("aline", "old", "jean")
    await desk.opens(aline, jean, old, tokens=300_000)
    held, other = (holds(aline, "system:rides", 30_000, kind="ride") for _ in range(2))
    assert _said(await desk.asks(held, other, moves(aline, jean, 30_000, kind="ride"))) == [()] * 3
    more = holds(aline, "system:rides", 10_001, kind="ride")
    assert await desk.refuses(more) == "exceeds_daily_limit"
    assert await desk.refuses(moves(aline, jean, 10_001, kind="ride")) == "exceeds_daily_limit"
    await desk.asks(Capture(id=uuid4(), hold=held.id, amount=20_000), Release(id=uuid4(), hold=other.id))
    await desk.posts(moves(old, jean, 25_000, kind="ride"))
    await desk.posts(PersonsJoined(kept=aline, folded=old, at=datetime.now(UTC)))  # 85,000 together
    assert await desk.refuses(holds(aline, "system:rides", 15_001, kind="ride")) == "exceeds_daily_limit"
    await desk.posts(holds(aline, "system:rides", 15_000, kind="ride"))
    young = fresh("young")[0]
    await desk.opens(young, tokens=90_000, age=timedelta(hours=1))
    assert await desk.refuses(holds(young, "system:rides", 50_001, kind="ride")) == "exceeds_daily_limit"
    await desk.posts(holds(young, "system:rides", 50_000, kind="ride"))
    await desk.is_sound()


async def test_what_both_sent_counts_when_they_are_joined_in_the_same_chunk(desk: Desk) -> None:
    old, new, eric = fresh("old", "new", "eric")
    await desk.opens(old, new, eric, tokens=100_000)
    answers = await desk.asks(
        moves(old, eric, 50_000, kind="send"),
        moves(new, eric, 50_000, kind="send"),
        PersonsJoined(kept=new, folded=old, at=datetime.now(UTC)),
        moves(new, eric, 10, kind="send"),
    )
    assert _said([answers[0], answers[1], answers[3]]) == [(), (), "exceeds_daily_limit"]


async def test_a_ride_called_off_in_the_same_chunk_counts_no_more(desk: Desk) -> None:
    (aline,) = fresh("aline")
    await desk.opens(aline, tokens=300_000)
    first, second = (holds(aline, "system:rides", 100_000, kind="ride") for _ in range(2))
    answers = await desk.asks(first, Release(id=uuid4(), hold=first.id), second)
    assert _said(answers) == [()] * 3
    assert await desk.refuses(holds(aline, "system:rides", 1, kind="ride")) == "exceeds_daily_limit"
