"""Use case: tokens to a number or a partner.

A conversation never moves money itself: it emits the same command as any other domain, and the command's
answer is told to both sides (`telling.py`). So one turn makes one command, one command one posting; and the
ledger's reading ahead, which has to know all commands of a chunk before any handler runs, stays true. The
command's id is made when the conversation starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from consumers.domain import Decision, Emit, Turn, ask, done, stay, unclaimed
from consumers.replies import Button, Buttons, Menu, Row
from consumers.wallet import keywords
from consumers.wallet.domain import AMOUNT, RECIPIENT, SEND_CONFIRM, wallet
from consumers.wallet.flows import views
from consumers.wallet.flows.repeating import first_result
from consumers.wallet.rules import limits, reading
from consumers.wallet.rules.limits import LIMITS, SEND
from consumers.wallet.store.people import Party, PeopleStore
from consumers.wallet.store.views import AccountViews
from consumers.wallet.texts import home, sending
from schemas import topics
from schemas.content import TextSaid
from schemas.events.wallet import Command, Transfer

CONFIRM_FROM = 10_000
RECENTS = 7


@wallet.starts("send_tokens", keywords=keywords.SEND)
async def send_tokens(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """To whom? Whoever has too little is told so first."""
    standing = await accounts.standing(turn.person)
    if standing.available < LIMITS.balance_to_start:
        return done(Buttons(sending.too_poor(), (views.TOP_UP, views.EARN, views.HOME)))
    owners = await accounts.recipients(turn.person, turn.now, RECENTS)
    parties = await people.find(owners)
    rows = [views.row("to", parties[owner]) for owner in owners if owner in parties]
    rows.append(Row(wallet.tap("partners"), sending.partners_row(), sending.partners_about()))
    rows.append(Row(views.HOME.id, views.HOME.title))
    menu = Menu(sending.whom(), home.choose_button(), tuple(rows))
    return ask(RECIPIENT, menu, command=str(turn.new_id("send")))


@wallet.taps("partners")
async def partners(turn: Turn, people: PeopleStore) -> Decision:
    """The businesses that can be paid."""
    found = await people.partners(turn.person)
    if not found:
        return _at_recipient(turn, Buttons(sending.no_partners(), (views.BUSINESS, views.HOME)))
    return _at_recipient(turn, _which(found))


@wallet.at(RECIPIENT, expects=TextSaid)
async def recipient_typed(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """A number, or the name of a partner."""
    number = reading.phone(turn.text)
    if number is None:
        name = reading.name(turn.text)
        found = await people.partners(turn.person, name) if name else []
        # Whatever a business is called, it takes no words that lead elsewhere.
        no_number = Buttons(sending.no_number(), (views.HOME,))
        return unclaimed(otherwise=_which(found) if found else no_number)
    if number == turn.routed.phone:
        return stay(Buttons(sending.yourself(), (views.HOME,)))
    party = await people.of_phone(number)
    if party is None:
        return stay(Buttons(sending.unknown_number(reading.local(number)), (views.INVITE, views.HOME)))
    return await _ask_amount(turn, party, accounts)


@wallet.taps("to")
async def recipient_tapped(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """Somebody of a list."""
    party = (await people.find([turn.argument])).get(turn.argument)
    if party is None:
        return done(views.from_earlier())
    return await _ask_amount(turn, party, accounts)


def _which(found: Sequence[Party]) -> Menu:
    rows = tuple(views.row("to", party) for party in found)
    return Menu(sending.which_partner(), home.choose_button(), rows)


async def _ask_amount(turn: Turn, party: Party, accounts: AccountViews) -> Decision:
    if party.owner == turn.person:
        return _at_recipient(turn, Buttons(sending.yourself(), (views.HOME,)))
    available = (await accounts.standing(turn.person)).available
    question = Buttons(sending.how_much(views.who(party), available), (views.HOME,))
    return ask(AMOUNT, question, to=party.owner, command=_command(turn))


@wallet.at(AMOUNT, expects=TextSaid)
async def amount_typed(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """How much: within the limits, and from 10,000 up only after a question."""
    amount = reading.amount(turn.text)
    if amount is None:
        return unclaimed(otherwise=Buttons(sending.no_amount(), (views.HOME,)))
    standing = await accounts.standing(turn.person)
    sent = await accounts.sent(standing.account, turn.now)
    reason = limits.refused(amount, standing.available, sent, turn.now)
    if reason is None and amount > standing.available:
        return stay(Buttons(sending.not_enough(), (views.TOP_UP, views.HOME)))
    if reason is not None:
        return stay(Buttons(sending.why_not(reason), (views.TOP_UP, views.HOME)))
    if amount < CONFIRM_FROM:
        return _send(turn, amount)
    to = turn.data["to"]
    party = (await people.find([to])).get(to)
    confirm = Button(wallet.tap("send", turn.data["command"]), sending.confirm_button())
    cancel = Button(wallet.tap("cancel"), sending.cancel_button())
    question = Buttons(sending.confirm(amount, views.who(party)), (confirm, cancel))
    return ask(SEND_CONFIRM, question, amount=amount)


@wallet.taps("send")
async def confirmed(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """Yes. Tapped again, the first result comes again."""
    if turn.step == SEND_CONFIRM and turn.data["command"] == turn.argument:
        return _send(turn, turn.data["amount"])
    return done(await first_result(turn, accounts, people))


@wallet.taps("cancel")
async def cancelled(turn: Turn) -> Decision:
    """No."""
    return done(views.whither(sending.cancelled()))


def _send(turn: Turn, amount: int) -> Decision:
    command = Transfer(
        id=UUID(turn.data["command"]), debit=turn.person, credit=turn.data["to"], amount=amount, kind=SEND
    )
    return done().emit(to_ledger(turn, command))


def to_ledger(turn: Turn, command: Command) -> Emit:
    """A command of the person who speaks, in the order of their other ones."""
    return Emit(topics.WALLET_COMMANDS, turn.person, command, subject=str(command.id), origin=wallet.name)


def _command(turn: Turn) -> str:
    """The id that was made when the conversation started; an old list starts one anew."""
    known = turn.data.get("command") if turn.step in (RECIPIENT, AMOUNT) else None
    return known or str(turn.new_id("send"))


def _at_recipient(turn: Turn, reply: Buttons | Menu) -> Decision:
    return ask(RECIPIENT, reply, command=_command(turn))
