"""`easymo ledger held`, `easymo ledger owed` and `easymo payments pay-outs`, as finance staff type them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from click.testing import CliRunner, Result

from consumers.payments.finding import NoSuchPayment
from consumers.wallet.finding import NothingWaits
from infra.simulator.providers import Behaviour
from schemas import topics
from schemas.events.core import PersonSeen
from schemas.events.wallet import CashOut, CreditPayment, Redeem, Transfer
from scripts.cli import load
from tests.integration.payments.till import Till, a_phone

WHY = ("--why", "called them")


async def run(till: Till, command: str, *arguments: str, exit_code: int = 0) -> Result:
    environment = till.settings.explicit() | {"EASYMO_OPERATOR": "beata", "COLUMNS": "250"}
    runner = CliRunner(env=environment)
    result = await asyncio.to_thread(runner.invoke, load(command), arguments)
    assert result.exit_code == exit_code, (result.output, result.exception)
    return result


async def read(till: Till, command: str, *arguments: str) -> Any:
    return json.loads((await run(till, command, *arguments, "--json")).stdout)


async def has(till: Till, person: str, tokens: int) -> None:
    """Somebody wrote to us for the first time just now, and bought tokens."""
    at = datetime.now(UTC)
    seen = PersonSeen(person=person, contact=person, at=at, phone=a_phone("555"), name="Aline", locale="en")
    await till.tells(topics.CORE_EVENTS, person, seen)
    await till.until(lambda: _is_known(till, person))
    credit = CreditPayment.of("momo", uuid4().hex, tokens // 2, person)
    await till.tells(topics.WALLET_COMMANDS, person, credit)
    await till.balance_becomes(person, tokens)


async def _is_known(till: Till, person: str) -> bool:
    return bool(await till.database.fetchval("SELECT count(*) FROM wallet.people WHERE person = $1", person))


async def _is_held(till: Till, transfer: UUID) -> bool:
    return bool(await till.database.fetchval("SELECT count(*) FROM wallet.holds WHERE id = $1", transfer))


async def _was_called(till: Till, pay_out: UUID) -> bool:
    return bool(await till.database.fetchval("SELECT called FROM payments.pay_out WHERE id = $1", pay_out))


async def sends(till: Till, sender: str, recipient: str) -> UUID:
    """More than a young account may send unseen."""
    command = Transfer(id=uuid4(), debit=sender, credit=recipient, amount=1_500, kind="send")
    await till.tells(topics.WALLET_COMMANDS, sender, command)
    await till.until(lambda: _is_held(till, command.id))
    return command.id


async def test_transfers_held_for_review(till: Till) -> None:
    sender, recipient = (f"held-{uuid4().hex[:8]}" for _ in range(2))
    await has(till, sender, 5_000)
    await has(till, recipient, 100)
    approved, refused = await sends(till, sender, recipient), await sends(till, sender, recipient)

    listed = await read(till, "ledger", "held", "list", "--limit", "1000")
    mine = {each["id"]: each for each in listed["transfers"] if each["sender"] == sender}
    assert mine.keys() == {str(approved), str(refused)}
    assert mine[str(approved)]["looked_at_for"] == ["young_account"]
    assert "****555" in mine[str(approved)]["sender_phone"]
    shown = (await run(till, "ledger", "held", "list")).stdout
    assert str(approved) in shown
    assert "Aline (+250****555)" in shown
    assert "young_account" in (await run(till, "ledger", "held", "show", str(approved))).stdout

    await run(till, "ledger", "held", "approve", str(approved), exit_code=2)  # why?
    done = await run(till, "ledger", "held", "approve", str(approved), *WHY)
    assert "written down as beata's" in done.stdout
    await till.balance_becomes(recipient, 1_600)
    again = await run(till, "ledger", "held", "refuse", str(approved), *WHY, exit_code=1)
    assert "Not done: is_approved" in again.stderr
    await run(till, "ledger", "held", "refuse", str(refused), *WHY, "--as", "carl")
    found = await read(till, "ledger", "held", "show", str(refused))
    assert (found["ended_by"], found["sender_held"]) == ("wallet.release.v1", 0)
    assert [(each["operator"], each["outcome"], each["why"]) for each in found["decided"]] == [
        ("carl", "done", "called them")
    ]
    assert [each["amount"] for each in found["sent_before"]] == [1_500]
    unknown = await run(till, "ledger", "held", "show", str(uuid4()), exit_code=1)
    assert isinstance(unknown.exception, NothingWaits)


async def cashes_out(till: Till, person: str, phone: str) -> UUID:
    """What the conversation does with the person's yes; more than a young account may unseen."""
    command = CashOut(id=uuid4(), debit=person, amount=1_500)
    await till.database.execute(
        """INSERT INTO wallet.pay_outs (id, person, reward, phone, tokens, amount_rwf, state, at)
        VALUES ($1, $2, '', $3, 1500, 735, 'pending', now())""",
        command.id, person, phone,
    )  # fmt: skip
    await till.tells(topics.WALLET_COMMANDS, person, command)
    return command.id


