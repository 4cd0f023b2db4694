"""Use cases: home, the history, and how to earn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from consumers.domain import Decision, MenuRow, Turn, done, unclaimed
from consumers.replies import Button, Buttons, Menu, Row
from consumers.texts import Moment, Renderable
from consumers.wallet import keywords
from consumers.wallet.domain import BROWSING, wallet
from consumers.wallet.flows import views
from consumers.wallet.rules.accounts import VENDOR
from consumers.wallet.rules.prices import TOKENS_FOR_A_FRANC
from consumers.wallet.rules.referring import INSURANCE_BONUS, REWARD
from consumers.wallet.store.people import Party, PeopleStore
from consumers.wallet.store.views import NEWEST, AccountViews, Line
from consumers.wallet.texts import home as texts

SHOWN = 5  # transactions a page


@wallet.starts(
    "wallet_home",
    keywords=keywords.WALLET,
    menu=MenuRow(texts.wallet_row(), texts.wallet_about(), priority=60),
)
async def wallet_home(turn: Turn, accounts: AccountViews) -> Decision:
    """The balance, and all that one can do."""
    standing = await accounts.standing(turn.person)
    worth = standing.available // TOKENS_FOR_A_FRANC
    if standing.held:
        body = texts.home_with_held(standing.available, worth, standing.held)
    else:
        body = texts.home(standing.available, worth)
    rows = (
        Row(views.SEND.id, views.SEND.title, texts.send_about()),
        Row(views.TOP_UP.id, views.TOP_UP.title, texts.top_up_about()),
        Row(views.CASH_OUT.id, views.CASH_OUT.title, texts.cash_out_about()),
        Row(views.EARN.id, views.EARN.title, texts.earn_about()),
        Row(views.REDEEM.id, views.REDEEM.title, texts.redeem_about()),
        Row(views.INVITE.id, views.INVITE.title, texts.invite_about()),
        Row(views.TRANSACTIONS.id, views.TRANSACTIONS.title, texts.transactions_about()),
        Row(views.QR.id, views.QR.title, texts.qr_about()),
        Row(views.BUSINESS.id, views.BUSINESS.title, texts.business_about()),
    )
    return done(Menu(body, texts.choose_button(), rows))


@wallet.starts("earn", keywords=keywords.EARN)
async def earn(turn: Turn) -> Decision:
    """How to get tokens."""
    return done(Buttons(texts.earn(REWARD, INSURANCE_BONUS), (views.INVITE, views.TOP_UP, views.HOME)))


@wallet.starts("transactions", keywords=keywords.TRANSACTIONS)
async def transactions(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """The last five."""
    return await history(turn.person, NEWEST, accounts, people)


@wallet.taps("before")
async def transactions_before(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """Five more, before the entry of a number; of a business of one's own with its owner before it."""
    owner, _, number = turn.argument.rpartition(".")
    if not number.isascii() or not number.isdecimal() or len(number) > len(str(NEWEST)) - 1:
        return done(views.from_earlier())
    if owner and await own_business(turn.person, owner, people) is None:
        return done(views.from_earlier())
    return await history(owner or turn.person, int(number), accounts, people)


async def own_business(person: str, owner: str, people: PeopleStore) -> Party | None:
    """The business with this account, if this person runs it."""
    party = (await people.find([owner])).get(owner) if owner != person else None
    return party if party is not None and party.person == person else None


async def history(owner: str, before: int, accounts: AccountViews, people: PeopleStore) -> Decision:
    """The movements of one account."""
    found = await accounts.lines(owner, SHOWN + 1, before)
    lines = found[:SHOWN]
    if not lines:
        empty = texts.no_transactions() if before == NEWEST else texts.no_earlier_transactions()
        return done(Buttons(empty, (views.EARN, views.TOP_UP, views.HOME)))
    shown = await _lines(lines, people)
    body = texts.transactions(shown) if before == NEWEST else texts.earlier_transactions(shown)
    buttons: tuple[Button, ...] = (views.SEND, views.HOME)
    if len(found) > SHOWN:
        prefix = f"{owner}." if owner.startswith(VENDOR) else ""
        more = Button(wallet.tap("before", f"{prefix}{lines[-1].number}"), texts.more_button())
        buttons = (more, *buttons)
    return done(Buttons(body, buttons))


async def _lines(lines: Sequence[Line], people: PeopleStore) -> Renderable:
    parties = await people.find({line.other for line in lines})
    shown: list[Renderable] = [
        texts.line(
            Moment(line.at, "d MMM, HH:mm"),
            line.amount,
            views.about(line.kind, line.other, line.amount, parties.get(line.other)),
        )
        for line in lines
    ]
    return reduce(texts.two, shown)


@wallet.at(BROWSING)
async def something_else(turn: Turn) -> Decision:
    """A list was shown, and something else came than a tap on it."""
    return unclaimed(otherwise=views.whither(texts.not_understood()))
