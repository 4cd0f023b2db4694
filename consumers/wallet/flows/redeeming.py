"""Use case: tokens into airtime or cash."""

from __future__ import annotations

from uuid import UUID

from consumers.domain import Decision, Turn, ask, done, stay, unclaimed
from consumers.replies import Button, Buttons, Menu, Row
from consumers.texts import Text
from consumers.wallet import keywords
from consumers.wallet.domain import BROWSING, REDEEM_CONFIRM, REDEEM_NUMBER, wallet
from consumers.wallet.flows import views
from consumers.wallet.flows.repeating import first_result
from consumers.wallet.flows.sending import to_ledger
from consumers.wallet.rules import reading
from consumers.wallet.rules.accounts import AIRTIME
from consumers.wallet.rules.limits import LIMITS
from consumers.wallet.rules.prices import REWARDS
from consumers.wallet.store.pay_outs import PENDING, Owed, PayOutStore
from consumers.wallet.store.people import PeopleStore
from consumers.wallet.store.views import AccountViews
from consumers.wallet.texts import home, money, sending
from schemas.content import TextSaid
from schemas.events.wallet import Redeem


@wallet.starts("redeem", keywords=keywords.REDEEM)
async def redeem(turn: Turn, accounts: AccountViews) -> Decision:
    """What there is."""
    available = (await accounts.standing(turn.person)).available
    rows = tuple(
        Row(wallet.tap("reward", name), _title(name), money.costs(reward.tokens))
        for name, reward in REWARDS.items()
    )
    menu = Menu(money.rewards(available), home.choose_button(), (*rows, Row(views.HOME.id, views.HOME.title)))
    return ask(BROWSING, menu)


@wallet.taps("reward")
async def reward_tapped(turn: Turn, accounts: AccountViews, pay_outs: PayOutStore) -> Decision:
    """For which number? Within a day's worth; in one conversation nothing comes between."""
    reward = REWARDS.get(turn.argument)
    if reward is None:
        return done(views.from_earlier())
    available = (await accounts.standing(turn.person)).available
    if available < reward.tokens:
        body = money.redeem_too_poor(reward.tokens, available)
        return done(Buttons(body, (views.EARN, views.TOP_UP, views.HOME)))
    if await pay_outs.redeemed_lately(turn.person, turn.now) + reward.tokens > LIMITS.redeemed_a_day:
        body = money.redeemed_enough(LIMITS.redeemed_a_day)
        return done(Buttons(body, (views.CASH_OUT, views.SEND, views.HOME)))
    command = str(turn.new_id("redeem"))
    return ask(REDEEM_NUMBER, _which(turn), reward=turn.argument, command=command)


@wallet.taps("redeem_to_own")
async def own_number(turn: Turn) -> Decision:
    """The person's own."""
    if turn.step != REDEEM_NUMBER:
        return done(Buttons(home.from_earlier(), (views.REDEEM, views.HOME)))
    return _number(turn, turn.routed.phone or "")


@wallet.at(REDEEM_NUMBER, expects=TextSaid)
async def number_typed(turn: Turn) -> Decision:
    """Another one."""
    return _number(turn, turn.text)


def _number(turn: Turn, text: str) -> Decision:
    phone = reading.momo_phone(text)
    if phone is None:
        return stay(_which(turn)) if reading.phone(text) else unclaimed(otherwise=_which(turn))
    reward = turn.data["reward"]
    confirm = Button(wallet.tap("redeem_now", turn.data["command"]), sending.confirm_button())
    cancel = Button(wallet.tap("cancel"), sending.cancel_button())
    question = money.redeem_confirm(REWARDS[reward].tokens, _title(reward), reading.local(phone))
    return ask(REDEEM_CONFIRM, Buttons(question, (confirm, cancel)), phone=phone)


@wallet.taps("redeem_now")
async def confirmed(
    turn: Turn, accounts: AccountViews, people: PeopleStore, pay_outs: PayOutStore
) -> Decision:
    """Yes. Tapped again, the first result comes again."""
    if turn.step != REDEEM_CONFIRM or turn.data["command"] != turn.argument:
        return done(await first_result(turn, accounts, people, pay_outs))
    name = turn.data["reward"]
    reward, phone = REWARDS[name], turn.data["phone"]
    command = Redeem(id=UUID(turn.argument), debit=turn.person, reward=name)
    pay_outs.add(Owed(command.id, turn.person, name, phone, reward.tokens, reward.rwf, PENDING, turn.now))
    return done().emit(to_ledger(turn, command))


def _which(turn: Turn) -> Buttons:
    own = (Button(wallet.tap("redeem_to_own"), money.own_number_button()),)
    known = reading.momo_phone(turn.routed.phone or "") is not None
    return Buttons(money.redeem_number(), (*(own if known else ()), views.REDEEM, views.HOME))


def _title(name: str) -> Text:
    reward = REWARDS[name]
    return money.airtime_row(reward.rwf) if reward.owed_by == AIRTIME else money.cash_row(reward.rwf)
