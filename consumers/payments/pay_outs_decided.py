"""What a person of ours decides about a payment out that MTN leaves open."""

from __future__ import annotations

from datetime import timedelta

from consumers.domain import Context, Decision, nothing
from consumers.payments.domain import payments
from consumers.payments.paying_out import given_back, settled
from consumers.payments.rules.reports import read_name
from consumers.payments.store.pay_outs import PayOutStore
from consumers.payments.store.payments import PaymentStore
from schemas.events.payments import DecidePayOut

DONE = "done"
# Until then MTN may still pay what it was asked for: given back before, it would be paid twice.
FINAL_AFTER = timedelta(hours=24)


@payments.handles(DecidePayOut)
async def decided(
    decision: DecidePayOut, context: Context, known: PaymentStore, pay_outs: PayOutStore
) -> Decision:
    """As MTN's own word would: settled or given back, once; who said so is kept, and what came of it."""
    row = await pay_outs.find(decision.pay_out)
    if row is None or row.state != "asked":
        outcome = f"is_{row.state}" if row else "no_such_pay_out"
        known.decide_pay_out(decision, outcome, row.amount_rwf if row else None, context)
        return nothing()
    last = row.called_at or row.asked_at
    if decision.act == "failed" and row.called and context.now - last < FINAL_AFTER:
        known.decide_pay_out(decision, "mtn_may_still_pay", row.amount_rwf, context)
        return nothing()
    if decision.act == "paid" and (trouble := await _judge_number(decision, pay_outs)):
        known.decide_pay_out(decision, trouble, row.amount_rwf, context)
        return nothing()
    known.decide_pay_out(decision, DONE, row.amount_rwf, context)
    if decision.act == "paid":
        return settled(row, read_name(decision.transaction), context, pay_outs)
    return given_back(row, decision.why or "failed by hand", context, pay_outs)


async def _judge_number(decision: DecidePayOut, pay_outs: PayOutStore) -> str:
    """Why MTN's number does not show that this was paid, or nothing."""
    number = read_name(decision.transaction)
    if not number:
        return "number_needed"
    return "number_is_used" if await pay_outs.find_paid(number) else ""
