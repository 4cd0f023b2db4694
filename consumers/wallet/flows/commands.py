"""Commands: each is decided by the ledger, and answered to the consumer that asked."""

from __future__ import annotations

from consumers.domain import Context, Decision, nothing
from consumers.wallet.domain import wallet
from consumers.wallet.flows.answering import answer
from consumers.wallet.store.ledger import LedgerStore
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


@wallet.handles(Transfer)
async def transfer(command: Transfer, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(Hold)
async def hold(command: Hold, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(Capture)
async def capture(command: Capture, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(Release)
async def release(command: Release, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(CreditPayment)
async def credit_payment(command: CreditPayment, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(Redeem)
async def redeem(command: Redeem, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(CashOut)
async def cash_out(command: CashOut, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(Settle)
async def settle(command: Settle, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(Reverse)
async def reverse(command: Reverse, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(Linked)
async def linked(command: Linked, context: Context, ledger: LedgerStore) -> Decision:
    return _carry_out(command, context, ledger)


@wallet.handles(ExpireHold)
async def expire_hold(expired: ExpireHold, context: Context, ledger: LedgerStore) -> Decision:
    """Nobody captured or released it in time: whoever asked for the hold is told."""
    outcome = ledger.expire(expired.hold, context.now)
    if outcome is None or outcome.attempt is None:
        return nothing()
    return answer(outcome, origin=outcome.attempt.origin, key=outcome.attempt.key)


def _carry_out(command: Command, context: Context, ledger: LedgerStore) -> Decision:
    origin = context.event.source.rpartition("/")[2]  # `/consumers/mobility`
    outcome = ledger.carry_out(command, context.now, origin=origin, key=context.person)
    return answer(outcome, origin=origin, key=context.person)
