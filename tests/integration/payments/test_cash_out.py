"""A cash-out through wallet and payments: tokens become money, or come back."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from infra.simulator.providers import Behaviour
from schemas import topics
from schemas.events.wallet import CashOut
from tests.integration.payments.till import Till, a_phone, a_transaction


async def is_answered(till: Till, kind: str, of: UUID) -> None:
    """Wait until the wallet has carried out a command about something owed."""

    async def there() -> bool:
        rows = await till.database.fetch(
            "SELECT reason FROM wallet.commands WHERE type = $1 AND content LIKE '%' || $2 || '%'",
            kind,
            str(of),
        )
        assert all(row["reason"] is None for row in rows)
        return bool(rows)

    await till.until(there)


@pytest.mark.parametrize(
    ("behaviour", "person", "left", "kind"),
    [
        (Behaviour.SUCCESS, "p-8501", 1000, "wallet.settle.v1"),
        (Behaviour.REFUSAL, "p-8502", 2000, "wallet.reverse.v1"),
    ],
)
async def test_tokens_become_money_or_come_back(
    till: Till, behaviour: Behaviour, person: str, left: int, kind: str
) -> None:
    tail = person[-3:]
    await till.asks(1000, phone=a_phone(tail), person=person)
    await till.hears_sms(amount="1,000", number=f"*********{tail}", id=a_transaction())
    await till.balance_becomes(person, 2000)

    command = CashOut(id=uuid4(), debit=person, amount=1000)
    await till.tells(topics.WALLET_COMMANDS, person, command)
    await till.balance_becomes(person, 1000)
    phone = a_phone("000")
    till.desk.behave(phone, behaviour)
    pay_out = await till.pays_out(490, phone, command.id, person)  # half of 980: the fee is 2 %
    await till.look_now(pay_out)

    await is_answered(till, kind, command.id)
    await till.balance_becomes(person, left)
