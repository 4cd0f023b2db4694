"""What becomes of the charge for a planned trip, whatever comes in whatever order.

A charge begins when a trip is planned: the wallet is asked to hold its price. It ends as paid, unpaid,
released or lapsed. Between, it waits for the wallet's answer (which comes, however late), for the passenger
to top up (for 15 minutes), or for the trip (until the hold's time is over).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from schemas.events.wallet import Capture, Command, Hold, Linked, Release, Transfer
from schemas.ids import uuid5_from

RIDES = "system:rides"  # between the passenger's capture and the driver's credit
KIND = "ride"
TOKENS_FOR_A_FRANC = 2  # a token is bought for 0.5 RWF

SLOW_AFTER = timedelta(seconds=60)  # without an answer the passenger is told that the charge waits
TOP_UP_WITHIN = timedelta(minutes=15)
UNUSED_AFTER = timedelta(hours=1)  # from the trip's time: who looks for no ride any more has it back
HELD_AFTER_DUE = timedelta(hours=13)  # a trip that nobody ends is forgotten after 12
OVER_LIMIT = "exceeds_daily_limit"  # the wallet's reason for what rides may not take
TOO_LATE = "expires_in_the_past"  # and for a hold whose time was over before it was asked for
EARLY = timedelta(minutes=30)  # a trip that begins so long before its time is still the planned one


class State(StrEnum):
    """Where a charge stands."""

    ASKED = "asked"  # for a hold
    HELD = "held"
    SHORT = "short"  # of tokens: the trip waits for a top-up
    TAKING = "taking"  # the hold, or a part of it
    CHARGING = "charging"  # directly, where nothing was held any more
    GIVING_BACK = "giving_back"
    PAID = "paid"
    UNPAID = "unpaid"
    RELEASED = "released"
    LAPSED = "lapsed"


ENDED = frozenset({State.PAID, State.UNPAID, State.RELEASED, State.LAPSED})
OPEN = frozenset({State.ASKED, State.HELD, State.SHORT})  # the trip has yet to be made, or called off


class Word(StrEnum):
    """What the passenger is told."""

    SLOW = "slow"
    SHORT = "short"
    LAPSED = "lapsed"
    PAID = "paid"
    UNPAID = "unpaid"
    LIMITED = "limited"  # the wallet pays no more rides today
    AGREED = "agreed"  # a price that only the two know, and what was held is free again
    AS_AGREED = "as_agreed"  # the same, where nothing was held
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Charge:
    """The charge for one planned trip; amounts are tokens."""

    trip: UUID  # the planned trip's id
    plan: UUID
    person: str  # who pays
    amount: int
    due: datetime  # when the trip begins
    state: State
    command: UUID  # whose answer is awaited, or came last
    hold: UUID  # the one that was asked for last
    tries: int = 1
    price: int = 0  # of the trip that was made, or the fee: it may be more than was planned
    taken: int = 0  # what of it is being taken, or was
    driver: str | None = None  # who gets it
    lapses_at: datetime | None = None
    told: bool = False  # that the wallet is slow
    version: int = 1

    @property
    def left_to_pay(self) -> int:
        """What of the price the two settle themselves: no more is taken than was planned."""
        return self.price if self.state is State.UNPAID else self.price - self.taken

    def is_for(self, now: datetime) -> bool:
        """Whether a trip at this time is the planned one."""
        return self.state in OPEN and self.due - EARLY <= now <= self.due + HELD_AFTER_DUE


@dataclass(frozen=True, slots=True)
class Move:
    """What follows from an event: the charge as it is now, what the wallet is asked, what is said."""

    charge: Charge
    commands: tuple[Command, ...] = ()
    word: Word | None = None


def is_left_out(charge: Charge | None) -> bool:
    """Whether the wallet had too few tokens for this one trip of a plan, which goes on."""
    return charge is not None and charge.state is State.LAPSED


def tokens(rwf: int) -> int:
    """A price in tokens."""
    return rwf * TOKENS_FOR_A_FRANC


def begin(trip: UUID, plan: UUID, person: str, price_rwf: int, due: datetime) -> Move:
    """A trip was planned: ask for its price to be held."""
    hold = _id(trip, "hold 1")
    charge = Charge(trip, plan, person, tokens(price_rwf), due, State.ASKED, hold, hold)
    return Move(charge, (_hold(charge),))


def posted(charge: Charge, command: UUID) -> Move | None:
    """The wallet did what it was asked."""
    if command == charge.hold != charge.command and charge.state is not State.TAKING:
        # Nobody may end it any more: its payer was joined to somebody, and what was asked first came second.
        return Move(charge, (Release(id=_id(charge.trip, f"left over {charge.tries}"), hold=charge.hold),))
    if command != charge.command:
        return None
    match charge.state:
        case State.ASKED:
            return Move(replace(charge, state=State.HELD))
        case State.TAKING | State.CHARGING:
            return Move(replace(charge, state=State.PAID), word=Word.PAID)
        case State.GIVING_BACK:
            return Move(replace(charge, state=State.RELEASED))
    return None


def refused(charge: Charge, command: UUID, reason: str, now: datetime, *, rides: bool) -> Move | None:
    """The wallet refused what it was asked; `rides`: the passenger is under way."""
    if command != charge.command:
        return None
    match charge.state:
        case State.ASKED:
            return _not_held(charge, reason, now, rides=rides)
        case State.TAKING:  # the hold's time was over, or it had never come about
            free = Release(id=_id(charge.trip, "free"), hold=charge.hold)  # should nobody have ended it yet
            directly = _charge_directly(charge)
            return replace(directly, commands=(free, *directly.commands))
        case State.CHARGING:
            return Move(replace(charge, state=State.UNPAID), word=Word.UNPAID)
        case State.GIVING_BACK:
            return Move(replace(charge, state=State.RELEASED))  # there was nothing to give back
    return None


def expired(charge: Charge, hold: UUID) -> Move | None:
    """The hold's time is over: whoever planned the trip did not make it with us."""
    if charge.state is not State.HELD or hold != charge.hold:
        return None
    return Move(replace(charge, state=State.RELEASED))


