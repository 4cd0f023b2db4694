"""What the wallet says of what we asked it for: credits, and those taken back; payments out that are over."""

from __future__ import annotations

from consumers.domain import Context, Decision, nothing
from consumers.payments.domain import payments
from consumers.payments.notified import review
from consumers.payments.rules.readings import TAKEN_BACK, TAKING_BACK_REFUSED
from consumers.payments.store.payments import PaymentStore
from infra.telemetry import metrics
from infra.telemetry.logs import logger
from schemas.events.wallet import CreditPayment, Posted, Refused, Reverse, Settle

log = logger(__name__)

# Its credit was refused, or is taken back already: the person has nothing of it.
NOTHING_TO_TAKE = frozenset(("transfer_not_found", "transfer_already_reversed"))


@payments.handles(Posted, idempotent=True)
async def posted(answer: Posted, known: PaymentStore) -> Decision:
    """A credit is on its account."""
    if answer.command == CreditPayment.event_type:
        known.credited(answer.id, answer.at)
    return nothing()


@payments.handles(Refused)
async def refused(answer: Refused, context: Context, known: PaymentStore) -> Decision:
    """The money and the ledger are no longer one: a person has to see to it."""
    if answer.command == CreditPayment.event_type:
        credited = await known.of_credit(answer.id)
        if credited is None or (credited.state != "received" and credited.reason not in TAKEN_BACK):
            return nothing()
        return review(credited, "refused_by_wallet", context, known)
    if answer.command not in (Reverse.event_type, Settle.event_type):
        return nothing()
    payment = await known.taken_back_by(answer.id)
    if payment is not None:
        if payment.state != "refused" or answer.reason in NOTHING_TO_TAKE:
            return nothing()
        return review(payment, TAKING_BACK_REFUSED, context, known)
    # A cash-out: it is paid or was given back, and the ledger says that it owes it still.
    metrics.PAYMENTS.labels("wallet", "not_settled").inc()
    log.error("pay_out.not_settled", command=str(answer.id), reason=answer.reason)
    return nothing()
