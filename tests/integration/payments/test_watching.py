"""What waits is shown with its age, and what the ledger will not settle is counted."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY

from consumers.payments.watching import look
from schemas import topics
from schemas.events.wallet import Refused, Reverse, Settle
from tests.integration.payments.till import Till, a_transaction


def shown(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_the_oldest_that_waits_shows_its_age(till: Till) -> None:
    transaction = a_transaction()
    await till.hears_momo(transactionId=transaction, amount=9001)
    await till.payment_becomes(transaction, "review")
    an_hour_ago = "UPDATE payments.payment SET since = since - interval '1 hour' WHERE transaction = $1"
    await till.database.execute(an_hour_ago, transaction)
    await look(till.database)
    assert shown("easymo_payments_waiting", what="review") >= 1
    assert shown("easymo_payments_oldest_waiting_seconds", what="review") >= 3_600
    assert shown("easymo_payments_waiting", what="pay_out") >= 0


@pytest.mark.parametrize("command", [Settle, Reverse])
async def test_what_the_ledger_will_not_settle_is_counted(
    till: Till, command: type[Settle | Reverse]
) -> None:
    outcome = {"provider": "wallet", "outcome": "not_settled"}
    before = shown("easymo_payments_total", **outcome)
    answer = Refused(
        id=uuid4(), command=command.event_type, at=datetime.now(UTC), reason="transfer_not_found"
    )
    await till.ends(await till.tells(topics.WALLET_EVENTS, "p-801", answer), "processed")
    assert shown("easymo_payments_total", **outcome) > before
