"""What the database refuses, and what verification finds where somebody was stronger than that."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import pytest

from consumers.wallet.rules.prices import cash_out_rwf
from consumers.wallet.verifying.checking import check
from schemas.events.core import PersonsJoined
from schemas.events.wallet import Capture, CashOut, Redeem, Release, Reverse, Settle
from tests.integration.wallet.desk import Desk, fresh, holds, moves, pays

APPEND_ONLY = ("commands", "transfers", "entries", "holds", "verifications")


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_nobody_changes_or_removes_a_row(desk: Desk, table: str) -> None:
    statements = (f"UPDATE {table} SET at = now()", f"DELETE FROM {table}", f"TRUNCATE {table}")  # noqa: S608
    for statement in statements:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever added to"):
            await desk.operator.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await desk.pool.execute(statement)


async def test_accounts_stay_and_do_not_owe(desk: Desk) -> None:
    for statement in ("DELETE FROM accounts", "TRUNCATE accounts"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await desk.operator.execute(statement)
    (aline,) = fresh("aline")
    await desk.opens(aline, tokens=10)
    for change in ("owner = 'thief'", "currency = 'RWF'", "shard = 1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="never changes"):
            await desk.pool.execute(f"UPDATE accounts SET {change} WHERE owner = $1", aline)  # noqa: S608
    for change in ("balance = -1", "held = 11", "held = -1"):
        with pytest.raises(asyncpg.CheckViolationError):
            await desk.pool.execute(f"UPDATE accounts SET {change} WHERE owner = $1", aline)  # noqa: S608


async def test_who_took_an_account_over_never_changes(desk: Desk) -> None:
    old, new, thief = fresh("old", "new", "thief")
    await desk.opens(old, new, thief, tokens=10)
    await desk.posts(PersonsJoined(kept=new, folded=old, at=datetime.now(UTC)))
    elsewhere = """
        UPDATE accounts SET joined_into = (SELECT id FROM accounts WHERE owner = $1 AND currency = 'TOK')
        WHERE owner = $2 AND currency = 'TOK'"""
    for statement, arguments in (
        (elsewhere, (thief, old)),
        ("UPDATE accounts SET joined_into = NULL WHERE owner = $1", (old,)),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="by whom never changes"):
            await desk.pool.execute(statement, *arguments)


# What somebody with all rights does to one row of each, and the check that finds it.
TAMPERING = {
    "amount of an entry": (
        "UPDATE entries SET amount = amount + 5, balance_after = balance_after + 5 WHERE amount = 300",
        {"chain", "transfers", "sums"},
    ),
    "status of an entry": (
        "UPDATE entries SET status = 'released' WHERE status = 'captured'",
        {"chain", "holds"},
    ),
    "time of an entry": ("UPDATE entries SET at = at - interval '1 us' WHERE amount = 300", {"chain"}),
    "entry deleted in the middle": ("DELETE FROM entries WHERE amount = -300", {"chain", "transfers"}),
    "last entry deleted": (
        """DELETE FROM entries AS e USING accounts AS a
        WHERE a.id = e.account AND a.entries = e.number AND a.owner LIKE 'eric%' AND a.currency = 'TOK'""",
        {"accounts", "transfers"},
    ),
    "entries put in another order": (
        """UPDATE entries SET number = CASE number WHEN 2 THEN 1003 WHEN 3 THEN 1002 END FROM accounts AS a
        WHERE a.id = account AND a.owner LIKE 'aline%' AND a.currency = 'TOK' AND number IN (2, 3);
        UPDATE entries SET number = number - 1000 WHERE number > 1000""",
        {"chain"},
    ),
    "balance": (
        "UPDATE accounts SET balance = balance + 1 WHERE owner LIKE 'aline%' AND currency = 'TOK'",
        {"accounts", "sums"},
    ),
    "amount held": ("UPDATE accounts SET held = held + 1 WHERE owner LIKE 'aline%'", {"accounts", "holds"}),
    "amount of a transfer": ("UPDATE transfers SET amount = 1 WHERE amount = 300", {"transfers"}),
    "receiver of a transfer": (
        "UPDATE transfers SET credit = (SELECT max(id) FROM accounts) WHERE amount = 300",
        {"transfers"},
    ),
    "transfer deleted": ("DELETE FROM transfers WHERE amount = 300", {"transfers"}),
    "amount of a hold": ("UPDATE holds SET amount = amount - 1 WHERE kind = 'ride'", {"holds"}),
    "hold deleted": ("DELETE FROM holds WHERE amount = 70", {"holds"}),
    "end of a hold deleted": ("DELETE FROM commands WHERE type = 'wallet.release.v1'", {"holds"}),
    "command deleted": ("DELETE FROM commands WHERE type = 'wallet.credit_payment.v1'", {"commands"}),
    "carried out turned into refused": (
        "UPDATE commands SET reason = 'exceeds_credits' WHERE type = 'wallet.credit_payment.v1'",
        {"commands"},
    ),
    "refused turned into carried out": ("UPDATE commands SET reason = NULL", {"commands"}),
    "receiver of a hold": ("UPDATE holds SET credit = 'thief' WHERE kind = 'ride'", {"holds"}),
    "end of a hold's time": ("UPDATE holds SET expires_at = expires_at + interval '1 day'", {"holds"}),
    "currency of a hold": ("UPDATE holds SET currency = 'RWF'", {"holds"}),
    "kind of a hold": ("UPDATE holds SET kind = 'send'", {"holds"}),
    "who hears of a hold": ("UPDATE holds SET origin = 'thief'", {"holds"}),
    "time of a transfer": (
        "UPDATE transfers SET at = at - interval '2 days' WHERE amount = 300",
        {"commands"},
    ),
    "what was settled, as if it were not": (
        "UPDATE commands SET resolves = NULL WHERE type = 'wallet.settle.v1'",
        {"commands"},
    ),
    "what was undone, as if it were not": (
        "UPDATE commands SET resolves = NULL WHERE type = 'wallet.reverse.v1'",
        {"commands"},
    ),
    "another one undone": (
        "UPDATE commands SET resolves = gen_random_uuid() WHERE type = 'wallet.reverse.v1'",
        {"commands"},
    ),
    "undone by what was refused": (
        "UPDATE commands SET resolves = gen_random_uuid() WHERE reason IS NOT NULL",
        {"commands"},
    ),
    "an account led to another one": (
        """UPDATE accounts SET joined_into = (SELECT id FROM accounts WHERE owner LIKE 'aline%'
            AND currency = 'TOK') WHERE owner LIKE 'empty%'""",
        {"persons"},
    ),
    "what was asked for": (
        """UPDATE commands SET content = replace(content, '"amount":300', '"amount":30')
        WHERE type = 'wallet.transfer.v1'""",
        {"commands"},
    ),
    "whom it was for": (
        """UPDATE commands SET content = replace(content, '"credit":"eric', '"credit":"aline')
        WHERE type = 'wallet.transfer.v1'""",
        {"commands"},
    ),
    "what was answered": (
        """UPDATE commands SET answer = replace(answer, '"amount":300', '"amount":3000')""",
        {"commands"},
    ),
    "what a provider told of": (
        "UPDATE commands SET content = replace(content, '\"amount_rwf\":500', '\"amount_rwf\":50')",
        {"asked"},
    ),
    "which provider told of it": (
        'UPDATE commands SET content = replace(content, \'"provider":"momo"\', \'"provider":"mtn"\')',
        {"asked"},
    ),
    "whose payment it was": (
        """UPDATE commands SET content = replace(content, '"credit":"aline', '"credit":"eric')
        WHERE type = 'wallet.credit_payment.v1'""",
        {"asked"},
    ),
    "how much was cashed out": (
        """UPDATE commands SET content = replace(content, '"amount":1000', '"amount":999')
        WHERE type = 'wallet.cash_out.v1'""",
        {"asked"},
    ),
    "who cashed out": (
        """UPDATE commands SET content = replace(content, '"debit":"aline', '"debit":"eric')
        WHERE type = 'wallet.cash_out.v1'""",
        {"asked"},
    ),
    "who redeemed": (
        """UPDATE commands SET content = replace(content, '"debit":"aline', '"debit":"eric')
        WHERE type = 'wallet.redeem.v1'""",
        {"asked"},
    ),
    "how much was captured": (
        """UPDATE commands SET content = replace(content, '"amount":150', '"amount":15')
        WHERE type = 'wallet.capture.v1'""",
        {"asked"},
    ),
    "what is to be paid out": ("UPDATE pay_outs SET amount_rwf = amount_rwf + 1", {"owed"}),
    "paid out for fewer tokens": ("UPDATE pay_outs SET tokens = tokens - 1", {"owed"}),
    "paid out for nothing": ("UPDATE pay_outs SET id = gen_random_uuid()", {"owed"}),
    "account of a person below zero": (
        "UPDATE accounts SET balance = -5 WHERE owner LIKE 'eric%' AND currency = 'TOK'",
        {"persons", "accounts", "sums"},
    ),
}


async def test_verification_names_what_was_tampered_with(own_desk: Desk) -> None:
    aline, eric, empty = fresh("aline", "eric", "empty")
    await own_desk.opens(aline, eric, tokens=5_000)
    await own_desk.opens(empty)
    ended, freed = holds(aline, eric, 200), holds(aline, eric, 60)
    paid, given_back = (CashOut(id=uuid4(), debit=aline, amount=amount) for amount in (1_000, 1_001))
    await own_desk.asks(moves(aline, eric, 300), pays(aline, 500), ended, freed, holds(aline, eric, 70))
    await own_desk.asks(Capture(id=uuid4(), hold=ended.id, amount=150), Release(id=uuid4(), hold=freed.id))
    await own_desk.asks(paid, given_back, Redeem(id=uuid4(), debit=aline, reward="airtime_500"))
    await own_desk.operator.execute(
        "INSERT INTO pay_outs VALUES ($1, $2, '', '250788123456', 1000, $3, 'processing', now())",
        *(paid.id, aline, cash_out_rwf(1_000)),
    )
    await own_desk.asks(Settle(id=uuid4(), of=paid.id, provider="mtn"), Reverse(id=uuid4(), of=given_back.id))
    await own_desk.refuses(moves(aline, eric, 10_000))
    sound = await own_desk.verify()
    assert sound.problems == []
    assert sound.entries > 0
    strong = own_desk.operator
    await strong.execute("ALTER TABLE accounts DROP CONSTRAINT persons_do_not_owe")
    for table in ("accounts", *APPEND_ONLY):
        await strong.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for what, (statement, checks) in TAMPERING.items():
        transaction = strong.transaction()
        await transaction.start()
        await strong.execute(statement)
        found = {problem.check for problem in (await check(strong)).problems}
        await transaction.rollback()
        assert found >= checks, (what, found)
    assert (await own_desk.verify()).problems == []


async def test_what_was_joined_again_and_again_is_sound(own_desk: Desk) -> None:
    """Also where the one who is named had been taken over before, and a hold is for one who was."""
    first, second, third, fourth, giver = fresh("first", "second", "third", "fourth", "giver")
    await own_desk.opens(first, second, third, fourth, giver, tokens=1_000)
    await own_desk.posts(holds(giver, first, 10))
    for kept, folded in ((second, first), (third, first), (fourth, third)):
        await own_desk.posts(PersonsJoined(kept=kept, folded=folded, at=datetime.now(UTC)))
        await own_desk.posts(holds(giver, first, 20))
    assert (await own_desk.balance(fourth))[0] == 4_000
    assert (await own_desk.verify()).problems == []
