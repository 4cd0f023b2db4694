"""People of ours decide about transfers held for review and about airtime; who is concerned is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schemas.events.wallet import Capture, DecideByHand, Posted, Redeem, Refused, Release, Settle, Transfer
from tests.integration.wallet.desk import Desk
from tests.integration.wallet.street import Person, Street

ALINE, ERIC = "250788123456", "250788000111"


async def _sends(street: Street, amount: int = 1_500) -> tuple[Person, Person, UUID]:
    """A young account sends more than it may unseen."""
    aline = await street.person("Aline", ALINE, tokens=5_000, age=timedelta(hours=2))
    eric = await street.person("Eric", ERIC)
    await aline.starts("send_tokens")
    await aline.says("0788000111")
    await aline.says(str(amount))
    command = street.of(Transfer)[-1]
    assert (await aline.balance(), await eric.balance()) == (5_000 - amount, 0)
    aline.unread.clear()
    return aline, eric, command.id


async def _decides(street: Street, of: UUID, act: str, **fields: Any) -> None:
    decision = DecideByHand.model_validate(
        {"of": of, "act": act, "operator": "beata", "why": "asked", **fields}
    )
    await street.hears(("key", decision), source="/operators")


async def _decided(street: Street, of: UUID) -> list[tuple[str, str, str]]:
    rows = await street.rows(
        "SELECT act, outcome, operator FROM decisions WHERE of = $1 ORDER BY decided_at, act", of
    )
    return [tuple(row) for row in rows]


async def test_what_is_approved_moves_once_and_both_are_told(street: Street, desk: Desk) -> None:
    aline, eric, transfer = await _sends(street)
    await _decides(street, transfer, "approve")
    eric.hears("1,500")
    aline.hears("1,500", "Eric")
    await _decides(street, transfer, "approve")
    await _decides(street, transfer, "refuse")
    assert (await aline.balance(), await eric.balance()) == (3_500, 1_500)
    assert len(street.of(Capture)) == 1
    assert street.of(Release) == []
    eric.hears_nothing_more()
    assert sorted(await _decided(street, transfer)) == [
        ("approve", "asked", "beata"),
        ("approve", "is_approved", "beata"),
        ("refuse", "is_approved", "beata"),
    ]
    await desk.is_sound()


async def test_what_is_refused_is_the_senders_again(street: Street) -> None:
    aline, eric, transfer = await _sends(street)
    await _decides(street, transfer, "refuse")
    aline.hears("1,500")
    eric.hears_nothing_more()
    assert (await aline.balance(), await eric.balance()) == (5_000, 0)


async def test_of_two_who_decide_at_once_the_first_is_heard(street: Street) -> None:
    aline, eric, transfer = await _sends(street)
    both = (
        DecideByHand(of=transfer, act="approve", operator="beata", why="x"),
        DecideByHand(of=transfer, act="refuse", operator="carl", why="y"),
    )
    await street.hears(*(("key", each) for each in both), source="/operators")  # one chunk: both are asked
    assert (await aline.balance(), await eric.balance()) == (3_500, 1_500)
    (refused,) = street.of(Refused)
    assert refused.reason == "pending_transfer_already_posted"


async def test_airtime_is_handed_over_or_given_back(street: Street) -> None:
    aline = await street.person("Aline", ALINE, tokens=6_000)
    for _ in range(2):
        await aline.starts("redeem")
        await aline.taps("RWF 500 airtime")
        await aline.taps("My number")
        await aline.taps("Confirm")
    aline.unread.clear()
    sent, unsent = (command.id for command in street.of(Redeem))
    await _decides(street, sent, "done", provider="nobody")
    await _decides(street, sent, "done", provider="mtn")
    aline.hears("✅ RWF 500 has been paid to 0788123456")
    await _decides(street, sent, "failed")
    await _decides(street, unsent, "failed")
    aline.hears("RWF 500 could not be paid to 0788123456. Your 500 tokens go back")
    aline.hears_nothing_more()
    assert await aline.balance() == 5_500
    assert [each.provider for each in street.of(Settle)] == ["mtn"]
    assert sorted(outcome for _, outcome, _ in await _decided(street, sent)) == [
        "asked",
        "is_completed",
        "provider_not_found",
    ]


async def test_what_nobody_knows_of_is_kept_and_moves_nothing(street: Street) -> None:
    stranger = UUID(int=99)
    for act in ("approve", "done"):
        await _decides(street, stranger, act)
    outcomes = sorted(outcome for _, outcome, _ in await _decided(street, stranger))
    assert outcomes[-2:] == ["no_such_redemption", "no_such_transfer"]
    assert street.of(Posted) == []


async def test_the_log_of_decisions_stands(street: Street, desk: Desk) -> None:
    await _decides(street, UUID(int=98), "approve")
    for sql in ("UPDATE decisions SET operator = 'x'", "DELETE FROM decisions", "TRUNCATE decisions"):
        with pytest.raises(asyncpg.PostgresError):
            await desk.operator.execute(sql)
