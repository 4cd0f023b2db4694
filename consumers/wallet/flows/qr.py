"""Use case: a QR code by which somebody is paid by MoMo."""

from __future__ import annotations

import base64
import io

import segno

from consumers.domain import Decision, Turn, ask, done, unclaimed
from consumers.replies import Button, Buttons, Menu, Raw, Row
from consumers.texts import render
from consumers.wallet import keywords
from consumers.wallet.domain import BROWSING, QR_AMOUNT, QR_MERCHANT, QR_NUMBER, wallet
from consumers.wallet.flows import views
from consumers.wallet.rules import reading
from consumers.wallet.texts import being_paid, home, sending
from schemas.content import MediaContent, TextSaid
from schemas.events.payments import AMOUNT_RWF_LIMIT

PIXELS_A_MODULE = 12  # some 450 pixels a side: sharp on a counter, and a few kilobytes
OWN, OTHER, MERCHANT = "own", "other", "merchant"
ANOTHER = Button(wallet.tap("momo_qr"), being_paid.again_button())


@wallet.starts("momo_qr", keywords=keywords.QR)
async def momo_qr(turn: Turn) -> Decision:
    """Whom does it pay?"""
    rows = [
        Row(wallet.tap("qr", OTHER), being_paid.other_row()),
        Row(wallet.tap("qr", MERCHANT), being_paid.merchant_row()),
        Row(views.HOME.id, views.HOME.title),
    ]
    own = reading.mobile(turn.routed.phone or "")
    if own is not None:
        rows.insert(0, Row(wallet.tap("qr", OWN), being_paid.own_row(), own))
    return ask(BROWSING, Menu(being_paid.whose(), home.choose_button(), tuple(rows)))


@wallet.taps("qr")
async def whose_tapped(turn: Turn) -> Decision:
    """One of the three."""
    if turn.argument == OTHER:
        return ask(QR_NUMBER, _question(QR_NUMBER))
    if turn.argument == MERCHANT:
        return ask(QR_MERCHANT, _question(QR_MERCHANT))
    own = reading.mobile(turn.routed.phone or "")
    return _ask_amount(own) if own is not None else ask(QR_NUMBER, _question(QR_NUMBER))


@wallet.at(QR_NUMBER, expects=TextSaid)
async def number_typed(turn: Turn) -> Decision:
    """Another number."""
    number = reading.mobile(turn.text)
    return _ask_amount(number) if number else unclaimed(otherwise=_question(QR_NUMBER))


@wallet.at(QR_MERCHANT, expects=TextSaid)
async def merchant_typed(turn: Turn) -> Decision:
    """A merchant code."""
    code = reading.merchant(turn.text)
    return _ask_amount(code) if code else unclaimed(otherwise=_question(QR_MERCHANT))


@wallet.at(QR_AMOUNT, expects=TextSaid)
async def amount_typed(turn: Turn) -> Decision:
    """How much."""
    amount = reading.amount(turn.text)
    if amount is None or not 1 <= amount <= AMOUNT_RWF_LIMIT:
        return unclaimed(otherwise=Buttons(sending.no_amount(), (_skip(), views.HOME)))
    return _picture(turn, amount)


@wallet.taps("qr_skip")
async def amount_skipped(turn: Turn) -> Decision:
    """The payer writes it."""
    if turn.step != QR_AMOUNT:
        return done(Buttons(home.from_earlier(), (views.QR, views.HOME)))
    return _picture(turn, None)


def _picture(turn: Turn, amount: int | None) -> Decision:
    to = turn.data["to"]
    dialled = reading.dialled(to, amount)
    words = being_paid.caption(to) if amount is None else being_paid.caption_with_amount(to, amount)
    picture = MediaContent(
        media="image",
        data=base64.b64encode(png(reading.in_qr(dialled))).decode(),
        mime_type="image/png",
        caption=render(words, turn.locale),
    )
    dial = Buttons(being_paid.dial(dialled, reading.tel_link(dialled)), (ANOTHER, views.HOME))
    return done(Raw(picture), dial)


def png(text: str) -> bytes:
    """The QR code of a text as a picture; a part of it may be dirty."""
    file = io.BytesIO()
    segno.make_qr(text, error="m").save(file, kind="png", scale=PIXELS_A_MODULE, border=4)
    return file.getvalue()


def _ask_amount(to: str) -> Decision:
    return ask(QR_AMOUNT, Buttons(being_paid.which_amount(to), (_skip(), views.HOME)), to=to)


def _question(step: str) -> Buttons:
    body = being_paid.which_number() if step == QR_NUMBER else being_paid.which_merchant()
    return Buttons(body, (ANOTHER, views.HOME))


def _skip() -> Button:
    return Button(wallet.tap("qr_skip"), being_paid.skip_button())