def slow(charge: Charge) -> Move | None:
    """The wallet has not answered for a while: the trip stays planned, and the passenger is told once."""
    if charge.state is not State.ASKED or charge.told:
        return None
    return Move(replace(charge, told=True), word=Word.SLOW)


def try_again(charge: Charge) -> Move | None:
    """The passenger has topped up, they say. A refused id stays refused, so the hold gets a new one."""
    if charge.state is not State.SHORT:
        return None
    tries = charge.tries + 1
    hold = _id(charge.trip, f"hold {tries}")
    asked = replace(charge, state=State.ASKED, tries=tries, hold=hold, command=hold, told=False)
    return Move(asked, (_hold(asked),))


def lapse(charge: Charge, now: datetime, *, rides: bool) -> Move | None:
    """The time to top up is over. Not for who rides already: the trip's end charges them, or tells both."""
    if charge.state is not State.SHORT or charge.lapses_at is None or now < charge.lapses_at:
        return None
    if rides and charge.is_for(now):
        return Move(replace(charge, lapses_at=now + TOP_UP_WITHIN))
    return Move(replace(charge, state=State.LAPSED), word=Word.LAPSED)


def take(charge: Charge, driver: str, rwf: int) -> Move | None:
    """The trip was made, or called off so late that it costs a fee: so much of its price."""
    if charge.state not in OPEN:
        return None
    amount = min(charge.amount, tokens(rwf))
    taking = replace(charge, price=tokens(rwf), taken=amount, driver=driver)
    if charge.state is State.SHORT:
        return _charge_directly(taking)
    # Both or neither; and the driver is paid in the same moment.
    command = Linked(
        id=_id(charge.trip, "take"),
        commands=(
            Capture(id=_id(charge.trip, "capture"), hold=charge.hold, amount=amount),
            Transfer(id=_id(charge.trip, "pay"), debit=RIDES, credit=driver, amount=amount, kind=KIND),
        ),
    )
    return Move(replace(taking, state=State.TAKING, command=command.id), (command,))


def agreed(charge: Charge, driver: str) -> Move | None:
    """A trip was made whose price the two agreed on themselves: it is paid as they agreed."""
    word = Word.AGREED if charge.state is State.HELD else Word.AS_AGREED
    return give_back(replace(charge, driver=driver), word)


def unused(charge: Charge) -> Move | None:
    """The trip's time is over, and its passenger looks for no ride any more."""
    return give_back(charge, Word.UNUSED) if charge.state is State.HELD else None


def give_back(charge: Charge, word: Word | None = None) -> Move | None:
    """Nothing is taken for the planned trip: it was called off, where `word` says nothing else."""
    if charge.state is State.SHORT:
        return Move(replace(charge, state=State.RELEASED), word=word)
    if charge.state not in OPEN:
        return None
    command = Release(id=_id(charge.trip, f"release {charge.tries}"), hold=charge.hold)
    return Move(replace(charge, state=State.GIVING_BACK, command=command.id), (command,), word)


def _not_held(charge: Charge, reason: str, now: datetime, *, rides: bool) -> Move:
    if reason in (OVER_LIMIT, TOO_LATE):  # topping up would not help: who rides pays the driver
        word = Word.LIMITED if reason == OVER_LIMIT else None
        return Move(replace(charge, state=State.RELEASED), word=word)
    lapses_at = charge.lapses_at or now + TOP_UP_WITHIN
    short = replace(charge, state=State.SHORT, lapses_at=lapses_at)
    return lapse(short, now, rides=rides) or Move(short, word=Word.SHORT)


def _charge_directly(charge: Charge) -> Move:
    command = Transfer(
        id=_id(charge.trip, "charge"),
        debit=charge.person,
        credit=charge.driver or RIDES,
        amount=charge.taken,
        kind=KIND,
    )
    return Move(replace(charge, state=State.CHARGING, command=command.id), (command,))


def _hold(charge: Charge) -> Hold:
    return Hold(
        id=charge.hold,
        debit=charge.person,
        credit=RIDES,
        amount=charge.amount,
        kind=KIND,
        expires_at=charge.due + HELD_AFTER_DUE,
    )


def _id(trip: UUID, what: str) -> UUID:
    return uuid5_from(trip.bytes, what.encode())
