"""Use case: the wallet of a business, apart from that of the person who runs it."""

from __future__ import annotations

from datetime import datetime, time

from consumers.domain import Decision, Turn, ask, done, unclaimed
from consumers.replies import Button, Buttons, Menu
from consumers.texts import KIGALI
from consumers.wallet import keywords
from consumers.wallet.domain import VENDOR_NAME, wallet
from consumers.wallet.flows import views
from consumers.wallet.flows.home import history, own_business
from consumers.wallet.flows.sending import to_ledger
from consumers.wallet.flows.words import OWN
from consumers.wallet.rules import reading
from consumers.wallet.rules.accounts import VENDOR
from consumers.wallet.store.ledger import LedgerStore
from consumers.wallet.store.people import Party, PeopleStore
from consumers.wallet.store.views import NEWEST, AccountViews
from consumers.wallet.texts import being_paid, home
from schemas.content import TextSaid
from schemas.events.wallet import Transfer


@wallet.starts("business_wallet", keywords=keywords.BUSINESS)
async def business_wallet(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """How it stands; what it is called, where there is none yet; which one, where persons were joined."""
    vendors = await people.vendors(turn.person)
    if not vendors:
        return ask(VENDOR_NAME, Buttons(being_paid.open_business(), (views.HOME,)))
    if len(vendors) > 1:
        rows = tuple(views.row("business", vendor) for vendor in vendors)
        return done(Menu(being_paid.which_business(), home.choose_button(), rows))
    return done(await _standing(turn, vendors[0], accounts))


@wallet.at(VENDOR_NAME, expects=TextSaid)
async def name_typed(turn: Turn, people: PeopleStore, ledger: LedgerStore) -> Decision:
    """It is open from now on."""
    name = reading.name(turn.text)
    if name is None:
        return unclaimed(otherwise=Buttons(being_paid.no_name(), (views.HOME,)))
    vendors = await people.vendors(turn.person)
    if not vendors:
        owner = f"{VENDOR}{turn.new_id('vendor')}"
        people.add_vendor(owner, turn.person, name, turn.now)
        ledger.open(owner, turn.now)
    opened = being_paid.opened(vendors[0].name or name if vendors else name)
    return done(Buttons(opened, (views.BUSINESS, views.QR, views.HOME)))


@wallet.taps("business")
async def business_chosen(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """One of several."""
    vendor = await own_business(turn.person, turn.argument, people)
    return done(views.from_earlier() if vendor is None else await _standing(turn, vendor, accounts))


@wallet.taps("business_payments")
async def payments(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """What came in."""
    vendor = await own_business(turn.person, turn.argument, people)
    if vendor is None:
        return done(views.from_earlier())
    return await history(vendor.owner, NEWEST, accounts, people)


@wallet.taps("take_over")
async def take_over(turn: Turn, accounts: AccountViews, people: PeopleStore) -> Decision:
    """All of it into the person's own wallet."""
    vendor = await own_business(turn.person, turn.argument, people)
    if vendor is None:
        return done(views.from_earlier())
    available = (await accounts.standing(vendor.owner)).available
    if available <= 0:
        return done(Buttons(being_paid.nothing_to_take(), (views.BUSINESS, views.HOME)))
    command = Transfer(
        id=turn.new_id("take_over"), debit=vendor.owner, credit=turn.person, amount=available, kind=OWN
    )
    return done().emit(to_ledger(turn, command))


async def _standing(turn: Turn, vendor: Party, accounts: AccountViews) -> Buttons:
    available = (await accounts.standing(vendor.owner)).available
    today = datetime.combine(turn.now.astimezone(KIGALI).date(), time(), KIGALI)
    count, total = await accounts.takings(vendor.owner, today)
    body = being_paid.business(vendor.name or "", available, count, total)
    take = Button(wallet.tap("take_over", vendor.owner), being_paid.take_over_button())
    shown = Button(wallet.tap("business_payments", vendor.owner), being_paid.payments_button())
    return Buttons(body, (take, shown, views.HOME))
