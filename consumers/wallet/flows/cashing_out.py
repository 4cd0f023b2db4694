"""Use case: tokens into money on a MoMo account."""

from __future__ import annotations

from uuid import UUID

from consumers.domain import Decision, Turn, ask, done, nothing, stay, unclaimed
from consumers.replies import Button, Buttons
from consumers.wallet import keywords
from consumers.wallet.domain import CASH_OUT_AMOUNT, CASH_OUT_CONFIRM, CASH_OUT_NUMBER, wallet
from consumers.wallet.flows import views
from consumers.wallet.flows.repeating import first_result
from consumers.wallet.flows.sending import to_ledger
from consumers.wallet.flows.telling import UPDATE
from consumers.wallet.rules import prices, reading
from consumers.wallet.store.pay_outs import COMPLETED, FAILED, PENDING, Owed, PayOutStore
from consumers.wallet.store.people import PeopleStore
from consumers.wallet.store.views import AccountViews
from consumers.wallet.texts import home, money, sending
from schemas.content import TextSaid
from schemas.events.payments import AMOUNT_RWF_LIMIT, PaidOut, PayOutFailed
from schemas.events.wallet import CashOut

MOST = AMOUNT_RWF_LIMIT * prices.TOKENS_FOR_A_FRANC  # payments pay out no more at a time


@wallet.starts("cash_out", keywords=keywords.CASH_OUT)
async def cash_out(turn: Turn, accounts: AccountViews, pay_outs: PayOutStore) -> Decision:
    """To which number? Whoever has too little is told so first, and how far the last one is."""
    available = (await accounts.standing(turn.person)).available
    last = await pay_outs.latest(turn.person)
    if available < prices.CASH_OUT_LEAST:
        body = money.cash_out_too_poor(available)
        body = home.two(body, money.latest(last.amount_rwf, last.state)) if last else body
        return done(Buttons(body, (views.TOP_UP, views.EARN, views.HOME)))
    body = money.cash_out_number()
    body = home.two(body, money.latest(last.amount_rwf, last.state)) if last else body
    return ask(CASH_OUT_NUMBER, Buttons(body, _numbers(turn)), command=str(turn.new_id("cash_out")))


@wallet.taps("cash_to_own")
async def own_number(turn: Turn, accounts: AccountViews) -> Decision:
    """The person's own number."""
    if turn.step != CASH_OUT_NUMBER:
        return done(Buttons(home.from_earlier(), (views.CASH_OUT, views.HOME)))
    return await _number(turn, turn.routed.phone or "", accounts)


@wallet.at(CASH_OUT_NUMBER, expects=TextSaid)
async def number_typed(turn: Turn, accounts: AccountViews) -> Decision:
    """Another one."""
    return await _number(turn, turn.text, accounts)


async def _number(turn: Turn, text: str, accounts: AccountViews) -> Decision:
    phone = reading.momo_phone(text)
    if phone is None:
        wrong = Buttons(money.no_momo_number(), _numbers(turn))
        return stay(wrong) if reading.phone(text) else unclaimed(otherwise=wrong)
    return ask(CASH_OUT_AMOUNT, await _ask_amount(turn, accounts), phone=phone)


@wallet.at(CASH_OUT_AMOUNT, expects=TextSaid)
async def amount_typed(turn: Turn, accounts: AccountViews) -> Decision:
    """How much; then always a question."""
    amount = reading.amount(turn.text)
    if amount is None:
        return unclaimed(otherwise=Buttons(sending.no_amount(), (views.HOME,)))
    most = min((await accounts.standing(turn.person)).available, MOST)
    if not prices.CASH_OUT_LEAST <= amount <= most:
        return stay(await _ask_amount(turn, accounts))
    confirm = Button(wallet.tap("cash_out_now", turn.data["command"]), sending.confirm_button())
    cancel = Button(wallet.tap("cancel"), sending.cancel_button())
    question = money.cash_out_confirm(amount, reading.local(turn.data["phone"]))
    return ask(CASH_OUT_CONFIRM, Buttons(question, (confirm, cancel)), amount=amount)


@wallet.taps("cash_out_now")
async def confirmed(
    turn: Turn, accounts: AccountViews, people: PeopleStore, pay_outs: PayOutStore
) -> Decision:
    """Yes. Tapped again, the first result comes again."""
    if turn.step != CASH_OUT_CONFIRM or turn.data["command"] != turn.argument:
        return done(await first_result(turn, accounts, people, pay_outs))
    amount: int = turn.data["amount"]
    command = CashOut(id=UUID(turn.argument), debit=turn.person, amount=amount)
    net, phone = prices.cash_out_rwf(amount), turn.data["phone"]
    pay_outs.add(Owed(command.id, turn.person, "", phone, amount, net, PENDING, turn.now))
    return done().emit(to_ledger(turn, command))


def _numbers(turn: Turn) -> tuple[Button, ...]:
    if reading.momo_phone(turn.routed.phone or "") is None:
        return (views.HOME,)
    return (Button(wallet.tap("cash_to_own"), money.own_number_button()), views.HOME)


async def _ask_amount(turn: Turn, accounts: AccountViews) -> Buttons:
    most = min((await accounts.standing(turn.person)).available, MOST)
    return Buttons(money.cash_out_amount(most), (views.HOME,))


# What payments say of it -------------------------------------------------------------------------------


@wallet.handles(PaidOut)
async def paid_out(paid: PaidOut, pay_outs: PayOutStore) -> Decision:
    """The money is there."""
    owed = pay_outs.find(paid.pay_out)
    if owed is None:
        return nothing()
    pay_outs.move(owed, COMPLETED)
    done = Buttons(
        money.completed(paid.amount_rwf, reading.local(owed.phone)), (views.TRANSACTIONS, views.HOME)
    )
    return nothing().tell(owed.person, done, UPDATE, f"RWF {paid.amount_rwf:,}")


@wallet.handles(PayOutFailed)
async def pay_out_failed(failed: PayOutFailed, pay_outs: PayOutStore) -> Decision:
    """It is not: payments have the wallet give the tokens back."""
    owed = pay_outs.find(failed.pay_out)
    if owed is None:
        return nothing()
    pay_outs.move(owed, FAILED)
    said = money.failed(failed.amount_rwf, reading.local(owed.phone), owed.tokens)
    reply = Buttons(said, (views.CASH_OUT, views.TRANSACTIONS, views.HOME))
    return nothing().tell(owed.person, reply, UPDATE, f"RWF {failed.amount_rwf:,}")
