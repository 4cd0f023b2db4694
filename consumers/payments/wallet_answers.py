"""What the wallet says of the credits that we asked for."""

from __future__ import annotations

from dataclasses import replace

from consumers.domain import Context, Decision, nothing
from consumers.payments import facts
from consumers.payments.domain import payments
from consumers.payments.store.payments import PaymentStore
from schemas.events.wallet import CreditPayment, Posted, Refused


@payments.handles(Posted, idempotent=True)
async def posted(answer: Posted, known: PaymentStore) -> Decision:
    """A credit is on its account."""
    if answer.command == CreditPayment.event_type:
        known.credited(answer.id, answer.at)
    return nothing()


@payments.handles(Refused)
async def refused(answer: Refused, context: Context, known: PaymentStore) -> Decision:
    """A credit was refused: the money is here, and a person has to see to it."""
    if answer.command != CreditPayment.event_type:
        return nothing()
    payment = await known.of_credit(answer.id)
    if payment is None or payment.state != "received":
        return nothing()
    waiting = replace(payment, state="review", reason="refused_by_wallet")
    known.save(waiting)
    return facts.pending(waiting, context)
