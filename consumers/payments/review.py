"""What a person of ours decides about a payment that could not be matched, or that is taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from consumers.domain import Context, Decision, Emit, nothing
from consumers.payments import facts, timers
from consumers.payments.domain import payments
from consumers.payments.notified import review
from consumers.payments.rules.matching import Request
from consumers.payments.rules.readings import KEPT, OF_ANOTHER, TAKEN_BACK
from consumers.payments.store.payments import Payment, PaymentStore
from consumers.payments.store.requests import RequestStore
from schemas import topics
from schemas.events.payments import DecideReview, ReopenReview
from schemas.events.wallet import Reverse

DecisionT = TypeVar("DecisionT", DecideReview, ReopenReview)

DONE = "done"
REOPENED = "reopened"  # why it waits


@payments.handles(DecideReview)
async def decided(
    decision: DecideReview, context: Context, known: PaymentStore, requests: RequestStore
) -> Decision:
    """Credit it to whom they say, or close it; who said so is written down, and what came of it.

    Of one that the provider takes back, `refuse` takes its credit back, and `assign` to its person keeps it.
    """
    scheme, _, transaction = decision.payment.partition(":")
    payment = await known.find(scheme, transaction)
    request = await requests.find(decision.request) if decision.request else None
    outcome = _judge(decision, payment, request)
    known.decide(_of(decision, payment), outcome, context)
    if outcome != DONE or payment is None:
        return nothing()
    if decision.act == "refuse":
        refused = replace(payment, state="refused", reason=decision.why or "refused by a person")
        known.save(refused)
        told = facts.failed(refused, await _purchase(payment, requests), context)
        return told.emit(_take_back(payment, context)) if payment.reason in TAKEN_BACK else told
    if payment.reason in TAKEN_BACK:
        known.save(replace(payment, state="received", reason=KEPT if payment.reason == OF_ANOTHER else ""))
        return nothing()
    person = request.person if request else decision.person
    assert person is not None  # see _judge
    worth = replace(payment, amount_rwf=payment.amount_rwf or decision.amount_rwf)
    paid = facts.credited(worth, request, person)
    known.save(paid)
    credit = facts.credit(paid, request, context)
    if request is None:
        return credit
    requests.move(request, "paid")
    # MTN may be asked for the same request, and be paid as well: whoever told of this, that is looked after.
    return credit.cancel(timers.lapse_name(request.id))


@payments.handles(ReopenReview)
async def reopened(decision: ReopenReview, context: Context, known: PaymentStore) -> Decision:
    """What was closed by mistake waits again. What was credited does not: a payment has one credit, ever."""
    scheme, _, transaction = decision.payment.partition(":")
    payment = await known.find(scheme, transaction)
    outcome = _judge_reopening(payment)
    known.reopen(_of(decision, payment), outcome, context)
    if outcome != DONE or payment is None:
        return nothing()
    return review(payment, REOPENED, context, known)


def _of(decision: DecisionT, payment: Payment | None) -> DecisionT:
    """The decision under the payment's own name: it may have others, and was found by one of them."""
    return decision.model_copy(update={"payment": payment.name}) if payment else decision


async def _purchase(payment: Payment, requests: RequestStore) -> Request | None:
    """What it has paid for, whose domain is to hear of it; a top-up was made, and is taken back as tokens."""
    request = await requests.find(payment.request) if payment.request else None
    return request if request is not None and request.purpose != facts.TOP_UP else None


def _take_back(payment: Payment, context: Context) -> Emit:
    """To the wallet, under the decision's own id: by it the decision is found when the wallet refuses."""
    assert payment.person is not None and payment.credit is not None  # noqa: PT018 - it was credited
    command = Reverse(id=context.event.id, of=payment.credit, note="taken back by the provider")
    return Emit(topics.WALLET_COMMANDS, payment.person, command, origin=payments.name)


def _judge_reopening(payment: Payment | None) -> str:
    if payment is None:
        return "no_such_payment"
    if payment.state != "refused":
        return f"is_{payment.state}"
    return DONE if payment.credit is None else "was_credited"


def _judge(decision: DecideReview, payment: Payment | None, request: Request | None) -> str:
    """`done`, or why not."""
    if payment is None:
        return "no_such_payment"
    if payment.state != "review":
        return f"is_{payment.state}"
    if decision.act == "refuse":
        return DONE
    if payment.reason in TAKEN_BACK:
        return DONE if decision.person == payment.person else "was_credited_to_another"
    return _judge_assigning(decision, payment, request)


def _judge_assigning(decision: DecideReview, payment: Payment, request: Request | None) -> str:
    if payment.credit is not None:  # the wallet refused its one credit: the money goes back another way
        return "credit_was_refused"
    if payment.amount_rwf is None:
        if decision.amount_rwf is None:
            return "amount_needed"
    elif decision.amount_rwf not in (None, payment.amount_rwf):
        return "amount_differs"
    if decision.request is None:
        return DONE if decision.person else "nobody_named"
    if request is None or request.state == "paid":
        return "request_is_paid" if request else "no_such_request"
    return DONE
