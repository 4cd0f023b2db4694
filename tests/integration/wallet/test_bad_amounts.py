"""Amounts that cannot be, in every command that has one: refused by name, kept, and nothing moves."""

from __future__ import annotations

from uuid import uuid4

import pytest

from schemas.events.wallet import Capture, CashOut, Command
from tests.integration.wallet.desk import Desk, fresh, holds, moves, pays

ABOVE = 10**15 + 1
NOT_ZERO, NOT_NEGATIVE, TOO_LARGE = (
    "amount_must_not_be_zero",
    "amount_must_not_be_negative",
    "amount_too_large",
)


@pytest.mark.parametrize(
    ("amount", "reason"), [(0, NOT_ZERO), (-1, NOT_NEGATIVE), (-(10**30), NOT_NEGATIVE), (ABOVE, TOO_LARGE)]
)
async def test_no_command_moves_it(desk: Desk, amount: int, reason: str) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=5_000)
    held = holds(aline, eric, 100)
    await desk.posts(held)
    before = await desk.rows()
    commands: list[Command] = [
        moves(aline, eric, amount),
        moves(aline, eric, amount, kind="send"),
        holds(aline, eric, amount),
        Capture(id=uuid4(), hold=held.id, amount=amount),
        CashOut(id=uuid4(), debit=aline, amount=amount),
        pays(aline, amount),
        pays(aline, amount, into="RWF"),
    ]
    reasons = [await desk.refuses(command) for command in commands]
    assert reasons == [reason] * len(commands)
    after = await desk.rows()
    assert after.pop("commands") == before.pop("commands") + len(commands)  # kept for audit
    assert after == before
    assert await desk.balance(aline) == (5_000, 100)


async def test_other_currencies_are_no_accounts_of_ours(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=100)
    before = await desk.rows()
    for command in (
        moves(aline, eric, 1, currency="EUR"),
        holds(aline, eric, 1, currency="tok"),
        pays(aline, 500, into="USD"),
    ):
        assert await desk.refuses(command) == "ledger_not_found"
    after = await desk.rows()
    assert after.pop("commands") == before.pop("commands") + 3
    assert after == before


async def test_a_capture_above_the_hold_leaves_it_standing(desk: Desk) -> None:
    aline, eric = fresh("aline", "eric")
    await desk.opens(aline, eric, tokens=100)
    held = holds(aline, eric, 40)
    await desk.posts(held)
    assert (
        await desk.refuses(Capture(id=uuid4(), hold=held.id, amount=41)) == "exceeds_pending_transfer_amount"
    )
    assert await desk.balance(aline) == (100, 40)  # the hold still stands
    await desk.posts(Capture(id=uuid4(), hold=held.id, amount=40))
    assert (
        await desk.refuses(Capture(id=uuid4(), hold=held.id, amount=1)) == "pending_transfer_already_posted"
    )
