"""The way of a notification: read, kept, and judged by what is known of its payment."""

from __future__ import annotations

from dataclasses import replace

from consumers.domain import Context, Decision, nothing
from consumers.payments import facts, timers
from consumers.payments.domain import payments
from consumers.payments.hints import hinted
from consumers.payments.rules import matching
from consumers.payments.rules.matching import Match, Request
from consumers.payments.rules.readings import (
    KEPT,
    MOMO,
    OF_ANOTHER,
    REVERSAL,
    UNREADABLE,
    Failed,
    Ignored,
    Pending,
    Reading,
    Received,
)
from consumers.payments.rules.reports import read_content, read_report
from consumers.payments.store.pay_outs import PayOutStore
from consumers.payments.store.payments import Payment, PaymentStore
from consumers.payments.store.requests import RequestStore
from schemas.events.payments import PaymentNotified

CONTRADICTED = "contradicted"  # said to have failed, and to have come in
HINT = "hint"  # of MTN's: only its answer to a look counts
HINT_LENGTH = 4_096  # characters that are kept; MTN's own have some hundred
UNMATCHED = frozenset(("unmatched", "ambiguous", "late", UNREADABLE))
SCHEMES = {"momo": MOMO, "momo-sms": MOMO, "mtn": MOMO}  # a provider's numbers, where they are not its own


@payments.handles(PaymentNotified)
async def notified(
    told: PaymentNotified,
    context: Context,
    known: PaymentStore,
    requests: RequestStore,
    pay_outs: PayOutStore,
) -> Decision:
    """One notification. What is no money of a payer's is kept, and moves nothing."""
    content = read_content(told.body)
    if told.provider == "mtn":
        look = await hinted(content, context, requests, pay_outs)
        if look is None:
            return nothing()  # anybody may post these: kept is what names an order of ours
        known.keep(told.model_copy(update={"body": told.body[:HINT_LENGTH]}), Ignored(HINT), "", context)
        return look
    reading = read_report(told.provider, content) if content else Ignored(UNREADABLE)
    new = _unknown(told, reading, context)
    known.keep(told, reading, new.scheme if reading.transaction else "", context)
    if isinstance(reading, Ignored):
        if reading.kind != REVERSAL or not reading.transaction:
            return facts.ignored(new, reading.kind, context)
        return _taken_back(await known.find(new.scheme, new.transaction) or new, context, known)
    payment = await known.find(new.scheme, new.transaction, *reading.also) or new
    return await take(reading, payment, context, known, requests)


def _taken_back(payment: Payment, context: Context, known: PaymentStore) -> Decision:
    """The provider takes it back: before we heard of it, while it waits, or after it was credited."""
    if payment.state == "received":
        return review(payment, REVERSAL, context, known)  # a person takes the credit back, or keeps it
    if payment.state == "review" and payment.credit is None:
        return review(payment, CONTRADICTED, context, known)
    if payment.state in ("", "pending"):
        known.save(replace(payment, state="failed", reason=REVERSAL))  # its success may come yet
    return facts.ignored(payment, REVERSAL, context)


def _unknown(told: PaymentNotified, reading: Reading, context: Context) -> Payment:
    scheme = SCHEMES.get(told.provider, told.provider) if isinstance(reading, Ignored) else reading.scheme
    return Payment(
        scheme,
        reading.transaction,
        told.provider,
        "",
        context.event.id,
        told.received_at,
        amount_rwf=reading.amount_rwf,
    )


async def take(
    reading: Received | Failed | Pending,
    payment: Payment,
    context: Context,
    known: PaymentStore,
    requests: RequestStore,
) -> Decision:
    """Judge a reading by what is known of its payment; `payment` is new where its version is 0."""
    if payment.version:
        known.learn(payment, (reading.transaction, *reading.also))
    else:
        payment = replace(payment, also=reading.also)
    # An unmatched payment may be named by its provider later: an SMS comes before MTN's own word at times.
    unmatched = payment.state == "review" and payment.reason in UNMATCHED
    named = isinstance(reading, Received) and reading.request is not None
    if isinstance(reading, Received) and (
        payment.state in ("", "pending", "failed") or (unmatched and named)
    ):
        return await _received(reading, payment, context, known, requests)
    if payment.state in ("", "pending") and not isinstance(reading, Received):
        if isinstance(reading, Pending):
            return _still_pending(reading, payment, context, known)
        return await _failed(reading, payment, context, known, requests)
    if payment.state == "received":
        return await _credited_before(reading, payment, context, known, requests)
    if isinstance(reading, Failed) and payment.state == "review" and payment.credit is None:
        return review(payment, CONTRADICTED, context, known)  # nobody is to assign what failed after all
    return facts.ignored(payment, _again(reading, payment), context)


