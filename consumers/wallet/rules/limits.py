"""What one person may send another; and what a person of ours looks at first, before it moves or leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from consumers.wallet.rules import reasons

SEND = "send"  # the kind of transfer that all this applies to, but for
RIDE = "ride"  # what a ride takes: a friend may be the driver

YOUNG_ACCOUNT = "young_account"
SAME_RECIPIENT = "same_recipient"
MANY_TRANSFERS = "many_transfers"


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the business. Days and hours are the last 24 hours and the last 60 minutes."""

    least: int = 10
    most: int = 50_000
    a_day: int = 100_000
    an_hour: int = 10  # transfers
    balance_to_start: int = 2_000
    young: timedelta = timedelta(hours=24)
    young_most: int = 1_000
    same_recipient: int = 3  # transfers, this one included
    same_recipient_within: timedelta = timedelta(minutes=30)
    unseen_an_hour: int = 5  # transfers; more of them are looked at
    review_within: timedelta = timedelta(days=3)  # nobody looked: the amount is free again
    rides_a_day: int = 100_000
    redeemed_a_day: int = 5_000  # tokens: rewards are worth twice what tokens cost (0064)
    young_rides: int = 50_000  # a day: RWF 25,000, a newcomer's way to the airport and back


LIMITS = Limits()
REMEMBERED = timedelta(hours=24)  # how far back the rules look
RIDES_REMEMBERED = timedelta(hours=23)  # a trip planned for each day is asked for a little earlier on some


class Sent(NamedTuple):
    """One transfer that a person sent before, posted or held for review."""

    to: str  # a person, also where a business of theirs was paid
    amount: int
    at: datetime


def refused(
    amount: int, available: int, sent: Sequence[Sent], now: datetime, limits: Limits = LIMITS
) -> str | None:
    """Why an amount may not be sent, or None."""
    hour = sum(now - each.at < timedelta(hours=1) for each in sent)
    day = sum(each.amount for each in sent if now - each.at < timedelta(hours=24))
    found = (
        (amount < limits.least, reasons.AMOUNT_BELOW_MINIMUM),
        (amount > limits.most, reasons.EXCEEDS_TRANSFER_LIMIT),
        (available < limits.balance_to_start, reasons.BALANCE_BELOW_MINIMUM),
        (hour >= limits.an_hour, reasons.EXCEEDS_HOURLY_LIMIT),
        (day + amount > limits.a_day, reasons.EXCEEDS_DAILY_LIMIT),
    )
    return next((reason for holds, reason in found if holds), None)


def looked_at(
    to: str,
    amount: int,
    opened_at: datetime,
    sent: Sequence[Sent],
    *,
    now: datetime,
    limits: Limits = LIMITS,
) -> tuple[str, ...]:
    """Why a person has to look at a transfer before it moves; empty: nobody has."""
    hour = sum(now - each.at < timedelta(hours=1) for each in sent)
    # Many small ones count together; a larger one was looked at by itself.
    unseen = sum(
        each.amount
        for each in sent
        if each.amount <= limits.young_most and now - each.at < timedelta(hours=24)
    )
    same = sum(each.to == to and now - each.at < limits.same_recipient_within for each in sent)
    found = (
        (_is_young(unseen + amount, opened_at, now, limits), YOUNG_ACCOUNT),
        (same + 1 >= limits.same_recipient, SAME_RECIPIENT),
        (hour + 1 > limits.unseen_an_hour, MANY_TRANSFERS),
    )
    return tuple(why for holds, why in found if holds)


def ride_refused(
    amount: int, ridden: int, opened_at: datetime, *, now: datetime, limits: Limits = LIMITS
) -> str | None:
    """Why a ride may not take or hold so much from a wallet, or None. Whoever rides pays the driver, then.

    `ridden`: what rides took, or hold, of what was asked for in the last 23 hours.
    """
    most = limits.young_rides if now - opened_at < limits.young else limits.rides_a_day
    return reasons.EXCEEDS_DAILY_LIMIT if ridden + amount > most else None


def leaving_looked_at(
    tokens: int, opened_at: datetime, *, now: datetime, limits: Limits = LIMITS
) -> str | None:
    """Why a person has to look before tokens leave as money or airtime; None: nobody has.

    `tokens`: with all that left within the last 24 hours.
    """
    return YOUNG_ACCOUNT if _is_young(tokens, opened_at, now, limits) else None


def _is_young(amount: int, opened_at: datetime, now: datetime, limits: Limits) -> bool:
    return now - opened_at < limits.young and amount > limits.young_most
