"""What people are told of what the ledger did: what they asked for here, and what came in for them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from consumers.domain import Context, Decision, Emit, Schedule
from consumers.replies import Buttons
from consumers.wallet.domain import wallet
from consumers.wallet.flows import views
from consumers.wallet.flows.answering import timer
from consumers.wallet.flows.words import balance_of, recipient, to_asker
from consumers.wallet.rules import chain, prices, reading
from consumers.wallet.rules.accounts import CLEARING, ISSUE, TOK
from consumers.wallet.rules.book import Held
from consumers.wallet.rules.deciding import Outcome
from consumers.wallet.rules.limits import LIMITS, SEND, leaving_looked_at
from consumers.wallet.store.pay_outs import (
    CANCELLED,
    COMPLETED,
    FAILED,
    PENDING,
    PROCESSING,
    Owed,
    PayOutStore,
)
from consumers.wallet.store.people import OWN_SOURCE, Party, PeopleStore
from consumers.wallet.texts import inviting, money, sending
from schemas import topics
from schemas.events.payments import PayOut
from schemas.events.wallet import (
    CashOut,
    Command,
    CreditPayment,
    ExpireHold,
    Posted,
    Redeem,
    Reverse,
    Settle,
    Transfer,
)

UPDATE = "wallet_update"  # the template, for whoever has not written for 24 hours
REWARDED = "reward"  # to who brought a friend
BONUS = "bonus"  # to who bought a policy


async def tell(
    decision: Decision, outcome: Outcome, command: Command, context: Context, people: PeopleStore
) -> Decision:
    """The decision, and word to whom it concerns. What other domains asked for, they tell themselves."""
    answer = outcome.answer
    if isinstance(command, CreditPayment) and isinstance(answer, Posted) and not answer.repeated:
        return _paid_in(decision, command, answer)
    decision = await tell_of_gifts(decision, outcome, people)
    if not isinstance(command, Transfer) or not context.event.source.endswith(OWN_SOURCE):
        return decision
    if command.kind in (REWARDED, BONUS):
        return _rewarded(decision, command, answer.repeated) if isinstance(answer, Posted) else decision
    to = recipient(command, answer)
    party = (await people.find([to])).get(to)
    return decision.tell(context.person, to_asker(command, answer, party, None))


def tell_owed(
    decision: Decision, outcome: Outcome, command: CashOut | Redeem, pay_outs: PayOutStore
) -> Decision:
    """A redemption or cash-out: the tokens are gone, so it is paid, or looked at first; or it was refused."""
    owed = pay_outs.find(command.id)
    if owed is None:
        return decision
    answer, attempt = outcome.answer, outcome.attempt
    if owed.state == PENDING and attempt is not None:
        if isinstance(answer, Posted):
            opened_at = attempt.debit(command.debit, TOK).opened_at
            decision, owed = _pay_or_hold(decision, owed, opened_at, attempt.now, pay_outs)
        else:
            pay_outs.move(owed, CANCELLED)
    return decision.tell(owed.person, to_asker(command, answer, None, owed))


def _pay_or_hold(
    decision: Decision, owed: Owed, opened_at: datetime, now: datetime, pay_outs: PayOutStore
) -> tuple[Decision, Owed]:
    """What has left the wallet is paid, or waits for somebody who looks at it, until it lapses."""
    why = leaving_looked_at(pay_outs.left_lately(owed), opened_at, now=now)
    if why is None:
        return pay(decision, owed, pay_outs), owed
    until = now + LIMITS.review_within
    lapse = Schedule(timer(owed.id), until, ExpireHold(hold=owed.id), key=owed.person)
    return decision.schedule(lapse), pay_outs.hold(owed, why, until)


def pay(decision: Decision, owed: Owed, pay_outs: PayOutStore) -> Decision:
    """What is owed is paid now: by payments, or by people of ours."""
    pay_outs.move(owed, PROCESSING)
    if owed.reward not in prices.PAID_BY_PAYMENTS:
        return decision
    wish = PayOut(id=owed.id, person=owed.person, of=owed.id, amount_rwf=owed.amount_rwf, phone=owed.phone)
    return decision.emit(Emit(topics.INTENTS_PAYMENTS, str(owed.id), wish))


def give_back(decision: Decision, owed: Owed, pay_outs: PayOutStore, command: UUID) -> Decision:
    """What was held is not paid: the ledger is asked, by this command's id, for the tokens back."""
    pay_outs.move(owed, FAILED)
    back = Reverse(id=command, of=owed.id, note="not paid after a look")
    asked = Emit(topics.WALLET_COMMANDS, owed.person, back, subject=str(command), origin=wallet.name)
    said = Buttons(
        money.failed(owed.amount_rwf, reading.local(owed.phone), owed.tokens),
        (views.TRANSACTIONS, views.HOME),
    )
    return decision.emit(asked).tell(owed.person, said, UPDATE, f"RWF {owed.amount_rwf:,}")


