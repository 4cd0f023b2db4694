"""The life of a trip: who may do what, and when."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from consumers.mobility.rules.fares import cancellation_fee_rwf
from consumers.mobility.rules.people import Role

ANSWER_WITHIN = timedelta(minutes=2)
FORGOTTEN_AFTER = timedelta(hours=12)  # longer than a drive across Rwanda; frees both for other trips


class State(StrEnum):
    """Where a trip stands."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    ARRIVED = "arrived"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    LAPSED = "lapsed"


class Action(StrEnum):
    """What moves a trip."""

    ACCEPT = "accept"
    DECLINE = "decline"
    ARRIVE = "arrive"
    START = "start"
    COMPLETE = "complete"
    CANCEL = "cancel"
    LAPSE = "lapse"


class Actor(StrEnum):
    """Who does it, as the trip sees them."""

    PROPOSER = "proposer"  # asked for the trip
    ANSWERER = "answerer"  # was asked
    PASSENGER = "passenger"
    DRIVER = "driver"
    CLOCK = "clock"


UNDER_WAY = frozenset({State.ACCEPTED, State.ARRIVED, State.IN_PROGRESS})
OPEN = UNDER_WAY | {State.REQUESTED}

_BOTH = frozenset({Actor.PASSENGER, Actor.DRIVER})
_DRIVER = frozenset({Actor.DRIVER})
_ANSWERER = frozenset({Actor.ANSWERER})
_CLOCK = frozenset({Actor.CLOCK})

# (state, action): who may do it, and where it leads. What is not here cannot be done.
TRANSITIONS: dict[tuple[State, Action], tuple[frozenset[Actor], State]] = {
    (State.REQUESTED, Action.ACCEPT): (_ANSWERER, State.ACCEPTED),
    (State.REQUESTED, Action.DECLINE): (_ANSWERER, State.DECLINED),
    (State.REQUESTED, Action.CANCEL): (frozenset({Actor.PROPOSER}), State.CANCELLED),
    (State.REQUESTED, Action.LAPSE): (_CLOCK, State.LAPSED),
    (State.ACCEPTED, Action.ARRIVE): (_DRIVER, State.ARRIVED),
    (State.ACCEPTED, Action.CANCEL): (_BOTH, State.CANCELLED),
    (State.ACCEPTED, Action.LAPSE): (_CLOCK, State.LAPSED),
    (State.ARRIVED, Action.START): (_DRIVER, State.IN_PROGRESS),
    (State.ARRIVED, Action.CANCEL): (_BOTH, State.CANCELLED),
    (State.ARRIVED, Action.LAPSE): (_CLOCK, State.LAPSED),
    (State.IN_PROGRESS, Action.COMPLETE): (_DRIVER, State.COMPLETED),
    (State.IN_PROGRESS, Action.CANCEL): (_BOTH, State.CANCELLED),
    (State.IN_PROGRESS, Action.LAPSE): (_CLOCK, State.LAPSED),
}


def next_state(state: State, action: Action, role: Role | None, proposer: Role) -> State | None:
    """Where `action` leads, or None where it cannot be done. `role` None: the clock acts."""
    transition = TRANSITIONS.get((state, action))
    if transition is None:
        return None
    actors, follows = transition
    return follows if actors & _actors(role, proposer) else None


def fee_rwf(state: State, action: Action, role: Role | None, estimate: int | None) -> int:
    """What the passenger owes for this step: only for cancelling once the driver has arrived."""
    if action is Action.CANCEL and role is Role.PASSENGER and state in (State.ARRIVED, State.IN_PROGRESS):
        return cancellation_fee_rwf(estimate)
    return 0


def _actors(role: Role | None, proposer: Role) -> frozenset[Actor]:
    if role is None:
        return _CLOCK
    side = Actor.PROPOSER if role is proposer else Actor.ANSWERER
    return frozenset({Actor(role.value), side})
