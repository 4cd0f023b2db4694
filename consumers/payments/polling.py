"""Looking after a request at MTN until it is final: its callback comes once, unsigned, or never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from consumers.domain import Context, Decision, Schedule, nothing
from consumers.payments.domain import payments
from consumers.payments.notified import take
from consumers.payments.rules.matching import OPEN, PAID, Request
from consumers.payments.rules.standings import FINAL, last_word, next_look
from consumers.payments.store.payments import Payment, PaymentStore
from consumers.payments.store.requests import RequestStore
from consumers.payments.timers import LookUpRequest, look_name
from infra.payments.interface import Answer, Providers, Standing, State
from infra.telemetry import metrics
from infra.telemetry.logs import logger

log = logger(__name__)

SECONDS = 35.0  # a token and a look, 15 s each
# One that lapsed may have been paid at the last moment, and one that was paid in another way here as well.
SETTLED = frozenset(("failed",))


@dataclass(frozen=True, slots=True)
class Looking:
    """A request that is looked after."""

    request: Request


@dataclass(frozen=True, slots=True)
class Seen:
    """What the provider said."""

    answer: Answer


@payments.performs(LookUpRequest, in_doubt="repeat", seconds=SECONDS)
async def look_up(looking: Looking, providers: Providers) -> Seen:
    """Ask MTN. Looking does no harm, however often."""
    if providers.collect is None:  # it was switched off meanwhile
        return Seen(Standing(State.PENDING))
    return Seen(await providers.collect.look(looking.request.id))


@payments.prepares(LookUpRequest)
async def prepare(timer: LookUpRequest, requests: RequestStore) -> Looking | Decision:
    """The request, unless it is settled, or MTN was never asked for it and never will be."""
    request = await requests.find(timer.request)
    if request is None or request.state in SETTLED:
        return nothing()
    if request.state != OPEN and not await requests.was_called(request.id):
        return nothing()  # paid in another way, or over, before its call
    return Looking(request)


@payments.records(LookUpRequest)
async def seen(
    timer: LookUpRequest, seen: Seen, context: Context, known: PaymentStore, requests: RequestStore
) -> Decision:
    """Judge a final word as any notification; look again until there is one."""
    request = await requests.find(timer.request)
    if request is None or request.state in SETTLED:
        return nothing()
    if not isinstance(seen.answer, Standing) or seen.answer.state not in FINAL:
        return again(request.id, timer.look + 1, context.now)
    if request.state == PAID and seen.answer.state is State.FAILED:
        return nothing()  # nobody paid twice
    reading = last_word(seen.answer, request.id)
    payment = await known.find(reading.scheme, reading.transaction, *reading.also)
    if payment is None:
        payment = Payment(
            reading.scheme, reading.transaction, "mtn", "", context.event.id, context.now,
            amount_rwf=reading.amount_rwf,
        )  # fmt: skip
    return await take(reading, payment, context, known, requests)


def again(request: UUID, number: int, now: datetime) -> Decision:
    """Set the timer of the `number`-th look, as long as there is one."""
    seconds = next_look(number)
    if seconds is None:
        metrics.PAYMENTS.labels("mtn", "unresolved").inc()
        log.error("payment.unresolved", request=str(request))
        return nothing()
    look = LookUpRequest(request=request, look=number)
    due = now + timedelta(seconds=seconds)
    return nothing().schedule(Schedule(look_name(request), due, look, key=str(request)))