async def test_cash_outs_held_for_review(till: Till) -> None:
    person, phone = f"leaves-{uuid4().hex[:8]}", a_phone("559")
    await has(till, person, 5_000)
    approved, refused = await cashes_out(till, person, phone), await cashes_out(till, person, phone)
    await till.balance_becomes(person, 2_000)

    listed = await read(till, "ledger", "held", "list", "--limit", "1000")
    mine = {each["id"]: each for each in listed["transfers"] if each["sender"] == person}
    assert mine.keys() == {str(approved), str(refused)}
    assert (mine[str(approved)]["kind"], mine[str(approved)]["amount"]) == ("cash_out", 1_500)
    assert "****559" in mine[str(approved)]["recipient_phone"]
    assert "cash_out" in (await run(till, "ledger", "held", "show", str(approved))).stdout
    await run(till, "ledger", "held", "approve", str(approved), *WHY)
    await till.look_now(approved)
    assert (await till.pay_out_becomes(approved, "paid"))["amount_rwf"] == 735
    await run(till, "ledger", "held", "refuse", str(refused), *WHY)
    await till.balance_becomes(person, 3_500)
    again = await run(till, "ledger", "held", "approve", str(refused), *WHY, exit_code=1)
    assert "Not done: is_failed" in again.stderr
    assert str(refused) not in (await run(till, "ledger", "held", "list", "--limit", "1000")).stdout


async def test_airtime_that_is_handed_over(till: Till) -> None:
    person, phone, command = f"owed-{uuid4().hex[:8]}", a_phone("556"), uuid4()
    await has(till, person, 1_000)
    # What the conversation writes down with the person's yes.
    await till.database.execute(
        """INSERT INTO wallet.pay_outs (id, person, reward, phone, tokens, amount_rwf, state, at)
        VALUES ($1, $2, 'airtime_500', $3, 500, 500, 'pending', now())""",
        command, person, phone,
    )  # fmt: skip
    redeem = Redeem(id=command, debit=person, reward="airtime_500")
    await till.tells(topics.WALLET_COMMANDS, person, redeem)
    await till.balance_becomes(person, 500)

    listed = await read(till, "ledger", "owed", "list", "--limit", "1000")
    (mine,) = [each for each in listed["redemptions"] if each["id"] == str(command)]
    assert "****556" in mine["phone"]
    assert phone in (await run(till, "ledger", "owed", "show", str(command))).stdout
    await run(till, "ledger", "owed", "done", str(command), "--paid-from", "x", *WHY, exit_code=2)
    await run(till, "ledger", "owed", "done", str(command), "--paid-from", "mtn", *WHY)
    late = await run(till, "ledger", "owed", "failed", str(command), *WHY, exit_code=1)
    assert "is_completed" in late.stderr
    assert str(command) not in (await run(till, "ledger", "owed", "list", "--limit", "1000")).stdout
    assert await till.balance(person) == 500


async def test_payments_out_that_mtn_leaves_open(till: Till) -> None:
    for phone in (phones := (a_phone("557"), a_phone("558"))):
        till.desk.behave(phone, Behaviour.NEVER)
    paid, failed = [await till.pays_out(491 + n, phone) for n, phone in enumerate(phones)]
    await till.pay_out_becomes(paid, "asked")
    await till.pay_out_becomes(failed, "asked")
    listed = await read(till, "payments", "pay-outs", "list", "--limit", "1000")
    assert {str(paid), str(failed)} <= {each["id"] for each in listed["pay_outs"]}
    assert str(paid) in (await run(till, "payments", "pay-outs", "list", "--limit", "1000")).stdout

    await run(till, "payments", "pay-outs", "paid", str(paid), "--transaction", "77001", *WHY)
    assert (await till.pay_out_becomes(paid, "paid"))["transaction"] == "77001"
    late = await run(till, "payments", "pay-outs", "failed", str(paid), *WHY, exit_code=1)
    assert "is_paid" in late.stderr
    await till.until(lambda: _was_called(till, failed))
    early = await run(till, "payments", "pay-outs", "failed", str(failed), *WHY, exit_code=1)
    assert "mtn_may_still_pay" in early.stderr
    a_day_ago = "UPDATE payments.pay_out SET called_at = called_at - interval '1 day' WHERE id = $1"
    await till.database.execute(a_day_ago, failed)
    await run(till, "payments", "pay-outs", "failed", str(failed), *WHY)
    assert (await till.pay_out_becomes(failed, "failed"))["reason"] == "called them"
    assert "beata: failed, done" in (await run(till, "payments", "pay-outs", "show", str(failed))).stdout
    unknown = await run(till, "payments", "pay-outs", "show", str(uuid4()), exit_code=1)
    assert isinstance(unknown.exception, NoSuchPayment)
