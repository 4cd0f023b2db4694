"""How the wallet looks in a chat: the ways on from anywhere, and how others are named."""

from __future__ import annotations

from consumers.replies import Button, Buttons, Row
from consumers.texts import Renderable, Text, one_line
from consumers.wallet.domain import wallet
from consumers.wallet.rules.accounts import is_system
from consumers.wallet.rules.reading import shorten
from consumers.wallet.store.people import Leader, Party
from consumers.wallet.texts import home as texts
from infra.telemetry.masking import mask_phone

ROW_TITLE_LIMIT = 24  # WhatsApp's, see facts/whatsapp.md

HOME = Button(wallet.tap("wallet_home"), texts.home_button())
SEND = Button(wallet.tap("send_tokens"), texts.send_button())
TOP_UP = Button(wallet.tap("top_up"), texts.top_up_button())
CASH_OUT = Button(wallet.tap("cash_out"), texts.cash_out_button())
EARN = Button(wallet.tap("earn"), texts.earn_button())
REDEEM = Button(wallet.tap("redeem"), texts.redeem_button())
INVITE = Button(wallet.tap("invite"), texts.invite_button())
TRANSACTIONS = Button(wallet.tap("transactions"), texts.transactions_button())
QR = Button(wallet.tap("momo_qr"), texts.qr_button())
BUSINESS = Button(wallet.tap("business_wallet"), texts.business_button())


def whither(body: Text) -> Buttons:
    """A few words, and the ways on."""
    return Buttons(body, (HOME, SEND, TOP_UP))


def from_earlier() -> Buttons:
    """What was tapped leads to nothing any more."""
    return whither(texts.from_earlier())


def named(name: str | None, phone: str | None) -> Renderable:
    """How others see somebody: the name, in one line and without what cannot be seen, and the end of the
    number. It is theirs to choose, and must not look like words of ours."""
    name = one_line(name or "")
    if name and phone:
        return f"{shorten(name)} ({mask_phone(phone)})"
    return shorten(name) if name else mask_phone(phone) if phone else texts.somebody()


def row(use: str, party: Party) -> Row:
    """A line of a list, whose tap leads to this use case."""
    name = one_line(party.name or "")
    title = shorten(name, ROW_TITLE_LIMIT) if name else texts.somebody()
    return Row(wallet.tap(use, party.owner), title, named(None, party.phone) if party.phone else "")


def who(party: Party | Leader | None) -> Renderable:
    """The same of somebody we may know."""
    return texts.somebody() if party is None else named(party.name, party.phone)


def about(kind: str, other: str, amount: int, party: Party | None) -> Renderable:
    """What a movement was for."""
    if kind == "send" or not (is_system(other) or kind in texts.KINDS):
        return texts.from_whom(who(party)) if amount > 0 else texts.to_whom(who(party))
    return texts.KINDS.get(kind) or texts.other_kind()
