"""Several members at once, and the same payments told in many ways: each is credited once."""

from __future__ import annotations

import asyncio
from itertools import product

from consumers.runtime.service import Service
from tests.integration.payments.conftest import DOMAINS
from tests.integration.payments.till import Till, a_transaction

PAYMENTS = 20
WORDS = ("", "for you", "thanks")  # another text is another notification, on another partition


async def test_each_is_credited_once(till: Till) -> None:
    wanted = {
        a_transaction(): await till.asks(9000 + n, phone=f"250788{n:03}{n:03}", person=f"p-many-{n}")
        for n in range(PAYMENTS)
    }
    async with Service(till.settings, DOMAINS).running():
        told = []
        for (n, (transaction, request)), words in product(enumerate(wanted.items()), WORDS):
            sms = {"amount": f"{9000 + n}", "number": f"*********{n:03}", "id": transaction, "message": words}
            told.append(till.hears_sms(**sms))
            gateway = {"transactionId": transaction, "amount": 9000 + n, "externalId": str(request)}
            told.append(till.hears_momo(**gateway, note=words))
        notifications = await asyncio.gather(*told)
        for notification in notifications:
            await till.is_kept(notification)
        for n, transaction in enumerate(wanted):
            row = await till.payment_becomes(transaction, "received")
            assert row["person"] == f"p-many-{n}"
            await till.balance_becomes(f"p-many-{n}", 2 * (9000 + n))
    credits = await till.database.fetchval(
        "SELECT count(*) FROM wallet.commands "
        "WHERE content LIKE '%p-many-%' AND type = 'wallet.credit_payment.v1'"
    )
    assert credits == PAYMENTS
    facts = await till.facts("payments.received.v1")
    assert len([each for each in facts if each["person"].startswith("p-many-")]) == PAYMENTS
