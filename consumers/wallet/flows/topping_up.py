"""Use case: tokens for money. The conversation asks payments for it; the credit of what came in is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from consumers.domain import Decision, Emit, Turn, ask, done, nothing, unclaimed
from consumers.replies import Button, Buttons, Link, Menu, Row
from consumers.texts import Text, rwf
from consumers.wallet import keywords
from consumers.wallet.domain import METHOD, PAYER, TOP_UP_AMOUNT, wallet
from consumers.wallet.flows import views
from consumers.wallet.flows.telling import UPDATE
from consumers.wallet.rules import reading
from consumers.wallet.rules.prices import tokens_for
from consumers.wallet.texts import home, money
from infra.settings import Settings
from schemas import topics
from schemas.content import TextSaid
from schemas.events.payments import AMOUNT_RWF_LIMIT, PaymentAsked, PaymentFailed, RequestPayment

PACKS_RWF = (500, 2_500, 5_000, 25_000, 50_000)
LEAST_RWF = 100
PURPOSE = "top_up"
EXPIRED = "expired"  # what payments say of a request whose time is over
MTN, TRANSFER, CARD = "mtn", "transfer", "stripe"
# MTN's prompt is good for some minutes, Stripe's page for half an hour at least.
OPEN_FOR = {MTN: timedelta(minutes=15), TRANSFER: timedelta(hours=2), CARD: timedelta(hours=1)}


@wallet.starts("top_up", keywords=keywords.TOP_UP)
async def top_up(turn: Turn) -> Decision:
    """How much?"""
    return ask(TOP_UP_AMOUNT, _packs(), request=str(turn.new_id("top_up")))


@wallet.taps("pack")
async def pack_tapped(turn: Turn, settings: Settings) -> Decision:
    """One of the packs."""
    return _amount(turn, reading.amount(turn.argument), settings)


@wallet.at(TOP_UP_AMOUNT, expects=TextSaid)
async def amount_typed(turn: Turn, settings: Settings) -> Decision:
    """Any amount in RWF."""
    amount = reading.amount(turn.text)
    return unclaimed(otherwise=_packs()) if amount is None else _amount(turn, amount, settings)


def _amount(turn: Turn, amount: int | None, settings: Settings) -> Decision:
    request = turn.data.get("request") or str(turn.new_id("top_up"))
    if amount is None or not LEAST_RWF <= amount <= AMOUNT_RWF_LIMIT:
        again = Buttons(money.no_pack(LEAST_RWF, AMOUNT_RWF_LIMIT), (views.TOP_UP, views.HOME))
        return ask(TOP_UP_AMOUNT, again, request=request)
    return ask(METHOD, _methods(amount, settings), amount=amount, request=request)


@wallet.taps("pay")
async def method_tapped(turn: Turn, settings: Settings) -> Decision:
    """How to pay the amount that was asked about last."""
    method, _, amount = turn.argument.partition(".")
    offered = OPEN_FOR.keys() if settings.momo_merchant_code else OPEN_FOR.keys() - {TRANSFER}
    asked = turn.step in (METHOD, PAYER) and amount == str(turn.data["amount"])
    if not asked or method not in offered:
        return done(Buttons(home.from_earlier(), (views.TOP_UP, views.TRANSACTIONS, views.HOME)))
    phone = reading.momo_phone(turn.routed.phone or "")
    if method != CARD and phone is None:
        return ask(PAYER, Buttons(money.payer(), (views.HOME,)), method=method)
    return _request(turn, method, phone, settings)


@wallet.at(PAYER, expects=TextSaid)
async def payer_typed(turn: Turn, settings: Settings) -> Decision:
    """Whose MoMo account."""
    phone = reading.momo_phone(turn.text)
    if phone is None:
        return unclaimed(otherwise=Buttons(money.no_momo_number(), (views.HOME,)))
    return _request(turn, turn.data["method"], phone, settings)


@wallet.at(METHOD)
async def method_missing(turn: Turn, settings: Settings) -> Decision:
    """Something else than a way to pay."""
    return unclaimed(otherwise=_methods(turn.data["amount"], settings))


def _request(turn: Turn, method: str, phone: str | None, settings: Settings) -> Decision:
    amount = turn.data["amount"]
    # Without a name: the one in WhatsApp is often not the one that MoMo knows, and would match nothing.
    wish = RequestPayment(
        id=UUID(turn.data["request"]),
        person=turn.person,
        amount_rwf=amount,
        method=method,  # one of OPEN_FOR
        purpose=PURPOSE,
        reference=f"{tokens_for(amount):,} tokens",
        phone=phone,
        expires_at=turn.now + OPEN_FOR[method],
    )
    ways = (views.TOP_UP, views.TRANSACTIONS, views.HOME)
    return done(Buttons(_how(method, amount, settings), ways)).emit(
        Emit(topics.INTENTS_PAYMENTS, str(wish.id), wish)
    )


def _how(method: str, amount: int, settings: Settings) -> Text:
    if method != TRANSFER:
        return money.asked(amount)
    dialled = reading.dialled(settings.momo_merchant_code, amount)
    return money.dial(dialled, reading.tel_link(dialled))


def _packs() -> Menu:
    rows = tuple(
        Row(wallet.tap("pack", amount), money.pack_row(tokens_for(amount)), rwf(amount))
        for amount in PACKS_RWF
    )
    back = Row(views.HOME.id, views.HOME.title)
    return Menu(money.packs(LEAST_RWF), home.choose_button(), (*rows, back))


def _methods(amount: int, settings: Settings) -> Buttons:
    ways: list[tuple[str, Text]] = [(MTN, money.mtn_button()), (CARD, money.card_button())]
    if settings.momo_merchant_code:
        ways.insert(1, (TRANSFER, money.transfer_button()))
    buttons = tuple(Button(wallet.tap("pay", f"{method}.{amount}"), title) for method, title in ways)
    return Buttons(money.how_to_pay(tokens_for(amount), amount), buttons)


# What payments say of it -------------------------------------------------------------------------------


@wallet.handles(PaymentAsked)
async def asked(asked: PaymentAsked) -> Decision:
    """The person can pay now."""
    if asked.method == CARD and asked.url is not None:
        return nothing().tell(asked.person, Link(money.pay_by_link(), money.pay_button(), asked.url))
    if asked.method == MTN:
        return nothing().tell(asked.person, Buttons(money.approve(), (views.HOME, views.TOP_UP)))
    return nothing()  # what to dial was said at once


@wallet.handles(PaymentFailed)
async def failed(failed: PaymentFailed) -> Decision:
    """Nothing came in; or nothing was seen, which is not the same to who has paid."""
    if failed.person is None or failed.purpose != PURPOSE:
        return nothing()  # what else was to be paid, its own domain tells
    amount = rwf(failed.amount_rwf) if failed.amount_rwf is not None else "RWF"
    said = money.not_seen(amount) if failed.reason == EXPIRED else money.not_paid(amount)
    reply = Buttons(said, (views.TOP_UP, views.HOME))
    return nothing().tell(failed.person, reply, UPDATE, amount)
