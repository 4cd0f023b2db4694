"""What a person hears of a command of theirs: the answer of the ledger in words, and the ways on."""

from __future__ import annotations

from consumers.replies import Buttons
from consumers.wallet.flows import views
from consumers.wallet.rules import reading
from consumers.wallet.rules.prices import PAID_BY_PAYMENTS, REWARDS
from consumers.wallet.store.pay_outs import Owed
from consumers.wallet.store.people import Party
from consumers.wallet.texts import money, sending
from schemas.events.wallet import CashOut, Posted, Redeem, Refused, Transfer

OWN = "own"  # the kind of a transfer between a person's own accounts


def to_asker(
    command: Transfer | CashOut | Redeem,
    answer: Posted | Refused,
    to: Party | None,
    owed: Owed | None,
) -> Buttons:
    """To whoever asked for it; `to`: whom `recipient` names, as others see them."""
    if isinstance(answer, Refused):
        return Buttons(sending.why_not(answer.reason), (views.TOP_UP, views.EARN, views.HOME))
    if isinstance(command, Transfer):
        return _transfer(command, answer, to)
    return _owed(command, owed)


def recipient(command: Transfer, answer: Posted | Refused) -> str:
    """Who got it: whoever has the account now, where they were joined to another person meanwhile."""
    moved = answer.transfers if isinstance(answer, Posted) else ()
    return moved[0].credit if moved else command.credit


def _transfer(command: Transfer, answer: Posted, to: Party | None) -> Buttons:
    if command.kind == OWN:
        done = sending.moved_over(command.amount, balance_of(answer, answer.transfers[0].credit))
        return Buttons(done, (views.BUSINESS, views.CASH_OUT, views.HOME))
    who = views.who(to)
    if answer.review:
        return Buttons(sending.looked_at(command.amount, who), (views.TRANSACTIONS, views.HOME))
    sent = sending.sent(command.amount, who, balance_of(answer, answer.transfers[0].debit))
    return Buttons(sent, (views.SEND, views.TRANSACTIONS, views.HOME))


def _owed(command: CashOut | Redeem, owed: Owed | None) -> Buttons:
    ways = (views.TRANSACTIONS, views.HOME)
    if owed is None:
        return Buttons(sending.under_way(), ways)
    to = reading.local(owed.phone)
    if owed.is_held:
        return Buttons(money.looked_at(owed.amount_rwf, to, owed.tokens), ways)
    if isinstance(command, Redeem) and command.reward not in PAID_BY_PAYMENTS:
        return Buttons(money.airtime_coming(REWARDS[command.reward].rwf, to), ways)
    return Buttons(money.processing(owed.amount_rwf, to), ways)


def balance_of(answer: Posted, owner: str) -> int:
    """What an owner can spend after it, in tokens. The answer names who has an account now: after a join not
    the one whom the command named."""
    return next((b.balance - b.held for b in answer.balances if b.owner == owner and b.currency == "TOK"), 0)