async def _credited_before(
    reading: Received | Failed | Pending,
    payment: Payment,
    context: Context,
    known: PaymentStore,
    requests: RequestStore,
) -> Decision:
    """Told once more. A person looks where it failed after all, or its provider names somebody else."""
    if isinstance(reading, Failed):
        return review(payment, REVERSAL, context, known)
    if payment.reason != KEPT and isinstance(reading, Received):
        believed = reading.request if reading.scheme in matching.BELIEVED else None
        request = await requests.find(believed) if believed not in (None, payment.request) else None
        if request is not None and request.person != payment.person:
            return review(payment, OF_ANOTHER, context, known)
    return facts.ignored(payment, _again(reading, payment), context)


def _again(reading: Reading, payment: Payment) -> str:
    """What it is that a payment is told of once more, after it came in or was decided."""
    if isinstance(reading, Received) and reading.amount_rwf not in (None, payment.amount_rwf):
        return CONTRADICTED
    return "repeated"


def _still_pending(reading: Pending, payment: Payment, context: Context, known: PaymentStore) -> Decision:
    pending = replace(payment, state="pending", reason="provider", amount_rwf=reading.amount_rwf)
    known.save(pending)
    return facts.pending(pending, context)


async def _failed(
    reading: Failed, payment: Payment, context: Context, known: PaymentStore, requests: RequestStore
) -> Decision:
    failed = replace(payment, state="failed", reason=reading.reason, amount_rwf=reading.amount_rwf)
    known.save(failed)
    request = await requests.find(reading.request) if reading.request else None
    believed = reading.scheme in matching.BELIEVED
    if request is not None and believed and request.state == matching.OPEN:
        requests.move(request, "failed", reading.reason)
        return facts.failed(failed, request, context).cancel(*timers.of(request.id))
    return facts.failed(failed, None, context)


async def _received(
    reading: Received, payment: Payment, context: Context, known: PaymentStore, requests: RequestStore
) -> Decision:
    came = replace(payment, amount_rwf=reading.amount_rwf, payer=reading.payer, paid_at=reading.paid_at)
    if payment.state == "failed":
        match = Match(None, CONTRADICTED)
    elif reading.amount_rwf is None:
        match = Match(None, reading.trouble)
    elif reading.request is not None:
        match = matching.by_id(reading, await requests.find(reading.request))
    elif reading.scheme == MOMO:
        match = await _alike(reading, came, known, requests)
    else:
        match = Match(None, "unmatched")
    if match.request is None:
        return review(came, match.reason, context, known)
    return pay(came, match.request, context, known, requests)


async def _alike(reading: Received, payment: Payment, known: PaymentStore, requests: RequestStore) -> Match:
    """By amount, payer and time: when it was told, not when we came to it."""
    assert payment.amount_rwf is not None  # see _received
    at = reading.paid_at or payment.told_at
    candidates = await requests.alike(payment.amount_rwf, reading.payer, at)
    match = matching.by_likeness(reading, candidates, payment.told_at)
    if match.request is None:
        return match
    if await known.has_rival(payment, reading.payer.tail, at, match.request.person):
        return Match(None, "ambiguous")  # the same payment may have been told and credited under another name
    return match


async def pay_what_came_before(
    request: Request, context: Context, known: PaymentStore, requests: RequestStore
) -> Decision | None:
    """A request whose payment was read before it, and waits because nothing was found for it. None: there is
    no such payment, or more than one."""
    if request.method == matching.CARD:
        return None
    since = request.created_at - matching.CLOCKS_APART
    waiting = await known.unmatched(request.amount_rwf, request.phone, since)
    if len(waiting) != 1:  # of two, a person says which
        return None
    (payment,) = waiting
    reading = Received(
        payment.scheme, payment.transaction, payment.amount_rwf, "", payment.payer, payment.paid_at
    )
    match = await _alike(reading, payment, known, requests)
    if match.request is None or match.request.id != request.id:
        return None
    return pay(payment, match.request, context, known, requests)


def review(payment: Payment, reason: str, context: Context, known: PaymentStore) -> Decision:
    """It waits for a person: nobody knows what it is for, or it is taken back."""
    waiting = replace(payment, state="review", reason=reason)
    known.save(waiting)
    return facts.pending(waiting, context)


def pay(
    payment: Payment, request: Request, context: Context, known: PaymentStore, requests: RequestStore
) -> Decision:
    """It pays this request: credit it, once."""
    paid = facts.credited(payment, request, request.person)
    known.save(paid)
    requests.move(request, "paid")
    ended = timers.of_paid(request.id, method=request.method, provider=payment.provider)
    return facts.credit(paid, request, context).cancel(*ended)
