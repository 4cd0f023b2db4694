"""Free passes and subscriptions of drivers: who may go online, and what becomes of a subscription's payment.

A pass is one trip that a driver and a passenger agreed on. A subscription is asked for once, under an id that
was chosen with the question, and ends as paid or refused; nobody pays for the next one without being asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from schemas.events.wallet import Transfer

SUBSCRIPTIONS = "system:subscriptions"
KIND = "subscription"

FREE_PASSES = 30
PRICE_TOKENS = 4
PERIOD = timedelta(days=30)
REMIND_BEFORE = timedelta(days=1)  # and from then on it can be renewed
LOOK_AGAIN_AFTER = timedelta(hours=1)  # whether one that ended is followed by what is asked for
# The wallet's answer to one asked for again under another name: its driver was joined to somebody meanwhile.
ANSWERED_BEFORE = "exists_with_different_"
SLOW_AFTER = timedelta(seconds=60)  # without an answer the driver is told that the payment waits
DRIVES_UNPAID_FOR = timedelta(days=1)  # while the wallet is away


class State(StrEnum):
    """Where the payment of a subscription stands."""

    ASKED = "asked"
    PAID = "paid"
    REFUSED = "refused"


class Word(StrEnum):
    """What the driver is told."""

    PAID = "paid"
    SHORT = "short"
    SLOW = "slow"


class Next(StrEnum):
    """What a driver's yes leads to."""

    BEGIN = "begin"  # the wallet is asked
    WAIT = "wait"  # it was asked, and is asked the same again
    ACTIVE = "active"  # there is nothing to pay now
    SHORT = "short"  # this very try was refused
    QUESTION = "question"  # what was tapped is from long ago


@dataclass(frozen=True, slots=True)
class Subscription:
    """Thirty days of a driver, and their payment."""

    id: UUID  # of the command to the wallet, too
    person: str
    asked_at: datetime
    state: State = State.ASKED
    until: datetime | None = None  # once it is paid
    told: bool = False  # that the wallet is slow
    version: int = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """What a driver has used and paid."""

    passes_used: int = 0
    until: datetime | None = None  # of the last subscription that was paid
    asked: Subscription | None = None  # one that the wallet has not answered

    @property
    def passes_left(self) -> int:
        """Free trips to come; a trip agreed on after the last pass is not refused."""
        return max(0, FREE_PASSES - self.passes_used)

    def is_subscribed(self, now: datetime) -> bool:
        """Whether a subscription is paid for this time."""
        return self.until is not None and now < self.until

    def can_subscribe(self, now: datetime) -> bool:
        """Whether there is something to pay: no subscription, or one that ends soon."""
        return self.until is None or now >= self.until - REMIND_BEFORE

    def may_go_online(self, now: datetime) -> bool:
        """By a subscription, a pass, or a payment that is no fault of the driver's."""
        waits = self.asked is not None and now < self.asked.asked_at + DRIVES_UNPAID_FOR
        return self.is_subscribed(now) or self.passes_left > 0 or waits


@dataclass(frozen=True, slots=True)
class Move:
    """What follows from an event: the subscription as it is now, what the wallet is asked, what is said."""

    subscription: Subscription
    command: Transfer | None = None
    word: Word | None = None


def confirmed(known: Subscription | None, standing: Standing, now: datetime) -> Next:
    """What a yes to the question leads to; `known`: what has come of this very question already."""
    if standing.asked is not None or (known is not None and known.state is State.ASKED):
        return Next.WAIT
    if not standing.can_subscribe(now):
        return Next.ACTIVE
    if known is None:
        return Next.BEGIN
    if known.state is State.REFUSED:
        return Next.SHORT
    return Next.ACTIVE if standing.is_subscribed(now) else Next.QUESTION


def begin(identity: UUID, person: str, now: datetime) -> Move:
    """A driver said yes."""
    subscription = Subscription(identity, person, now)
    return Move(subscription, _pay(subscription))


def ask_again(subscription: Subscription) -> Move | None:
    """Should the command have been lost on its way: the same one is good for one payment only."""
    return Move(subscription, _pay(subscription)) if subscription.state is State.ASKED else None


def posted(subscription: Subscription, at: datetime, paid_until: datetime | None) -> Move | None:
    """It was paid at that moment; the days come behind those that are paid already."""
    if subscription.state is State.PAID:
        return None
    until = max(at, paid_until or at) + PERIOD
    return Move(replace(subscription, state=State.PAID, until=until), word=Word.PAID)


def refused(subscription: Subscription, reason: str) -> Move | None:
    """The wallet has too few tokens. Its id stays refused: the next try is another subscription."""
    if subscription.state is not State.ASKED or reason.startswith(ANSWERED_BEFORE):
        return None
    return Move(replace(subscription, state=State.REFUSED), word=Word.SHORT)


def slow(subscription: Subscription) -> Move | None:
    """The wallet has not answered for a while: the driver is told once, and goes on driving."""
    if subscription.state is not State.ASKED or subscription.told:
        return None
    return Move(replace(subscription, told=True), word=Word.SLOW)


def _pay(subscription: Subscription) -> Transfer:
    return Transfer(
        id=subscription.id,
        debit=subscription.person,
        credit=SUBSCRIPTIONS,
        amount=PRICE_TOKENS,
        kind=KIND,
    )
