"""What each command does to the accounts. Each function raises Refusal, or has changed the attempt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from consumers.wallet.rules import accounts, chain, limits, prices, reasons
from consumers.wallet.rules.accounts import RWF, TOK
from consumers.wallet.rules.attempt import JOIN, Attempt, check_amount
from consumers.wallet.rules.book import Held, Resolution
from consumers.wallet.rules.reasons import Refusal
from schemas.events.wallet import (
    Capture,
    CashOut,
    CreditPayment,
    Hold,
    Redeem,
    Release,
    Reverse,
    Settle,
    Transfer,
    credit_id,
)

OWED = "owed"  # the kind of transfer by which we come to owe something outside
SETTLED = "settled"
REVERSED = "reversed"

# How the first resolution is called when a second one comes.
_ENDED_BY = {
    Capture.event_type: reasons.PENDING_TRANSFER_ALREADY_POSTED,
    Release.event_type: reasons.PENDING_TRANSFER_ALREADY_VOIDED,
    Settle.event_type: reasons.TRANSFER_ALREADY_SETTLED,
    Reverse.event_type: reasons.TRANSFER_ALREADY_REVERSED,
}


def transfer(attempt: Attempt, command: Transfer) -> None:
    """Move an amount; what one person sends another may be refused, or held until somebody has looked."""
    debit = attempt.debit(command.debit, command.currency)
    credit = attempt.credit(command.credit, command.currency)
    if command.kind != limits.SEND or debit.is_system:
        _check_ride(attempt, debit, command)
        attempt.move(debit, credit, command.amount, command.kind)
        return
    check_amount(command.amount)
    sent = attempt.sends(debit.id)
    refused = limits.refused(command.amount, debit.available, sent, attempt.now)
    if refused is not None:
        raise Refusal(refused)
    why = limits.looked_at(
        attempt.person(credit.owner), command.amount, debit.opened_at, sent, now=attempt.now
    )
    if why:
        until = attempt.now + limits.LIMITS.review_within
        attempt.reserve(debit, credit, command.amount, limits.SEND, until)
        attempt.review = why
    else:
        attempt.move(debit, credit, command.amount, limits.SEND)
    attempt.remember_send(debit, credit, command.amount)


def hold(attempt: Attempt, command: Hold) -> None:
    """Reserve an amount."""
    debit = attempt.debit(command.debit, command.currency)
    credit = attempt.credit(command.credit, command.currency)
    _check_ride(attempt, debit, command)
    attempt.reserve(debit, credit, command.amount, command.kind, command.expires_at)


def capture(attempt: Attempt, command: Capture) -> None:
    """Take what was held, or a part of it."""
    held = _open_hold(attempt, command.hold)
    amount = held.amount if command.amount is None else command.amount
    if held.expires_at <= attempt.now:
        raise Refusal(reasons.PENDING_TRANSFER_EXPIRED)
    attempt.capture(held, amount)


def release(attempt: Attempt, command: Release) -> None:
    """Give a hold up."""
    attempt.free(_open_hold(attempt, command.hold), chain.RELEASED)


def credit_payment(attempt: Attempt, command: CreditPayment) -> None:
    """Book what a provider received, and give the payer its worth."""
    if command.id != credit_id(command.provider, command.transaction):
        raise Refusal(reasons.ID_IS_NOT_THE_TRANSACTIONS)
    provider = _clearing(attempt, command.provider)
    credit = attempt.credit(command.credit, command.into)
    if command.into == RWF:
        attempt.move(provider, credit, command.amount_rwf, "payment")
        return
    attempt.move(provider, attempt.credit(accounts.SALES, RWF), command.amount_rwf, "payment")
    tokens = prices.tokens_for(command.amount_rwf)
    attempt.move(attempt.debit(accounts.ISSUE, TOK), credit, tokens, "top_up")


def redeem(attempt: Attempt, command: Redeem) -> None:
    """Take the tokens, and owe what they are redeemed for."""
    reward = prices.REWARDS.get(command.reward)
    if reward is None:
        raise Refusal(reasons.REWARD_NOT_FOUND)
    debit = attempt.debit(command.debit, TOK)
    attempt.move(debit, attempt.credit(accounts.ISSUE, TOK), reward.tokens, "redeem")
    owed = attempt.credit(reward.owed_by, RWF)
    attempt.move(attempt.debit(accounts.PROMOTIONS, RWF), owed, reward.rwf, OWED)


def cash_out(attempt: Attempt, command: CashOut) -> None:
    """Take the tokens and the fee, and owe the rest in money."""
    check_amount(command.amount)
    if command.amount < prices.CASH_OUT_LEAST:
        raise Refusal(reasons.AMOUNT_BELOW_MINIMUM)
    debit = attempt.debit(command.debit, TOK)
    fee = prices.cash_out_fee(command.amount)
    attempt.move(debit, attempt.credit(accounts.ISSUE, TOK), command.amount - fee, "cash_out")
    attempt.move(debit, attempt.credit(accounts.FEES, TOK), fee, "fee")
    owed = attempt.credit(accounts.CASH_OUT, RWF)
    attempt.move(attempt.debit(accounts.SALES, RWF), owed, prices.cash_out_rwf(command.amount), OWED)


def settle(attempt: Attempt, command: Settle) -> None:
    """What we owed was paid out by a provider."""
    provider = _clearing(attempt, command.provider)
    moved = attempt.moved(command.of)
    if not moved:
        raise Refusal(reasons.TRANSFER_NOT_FOUND)
    owed = [each for each in moved if each.credit_owner in accounts.PAYABLE]
    if not owed:
        raise Refusal(reasons.NOTHING_TO_SETTLE)
    _refuse_second(attempt.resolution(command.of))
    attempt.resolve(command.of)
    for each in owed:
        attempt.move(attempt.debit(each.credit_owner, each.currency), provider, each.amount, SETTLED)


def reverse(attempt: Attempt, command: Reverse) -> None:
    """Move everything back that a command moved, the last first."""
    moved = attempt.moved(command.of)
    if not moved:
        raise Refusal(reasons.TRANSFER_NOT_FOUND)
    back = [each for each in reversed(moved) if each.kind != JOIN]  # what a join moved stays where it is
    if not back or any(each.kind in (REVERSED, SETTLED) for each in back):
        raise Refusal(reasons.TRANSFER_CANNOT_BE_REVERSED)
    _refuse_second(attempt.resolution(command.of))
    attempt.resolve(command.of)
    for each in back:
        debit = attempt.debit(each.credit_owner, each.currency)
        credit = attempt.credit(each.debit_owner, each.currency)
        attempt.move(debit, credit, each.amount, REVERSED)


def _check_ride(attempt: Attempt, debit: accounts.Account, command: Transfer | Hold) -> None:
    """Raises Refusal where rides would move more from one person to another than is allowed."""
    if command.kind != limits.RIDE or debit.is_system:
        return
    check_amount(command.amount)
    ridden = attempt.rides(debit.id)
    refused = limits.ride_refused(command.amount, ridden, debit.opened_at, now=attempt.now)
    if refused is not None:
        raise Refusal(refused)
    attempt.ridden[debit.id] += command.amount


def _open_hold(attempt: Attempt, hold: UUID) -> Held:
    held = attempt.hold(hold)
    if held is None:
        raise Refusal(reasons.PENDING_TRANSFER_NOT_FOUND)
    _refuse_second(attempt.resolution(hold))
    return held


def _refuse_second(first: Resolution | None) -> None:
    """Raises Refusal when there was a resolution before. What is neither of those named was the time."""
    if first is not None:
        raise Refusal(_ENDED_BY.get(first.type, reasons.PENDING_TRANSFER_EXPIRED))


def _clearing(attempt: Attempt, provider: str) -> accounts.Account:
    if provider not in accounts.PROVIDERS:
        raise Refusal(reasons.PROVIDER_NOT_FOUND)
    return attempt.debit(accounts.clearing(provider), RWF)


CARRYING: dict[type, Callable[[Attempt, Any], None]] = {
    Transfer: transfer,
    Hold: hold,
    Capture: capture,
    Release: release,
    CreditPayment: credit_payment,
    Redeem: redeem,
    CashOut: cash_out,
    Settle: settle,
    Reverse: reverse,
}
