"""Commands: each is decided by the ledger, and answered to the consumer that asked."""

from __future__ import annotations

from consumers.domain import Context, Decision, nothing
from consumers.wallet.domain import wallet
from consumers.wallet.flows.answering import answer
from consumers.wallet.flows.telling import (
    give_back,
    tell,
    tell_airtime,
    tell_of_gifts,
    tell_owed,
    tell_taken_back,
)
from consumers.wallet.rules.deciding import Outcome
from consumers.wallet.store.ledger import LedgerStore
from consumers.wallet.store.pay_outs import PayOutStore
from consumers.wallet.store.people import PeopleStore
from schemas.events.wallet import (
    Capture,
    CashOut,
    Command,
    CreditPayment,
    ExpireHold,
    Hold,
    Linked,
    Redeem,
    Release,
    Reverse,
    Settle,
    Transfer,
)
from schemas.ids import uuid5_from


@wallet.handles(Transfer)
async def transfer(command: Transfer, context: Context, ledger: LedgerStore, people: PeopleStore) -> Decision:
    return await _carry_out(command, context, ledger, people)


@wallet.handles(Hold)
async def hold(command: Hold, context: Context, ledger: LedgerStore, people: PeopleStore) -> Decision:
    return await _carry_out(command, context, ledger, people)


@wallet.handles(Capture)
async def capture(command: Capture, context: Context, ledger: LedgerStore, people: PeopleStore) -> Decision:
    return await _carry_out(command, context, ledger, people)


@wallet.handles(Release)
async def release(command: Release, context: Context, ledger: LedgerStore, people: PeopleStore) -> Decision:
    return await _carry_out(command, context, ledger, people)


@wallet.handles(CreditPayment)
async def credit_payment(
    command: CreditPayment, context: Context, ledger: LedgerStore, people: PeopleStore
) -> Decision:
    return await _carry_out(command, context, ledger, people)


@wallet.handles(Redeem)
async def redeem(command: Redeem, context: Context, ledger: LedgerStore, pay_outs: PayOutStore) -> Decision:
    return _owe(command, context, ledger, pay_outs)


@wallet.handles(CashOut)
async def cash_out(
    command: CashOut, context: Context, ledger: LedgerStore, pay_outs: PayOutStore
) -> Decision:
    return _owe(command, context, ledger, pay_outs)


@wallet.handles(Settle)
async def settle(command: Settle, context: Context, ledger: LedgerStore, pay_outs: PayOutStore) -> Decision:
    decision, outcome = _decide(command, context, ledger)
    return tell_airtime(decision, outcome, command, pay_outs)


@wallet.handles(Reverse)
async def reverse(command: Reverse, context: Context, ledger: LedgerStore, pay_outs: PayOutStore) -> Decision:
    decision, outcome = _decide(command, context, ledger)
    return tell_taken_back(tell_airtime(decision, outcome, command, pay_outs), outcome)


@wallet.handles(Linked)
async def linked(command: Linked, context: Context, ledger: LedgerStore, people: PeopleStore) -> Decision:
    return await _carry_out(command, context, ledger, people)


@wallet.handles(ExpireHold)
async def expire_hold(
    expired: ExpireHold, context: Context, ledger: LedgerStore, people: PeopleStore, pay_outs: PayOutStore
) -> Decision:
    """Nobody captured or released it in time: whoever asked for the hold is told. Or nobody looked in time
    at what was to be paid out: the tokens go back."""
    if pay_outs.find(expired.hold) is not None:
        owed = await pay_outs.look_up(expired.hold)
        lapsed = uuid5_from(expired.hold.bytes, b"lapsed")
        return (
            give_back(nothing(), owed, pay_outs, lapsed) if owed is not None and owed.is_held else nothing()
        )
    outcome = ledger.expire(expired.hold, context.now)
    if outcome is None or outcome.attempt is None:
        return nothing()
    decision = answer(outcome, origin=outcome.attempt.origin, key=outcome.attempt.key)
    return await tell_of_gifts(decision, outcome, people)


async def _carry_out(
    command: Command, context: Context, ledger: LedgerStore, people: PeopleStore
) -> Decision:
    decision, outcome = _decide(command, context, ledger)
    return await tell(decision, outcome, command, context, people)


def _owe(command: CashOut | Redeem, context: Context, ledger: LedgerStore, pay_outs: PayOutStore) -> Decision:
    decision, outcome = _decide(command, context, ledger)
    return tell_owed(decision, outcome, command, pay_outs)


def _decide(command: Command, context: Context, ledger: LedgerStore) -> tuple[Decision, Outcome]:
    origin = context.event.source.rpartition("/")[2]  # `/consumers/mobility`
    outcome = ledger.carry_out(command, context.now, origin=origin, key=context.person)
    return answer(outcome, origin=origin, key=context.person), outcome
