"""Several members at once, and the same payments told in many ways: each has one effect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from consumers.payments.store.pay_outs import PayOutRow, PayOutStore
from consumers.runtime.service import Service
from infra.postgres.pool import open_pool, transaction
from infra.postgres.session import Conflict, Session
from tests.integration.payments.conftest import DOMAINS
from tests.integration.payments.till import Till, a_transaction

Act = Callable[[PayOutStore, PayOutRow], None]

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


def fails(store: PayOutStore, row: PayOutRow) -> None:
    """A person says that MTN will never pay it."""
    store.move(row, "failed", reason="by hand")


def is_about_to_call(store: PayOutStore, row: PayOutRow) -> None:
    """The consumer claims the call."""
    store.call(row, datetime.now(UTC))


@pytest.mark.parametrize(("first", "second"), [(fails, is_about_to_call), (is_about_to_call, fails)])
async def test_a_call_and_a_decision_at_once_are_one_of_them(till: Till, first: Act, second: Act) -> None:
    """Both have read the row as it was: whoever comes second looks again, and finds what the first did."""
    identity = uuid4()
    await till.database.execute(
        """INSERT INTO payments.pay_out (id, person, of, amount_rwf, phone, asked_at)
        VALUES ($1, 'p-at-once', $1, 490, '250788000000', now())""",
        identity,
    )
    async with await open_pool(till.settings, "payments", size=1) as pool:
        async with transaction(pool) as connection:
            read = await PayOutStore(Session(connection)).find(identity)
        assert read is not None
        await _write(pool, first, read)
        with pytest.raises(Conflict):
            await _write(pool, second, read)
    row = await till.database.fetchrow("SELECT state, called FROM payments.pay_out WHERE id = $1", identity)
    assert row is not None
    assert tuple(row) == (("failed", False) if first is fails else ("asked", True))


async def _write(pool: asyncpg.Pool[Any], act: Act, row: PayOutRow) -> None:
    async with transaction(pool) as connection:
        session = Session(connection)
        act(PayOutStore(session), row)
        await session.flush()
