"""How long to look after an order at the provider, and what its last word amounts to."""

from __future__ import annotations

import re
from uuid import UUID

from consumers.payments.rules.readings import MOMO, Failed, Payer, Received
from consumers.payments.rules.reports import read_amount, read_name
from infra.payments.interface import Standing, State

# A payer has 5 min to approve. Then for a day, once an hour: what is not final by then is for the
# reconciliation.
LOOKS_SECONDS = (5, 5, 10, 10, 20, 30, 30, 60, 60, 60, 120, 300, 600, 1800, *([3600] * 24))
FINAL = frozenset((State.SUCCESSFUL, State.FAILED))


def next_look(number: int) -> int | None:
    """How many seconds until the `number`-th look (from 0); None: there is none."""
    return LOOKS_SECONDS[number] if number < len(LOOKS_SECONDS) else None


def last_word(standing: Standing, order: UUID) -> Received | Failed:
    """A final standing as a notification would say it."""
    transaction = read_name(standing.transaction) or str(order)
    amount, trouble = read_amount(standing.amount, standing.currency)
    if standing.state is State.SUCCESSFUL:
        payer = Payer(tail=re.sub(r"\D", "", standing.phone))
        return Received(MOMO, transaction, amount, trouble, payer, None, order)
    return Failed(MOMO, transaction, standing.reason or "unknown", amount, order)
