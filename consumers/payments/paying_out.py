"""Money that is owed for a cash-out: ordered once, looked after until it is final, settled or given back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from consumers.domain import Context, Decision, Doubt, Emit, Reject, Schedule, nothing
from consumers.payments.asking import SECONDS, carried_out, check_same, switched_off
from consumers.payments.domain import EVENTS, INTENTS, payments
from consumers.payments.polling import SECONDS as LOOK_SECONDS
from consumers.payments.polling import Seen
from consumers.payments.rules.readings import MOMO
from consumers.payments.rules.reports import read_amount, read_name
from consumers.payments.rules.standings import FINAL, next_look
from consumers.payments.store.pay_outs import PayOutRow, PayOutStore
from consumers.payments.timers import LookUpPayOut, look_name
from infra.payments.interface import Order, Providers, Refused, Standing, State, Taken
from infra.telemetry import metrics
from infra.telemetry.logs import logger
from schemas import topics
from schemas.events.payments import PaidOut, PayOut, PayOutFailed
from schemas.events.wallet import Reverse, Settle
from schemas.ids import uuid5_from
from schemas.model import EventData

log = logger(__name__)
CONTENT = ("id", "of", "person", "amount_rwf", "phone")


class CallForPayOut(EventData):
    """To ourselves: have the provider pay what is written down."""

    event_type: ClassVar[str] = "payments.call_for_pay_out.v1"

    pay_out: UUID


@dataclass(frozen=True, slots=True)
class Paying:
    """A payment about to be made. `again`: it may have been ordered before."""

    row: PayOutRow
    again: bool


@dataclass(frozen=True, slots=True)
class Paid:
    """How ordering it ended."""

    outcome: Taken | Refused


@payments.handles(PayOut)
async def owed(wish: PayOut, context: Context, pay_outs: PayOutStore) -> Decision:
    """Write it down under its id before anything is paid. What is owed once is paid once."""
    known = await pay_outs.find_owed(wish.id, wish.of)
    if known is not None:
        check_same(known, wish, CONTENT)
        return nothing()
    pay_outs.add(wish, context.now)
    # It is looked after from now on, whatever becomes of the call: it may be made, and not be answered.
    call = Emit(INTENTS, str(wish.id), CallForPayOut(pay_out=wish.id))
    return _again(wish.id, 0, context.now).emit(call)


@payments.performs(CallForPayOut, in_doubt="ask", seconds=SECONDS)
async def pay(paying: Paying, providers: Providers) -> Paid:
    """Order it under the id that was stored; one that may have been ordered is looked up first."""
    if providers.pay_out is None:
        return Paid(switched_off(again=paying.again))
    row = paying.row
    order = Order(row.id, row.amount_rwf, row.phone, "EasyMO cash-out")
    return Paid(await carried_out(providers.pay_out, order, again=paying.again, ends=False))


@payments.prepares(CallForPayOut)
async def prepare(wish: CallForPayOut, context: Context, pay_outs: PayOutStore) -> Paying | Decision:
    """What is owed, unless it is over by now."""
    row = await pay_outs.find(wish.pay_out)
    if row is None:
        raise Reject("no such payment out")
    if row.state != "asked":
        return nothing()
    pay_outs.call(row, context.now)
    return Paying(row, row.called)


@payments.records(CallForPayOut)
async def ordered(paying: Paying, paid: Paid, context: Context, pay_outs: PayOutStore) -> Decision:
    """It is under way, or never will be."""
    row = await pay_outs.find(paying.row.id)
    if row is None or row.state != "asked":
        return nothing()
    if isinstance(paid.outcome, Refused):
        return given_back(row, paid.outcome.reason, context, pay_outs)
    return _again(row.id, 0, context.now)


@payments.asks(CallForPayOut)
async def find_out(wish: CallForPayOut, doubt: Doubt) -> Decision | None:
    """Only the provider knows: the call is made again, and looks first (see `carried_out`)."""
    return None


@payments.performs(LookUpPayOut, in_doubt="repeat", seconds=LOOK_SECONDS)
async def look_up(paying: Paying, providers: Providers) -> Seen:
    """Ask MTN what became of it."""
    if providers.pay_out is None:
        return Seen(Standing(State.PENDING))
    return Seen(await providers.pay_out.look(paying.row.id))


@payments.prepares(LookUpPayOut)
async def prepare_look(timer: LookUpPayOut, pay_outs: PayOutStore) -> Paying | Decision:
    """The payment, unless it is settled."""
    row = await pay_outs.find(timer.pay_out)
    return nothing() if row is None or row.state != "asked" else Paying(row, again=True)


@payments.records(LookUpPayOut)
async def seen(timer: LookUpPayOut, seen: Seen, context: Context, pay_outs: PayOutStore) -> Decision:
    """Settle what is paid, give back what failed, look again until one of them is sure."""
    row = await pay_outs.find(timer.pay_out)
    if row is None or row.state != "asked":
        return nothing()
    answer = seen.answer
    if not isinstance(answer, Standing) or answer.state not in FINAL:
        return _again(row.id, timer.look + 1, context.now)
    if answer.state is State.FAILED:
        return given_back(row, answer.reason or "unknown", context, pay_outs)
    paid_rwf, trouble = read_amount(answer.amount, answer.currency)
    if paid_rwf != row.amount_rwf:  # it waits for a person, who asks MTN
        metrics.PAYMENTS.labels("mtn", "other_amount").inc()
        log.error("pay_out.other_amount", pay_out=str(row.id), owed=row.amount_rwf, paid=paid_rwf or trouble)
        return nothing()
    number = read_name(answer.transaction)
    if number and await pay_outs.find_paid(number):
        # Somebody typed it for another one, which may not be paid at all.
        metrics.PAYMENTS.labels("mtn", "number_is_used").inc()
        log.error("pay_out.number_is_used", pay_out=str(row.id))
    return settled(row, number, context, pay_outs)


def settled(row: PayOutRow, transaction: str, context: Context, pay_outs: PayOutStore) -> Decision:
    """It is paid: the wallet owes it no more."""
    pay_outs.move(row, "paid", transaction=transaction)
    metrics.PAYMENTS.labels("mtn", "paid_out").inc()
    settle = Settle(id=uuid5_from(row.id.bytes, b"settle"), of=row.of, provider=MOMO)
    fact = PaidOut(
        pay_out=row.id, person=row.person, amount_rwf=row.amount_rwf, transaction=transaction, at=context.now
    )
    return nothing().emit(_to_wallet(row, settle), Emit(EVENTS, str(row.id), fact))


def given_back(row: PayOutRow, reason: str, context: Context, pay_outs: PayOutStore) -> Decision:
    """It will never be paid: the person has the tokens back."""
    pay_outs.move(row, "failed", reason=reason)
    metrics.PAYMENTS.labels("mtn", "pay_out_failed").inc()
    reverse = Reverse(id=uuid5_from(row.id.bytes, b"reverse"), of=row.of, note=reason[:200])
    fact = PayOutFailed(
        pay_out=row.id, person=row.person, amount_rwf=row.amount_rwf, reason=reason, at=context.now
    )
    return nothing().emit(_to_wallet(row, reverse), Emit(EVENTS, str(row.id), fact))


def _to_wallet(row: PayOutRow, command: EventData) -> Emit:
    return Emit(topics.WALLET_COMMANDS, row.person, command, origin=payments.name)


def _again(pay_out: UUID, number: int, now: datetime) -> Decision:
    seconds = next_look(number)
    if seconds is None:
        metrics.PAYMENTS.labels("mtn", "unresolved").inc()
        log.error("pay_out.unresolved", pay_out=str(pay_out))
        return nothing()
    look = LookUpPayOut(pay_out=pay_out, look=number)
    due = now + timedelta(seconds=seconds)
    return nothing().schedule(Schedule(look_name(pay_out), due, look, key=str(pay_out)))
