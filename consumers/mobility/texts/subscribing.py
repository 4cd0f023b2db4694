"""What drivers read about their free trips and their subscription."""

from __future__ import annotations

from datetime import datetime

from consumers.mobility.rules.charging import TOKENS_FOR_A_FRANC
from consumers.mobility.rules.subscribing import FREE_PASSES, PERIOD, PRICE_TOKENS
from consumers.mobility.texts.catalogue import texts
from consumers.texts import Moment, Text, rwf


def passes_left(left: int) -> Text:
    return texts("Free trips left: {left} of {all}.", left=left, all=FREE_PASSES)


def passes_used_up() -> Text:
    return texts(
        "Your {all} free trips are used up. To go online, please subscribe: {tokens} tokens for {days} days.",
        all=FREE_PASSES,
        tokens=PRICE_TOKENS,
        days=PERIOD.days,
    )


def subscribed_until(until: datetime) -> Text:
    return texts("Your driver subscription is paid until {until}.", until=_day(until))


def question() -> Text:
    return texts(
        "A driver subscription costs {tokens} tokens ({price}) for {days} days, paid from your wallet. "
        "Meanwhile no free trip is used. Do you want it?",
        tokens=PRICE_TOKENS,
        price=rwf(PRICE_TOKENS // TOKENS_FOR_A_FRANC),
        days=PERIOD.days,
    )


def asked() -> Text:
    return texts("Thank you. We ask your wallet for {tokens} tokens.", tokens=PRICE_TOKENS)


def waits() -> Text:
    return texts("We have asked your wallet for your subscription, and wait for its answer.")


def slow() -> Text:
    return texts(
        "The wallet does not answer at the moment. Your subscription waits for it; today you can drive all "
        "the same."
    )


def paid(until: datetime) -> Text:
    return texts(
        "{tokens} tokens were paid from your wallet. You are subscribed until {until}.",
        tokens=PRICE_TOKENS,
        until=_day(until),
    )


def short() -> Text:
    return texts(
        "A driver subscription costs {tokens} tokens, and your wallet has too few. Please top up, then try "
        "again.",
        tokens=PRICE_TOKENS,
    )


def ends_soon(until: datetime) -> Text:
    return texts(
        "Your driver subscription ends on {until}. Renew it now, and the new {days} days come behind the "
        "old.",
        until=_day(until),
        days=PERIOD.days,
    )


def over() -> Text:
    return texts("Your driver subscription is over.")


def subscribe() -> Text:
    return texts("Subscribe")


def renew() -> Text:
    return texts("Renew")


def my_subscription() -> Text:
    return texts("My subscription")


def _day(at: datetime) -> Moment:
    return Moment(at, "EEE d MMM, HH:mm")
