"""What people read about the payment of a planned trip."""

from __future__ import annotations

from datetime import datetime

from consumers.mobility.texts.catalogue import texts
from consumers.texts import Moment, Text


def short(price: str, tokens: int, until: datetime) -> Text:
    return texts(
        "Your planned trip costs {price} ({tokens} tokens), and your wallet has too few. Please top up by "
        "{until}, or the trip is cancelled.",
        price=price,
        tokens=tokens,
        until=Moment(until, "HH:mm"),
    )


def slow(price: str) -> Text:
    return texts(
        "Your trip is planned. The wallet does not answer at the moment: the charge of {price} waits.",
        price=price,
    )


def lapsed(due: datetime) -> Text:
    return texts("Your trip of {due} was cancelled: the wallet had too few tokens.", due=Moment(due))


def paid(price: str, tokens: int) -> Text:
    return texts(
        "{price} ({tokens} tokens) was paid from your wallet for the trip.", price=price, tokens=tokens
    )


def earned(price: str, tokens: int) -> Text:
    return texts("{price} ({tokens} tokens) came into your wallet for the trip.", price=price, tokens=tokens)


def pay_rest(rest: str) -> Text:
    return texts("The trip cost more than was planned: please pay the driver the other {rest}.", rest=rest)


def ask_for_rest(rest: str) -> Text:
    return texts(
        "The trip cost more than was planned: please ask the passenger for the other {rest}.", rest=rest
    )


def unpaid(price: str) -> Text:
    return texts("The trip was not paid from your wallet. Please pay the driver {price}.", price=price)


def not_earned(price: str) -> Text:
    return texts(
        "The trip was not paid from the passenger's wallet. Please ask them for {price}.", price=price
    )


def limited(due: datetime, price: str) -> Text:
    return texts(
        "Your trip of {due} costs {price}, which is more than a wallet pays for rides in a day: please pay "
        "the driver yourself.",
        due=Moment(due),
        price=price,
    )


def agreed(price: str) -> Text:
    return texts(
        "You agreed on the price with the driver: please pay as you agreed. {price} that was held is free "
        "again in your wallet.",
        price=price,
    )


def as_agreed() -> Text:
    return texts("You agreed on the price with the driver: please pay as you agreed.")


def paid_as_agreed() -> Text:
    return texts("Nothing came from the passenger's wallet: they pay you as you agreed.")


def unused(due: datetime, price: str) -> Text:
    return texts(
        "Nothing came of your trip of {due}: {price} that was held is free again in your wallet.",
        due=Moment(due),
        price=price,
    )


def asked_again() -> Text:
    return texts("Thank you. We ask your wallet once more.")


def settled() -> Text:
    return texts("There is nothing to pay for this trip any more.")


def top_up() -> Text:
    return texts("Top up")


def try_again() -> Text:
    return texts("I have topped up")
