"""A payment that somebody is to make: written down, then asked for, if need be, from the provider."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from consumers.domain import Context, Decision, Doubt, Emit, InDoubt, Reject, Retry, nothing
from consumers.payments import facts, timers
from consumers.payments.domain import EVENTS, INTENTS, payments
from consumers.payments.notified import pay_what_came_before
from consumers.payments.polling import again as look_again
from consumers.payments.rules.matching import OPEN, Request
from consumers.payments.store.payments import PaymentStore
from consumers.payments.store.requests import RequestStore
from infra.payments.interface import (
    Order,
    Outcome,
    Provider,
    Providers,
    Refused,
    Standing,
    State,
    Taken,
    Unanswered,
    Unreached,
)
from schemas.events.payments import PaymentAsked, RequestPayment
from schemas.model import EventData

SECONDS = 45.0  # a token, a look and the order, 15 s each
AGAIN_AFTER = timedelta(seconds=15)  # the provider was not reached
DOUBT_AFTER = timedelta(seconds=5)
CONTENT = ("person", "purpose", "reference", "amount_rwf", "method", "phone", "name", "expires_at")


class CallForPayment(EventData):
    """To ourselves: ask the provider for a request that is written down."""

    event_type: ClassVar[str] = "payments.call_for_payment.v1"

    request: UUID


@dataclass(frozen=True, slots=True)
class Calling:
    """A request about to be asked for. `again`: the provider may have been asked before."""

    request: Request
    again: bool


@dataclass(frozen=True, slots=True)
class Called:
    """How that ended."""

    outcome: Taken | Refused


@payments.handles(RequestPayment)
async def requested(
    wish: RequestPayment, context: Context, requests: RequestStore, known: PaymentStore
) -> Decision:
    """Write it down under its id before anything is asked. The same again changes nothing."""
    before = await requests.find(wish.id)
    if before is not None:
        check_same(before, wish, CONTENT)
        return nothing()
    # When it was asked, not when we came to it: money may have come before.
    request = requests.add(wish, min(context.event.time, context.now))
    if request.expires_at <= context.now:
        requests.move(request, "lapsed", "expired")
        return facts.request_failed(request, "expired", context)
    paid = await pay_what_came_before(request, context, known, requests)
    if paid is not None:
        return paid
    written = nothing().schedule(timers.lapse(request.id, request.expires_at))
    if request.method == "transfer":
        return written.emit(_asked(request, None, context))
    if (
        request.method == "mtn"
    ):  # from now on, whatever becomes of the call: it may be taken, and not answered
        written = written.schedule(*look_again(request.id, 0, context.now).timers)
    return written.emit(Emit(INTENTS, str(request.id), CallForPayment(request=request.id)))


@payments.performs(CallForPayment, in_doubt="ask", seconds=SECONDS)
async def call(calling: Calling, providers: Providers) -> Called:
    """Ask the provider, under the id that was stored; one that may have been asked is looked up first.

    Raises Retry for what passes by itself, InDoubt where nobody knows whether it was taken.
    """
    request = calling.request
    provider = provider_of(providers, request.method)
    if provider is None:
        return Called(switched_off(again=calling.again))
    if request.method == "mtn" and request.phone is None:
        return Called(Refused("no_phone"))
    note = request.reference or "EasyMO"
    times = request.created_at, request.expires_at
    order = Order(request.id, request.amount_rwf, request.phone, note, *times)
    return Called(await carried_out(provider, order, again=calling.again, ends=True))


@payments.prepares(CallForPayment)
async def prepare(wish: CallForPayment, context: Context, requests: RequestStore) -> Calling | Decision:
    """What is asked for, unless it is over by now."""
    request = await requests.find(wish.request)
    if request is None:
        raise Reject("no such request")
    if request.state != OPEN:
        return nothing()
    again = await requests.was_called(request.id)
    if request.expires_at <= context.now:
        # Its timer waits behind this call, which waits for a provider that is not reached.
        requests.move(request, "lapsed", "expired")
        failed = facts.request_failed(request, "expired", context).cancel(timers.lapse_name(request.id))
        watched = again and request.method == "mtn"
        return failed.schedule(*look_again(request.id, 0, context.now).timers) if watched else failed
    requests.call(request.id)
    return Calling(request, again)


@payments.records(CallForPayment)
async def record(calling: Calling, called: Called, context: Context, requests: RequestStore) -> Decision:
    """The payer can pay now, or never will."""
    request = await requests.find(calling.request.id)
    if request is None or request.state != OPEN:
        return nothing()
    if isinstance(called.outcome, Refused):
        requests.move(request, "failed", called.outcome.reason)
        failed = facts.request_failed(request, called.outcome.reason, context)
        return failed.cancel(*timers.of(request.id))
    asked = nothing().emit(_asked(request, called.outcome.url, context))
    if request.method == "mtn":
        return asked.schedule(*look_again(request.id, 0, context.now).timers)
    return asked


@payments.asks(CallForPayment)
async def find_out(wish: CallForPayment, doubt: Doubt) -> Decision | None:
    """Only the provider knows: the call is made again, and looks first (see `call`)."""
    return None


@payments.handles(timers.RequestLapsed)
async def lapsed(timer: timers.RequestLapsed, context: Context, requests: RequestStore) -> Decision:
    """Its time is over. Money that comes all the same waits for a person."""
    request = await requests.find(timer.request)
    if request is None or request.state != OPEN:
        return nothing()
    requests.move(request, "lapsed", "expired")
    return facts.request_failed(request, "expired", context)


def check_same(known: object, wish: object, names: Iterable[str]) -> None:
    """Raises Reject, with the first name in which what comes again differs from what is written down."""
    for name in names:
        if getattr(known, name) != getattr(wish, name):
            raise Reject(f"exists_with_different_{name}")


def provider_of(providers: Providers, method: str) -> Provider | None:
    """Who is asked for payments of a method."""
    return {"mtn": providers.collect, "stripe": providers.link}.get(method)


def switched_off(*, again: bool) -> Refused:
    """Nobody can be asked here. Raises InDoubt where somebody may have been asked before."""
    if again:
        raise InDoubt("it is switched off here, and may have been ordered", after=DOUBT_AFTER)
    return Refused("method_off")


async def carried_out(provider: Provider, order: Order, *, again: bool, ends: bool) -> Taken | Refused:
    """Order it, after a look when it may have been ordered before. Raises Retry and InDoubt.

    `ends`: a time of its own bounds the tries; else they are as many as any event's.
    """
    if again:
        standing = await provider.look(order.id)
        if not isinstance(standing, Standing):
            raise InDoubt(f"no word of it: {standing.reason}", after=DOUBT_AFTER)
        if standing.state is not State.UNKNOWN:
            return Taken()
    outcome: Outcome = await provider.order(order)
    match outcome:
        case Unreached(reason):
            after = AGAIN_AFTER if ends else None
            raise Retry(f"not reached: {reason}", after=after, counts=not ends)
        case Unanswered(reason):
            raise InDoubt(reason, after=DOUBT_AFTER)
    return outcome


def _asked(request: Request, url: str | None, context: Context) -> Emit:
    fact = PaymentAsked(
        request=request.id, person=request.person, method=request.method, url=url, at=context.now
    )
    return Emit(EVENTS, str(request.id), fact)
