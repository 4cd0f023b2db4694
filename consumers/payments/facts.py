"""What is told of a payment: to others on `payments.events`, to the wallet as a command."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from consumers.domain import Context, Decision, Emit, nothing
from consumers.payments.domain import EVENTS, payments
from consumers.payments.rules.matching import Request
from consumers.payments.store.payments import Payment
from infra.telemetry import metrics
from schemas import topics
from schemas.events.payments import PaymentFailed, PaymentIgnored, PaymentPending, PaymentReceived
from schemas.events.wallet import CreditPayment, credit_id
from schemas.model import EventData

TOP_UP = "top_up"


def tell(payment: Payment, fact: EventData) -> Emit:
    """A fact for others, in order with the others about this payment."""
    return Emit(topics.events("payments"), payment.name, fact)


def _said(payment: Payment, context: Context) -> dict[str, Any]:
    return {
        "provider": payment.provider,
        "transaction": payment.transaction,
        "amount_rwf": payment.amount_rwf,
        "notification": context.event.id,
        "at": context.now,
    }


def credited(payment: Payment, request: Request | None, person: str) -> Payment:
    """The payment as it is once its credit was sent."""
    credit = credit_id(payment.scheme, payment.transaction)
    paid = request.id if request else None
    return replace(payment, state="received", reason="", request=paid, person=person, credit=credit)


def credit(payment: Payment, request: Request | None, context: Context) -> Decision:
    """Tell the wallet to credit it, and others that it came. Tokens for a top-up, else RWF to be charged."""
    assert payment.amount_rwf is not None and payment.person is not None  # noqa: PT018 - the table says so too
    purpose = request.purpose if request else TOP_UP
    command = CreditPayment.of(
        payment.scheme,
        payment.transaction,
        payment.amount_rwf,
        payment.person,
        into="TOK" if purpose == TOP_UP else "RWF",
        note=request.reference[:200] if request else "",
    )
    fact = PaymentReceived(
        **_said(payment, context),
        person=payment.person,
        purpose=purpose,
        request=payment.request,
        reference=request.reference if request else "",
    )
    _count(payment.provider, "received")
    wallet = Emit(topics.WALLET_COMMANDS, payment.person, command, origin=payments.name)
    return nothing().emit(wallet, tell(payment, fact))


def failed(payment: Payment, request: Request | None, context: Context) -> Decision:
    """Nothing came in."""
    _count(payment.provider, "failed")
    fact = PaymentFailed(
        **_said(payment, context),
        reason=payment.reason,
        request=request.id if request else None,
        person=request.person if request else None,
        purpose=request.purpose if request else None,
        reference=request.reference if request else "",
    )
    return nothing().emit(tell(payment, fact))


def pending(payment: Payment, context: Context) -> Decision:
    """Somebody has to decide."""
    _count(payment.provider, payment.reason)
    fact = PaymentPending(**_said(payment, context), reason=payment.reason, request=payment.request)
    return nothing().emit(tell(payment, fact))


def ignored(payment: Payment, kind: str, context: Context) -> Decision:
    """Nothing moves."""
    _count(payment.provider, kind)
    return nothing().emit(tell(payment, PaymentIgnored(**_said(payment, context), kind=kind)))


def request_failed(request: Request, reason: str, context: Context) -> Decision:
    """A request that no payment will pay any more."""
    _count(request.method, reason if reason == "expired" else "failed")
    fact = PaymentFailed(
        provider=request.method,
        amount_rwf=request.amount_rwf,
        notification=context.event.id,
        at=context.now,
        reason=reason,
        request=request.id,
        person=request.person,
        purpose=request.purpose,
        reference=request.reference,
    )
    return nothing().emit(Emit(EVENTS, str(request.id), fact))


def _count(provider: str, outcome: str) -> None:
    metrics.PAYMENTS.labels(provider, outcome).inc()