def tell_airtime(
    decision: Decision, outcome: Outcome, command: Settle | Reverse, pay_outs: PayOutStore
) -> Decision:
    """What people of ours hand over themselves is done, or given back; of the rest payments tell the end."""
    owed = pay_outs.find(command.of)
    if owed is None or owed.state != PROCESSING or owed.reward in prices.PAID_BY_PAYMENTS:
        return decision
    if not isinstance(outcome.answer, Posted) or outcome.answer.repeated:
        return decision
    to = reading.local(owed.phone)
    if isinstance(command, Settle):
        pay_outs.move(owed, COMPLETED)
        said = money.completed(owed.amount_rwf, to)
    else:
        pay_outs.move(owed, FAILED)
        said = money.failed(owed.amount_rwf, to, owed.tokens)
    reply = Buttons(said, (views.REDEEM, views.TRANSACTIONS, views.HOME))
    return decision.tell(owed.person, reply, UPDATE, f"RWF {owed.amount_rwf:,}")


def tell_taken_back(decision: Decision, outcome: Outcome) -> Decision:
    """A payment was refunded or charged back, and its tokens are gone: whoever had bought them is told."""
    answer = outcome.answer
    if not isinstance(answer, Posted) or answer.repeated:
        return decision
    taken = next((each for each in answer.transfers if each.credit == ISSUE and each.currency == TOK), None)
    back = next((each for each in answer.transfers if each.credit.startswith(CLEARING)), None)
    if taken is None or back is None:
        return decision
    said = Buttons(
        money.taken_back(taken.amount, back.amount, balance_of(answer, taken.debit)),
        (views.TRANSACTIONS, views.TOP_UP, views.HOME),
    )
    return decision.tell(taken.debit, said, UPDATE, f"RWF {back.amount:,}")


def _paid_in(decision: Decision, command: CreditPayment, answer: Posted) -> Decision:
    amount = command.amount_rwf
    news = money.topped_up(prices.tokens_for(amount), amount, balance_of(answer, answer.transfers[-1].credit))
    said = Buttons(
        news if command.into == TOK else money.paid(amount), (views.HOME, views.SEND, views.TRANSACTIONS)
    )
    return decision.tell(command.credit, said, UPDATE, f"RWF {amount:,}")


def _rewarded(decision: Decision, command: Transfer, repeated: bool) -> Decision:
    if repeated:
        return decision
    news = inviting.insured if command.kind == BONUS else inviting.rewarded
    said = Buttons(news(command.amount), (views.INVITE, views.HOME))
    return decision.tell(command.credit, said, UPDATE, sending.news(command.amount))


async def tell_of_gifts(decision: Decision, outcome: Outcome, people: PeopleStore) -> Decision:
    """What people sent each other: the other side learns of it when it has moved, the sender also when it
    was held for a look and given up."""
    answer, attempt = outcome.answer, outcome.attempt
    if not isinstance(answer, Posted) or attempt is None:
        return decision
    gifts = [(each.debit, each.credit, each.amount) for each in answer.transfers if each.kind == SEND]
    ended = [each for each in attempt.ended if each[0].kind == SEND]
    if not gifts and not ended:
        return decision
    for held, status, amount in ended:
        # Either may have been joined to another person meanwhile.
        account = attempt.follow(held.debit)
        giver, receiver = account.owner, attempt.credit(held.credit, held.currency).owner
        if status == chain.CAPTURED:
            gifts.append((giver, receiver, amount))
        parties = await people.find([giver, receiver])
        told = parties.get(giver), parties.get(receiver)
        decision = _ended(decision, *told, held, balance=account.available, captured=amount)
    for giver, receiver, amount in gifts:
        parties = await people.find([giver, receiver])
        decision = _received(decision, parties.get(receiver), parties.get(giver), amount)
    return decision


def _ended(
    decision: Decision, giver: Party | None, to: Party | None, held: Held, *, balance: int, captured: int
) -> Decision:
    """Word to a sender whose transfer somebody has looked at; or nobody did in time."""
    if giver is None:
        return decision
    if captured:
        said = sending.sent(captured, views.who(to), balance)
        return _told(decision, giver, Buttons(said, (views.TRANSACTIONS, views.HOME)), captured)
    said = sending.given_up(held.amount)
    return _told(decision, giver, Buttons(said, (views.SEND, views.HOME)), held.amount)


def _received(decision: Decision, to: Party | None, giver: Party | None, amount: int) -> Decision:
    if to is None:
        return decision
    buttons = (views.HOME, views.SEND) if to.owner == to.person else (views.BUSINESS, views.HOME)
    return _told(decision, to, Buttons(sending.received(amount, views.who(giver)), buttons), amount)


def _told(decision: Decision, party: Party, reply: Buttons, amount: int) -> Decision:
    return decision.tell(party.person, reply, UPDATE, sending.news(amount), locale=party.locale)
