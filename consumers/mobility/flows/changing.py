"""Carries out one step of a trip: the row, the presences, the timers, the fact, and what both sides read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consumers.domain import Decision, Emit, nothing
from consumers.mobility.domain import EVENTS
from consumers.mobility.flows.alternatives import Alternatives, alternatives
from consumers.mobility.flows.timers import presence_ends, presence_timer, trip_is_forgotten, trip_timer
from consumers.mobility.flows.views import Sides, next_for, read_sides, standing, trip_reference
from consumers.mobility.rules.lifecycle import OPEN, UNDER_WAY, Action, State
from consumers.mobility.rules.people import Role
from consumers.mobility.store.tables import Tables
from consumers.mobility.store.trips import Trip
from consumers.mobility.texts import trips as say
from consumers.mobility.texts import words
from consumers.replies import Reply, Say
from consumers.texts import Renderable, rwf
from schemas.events.mobility import (
    DriverArrived,
    TripAccepted,
    TripCancelled,
    TripCompleted,
    TripDeclined,
    TripFact,
    TripLapsed,
    TripStarted,
)

TEMPLATE = "trip_update"

Replies = dict[Role, tuple[Reply, ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a trip, found to be allowed; `role` None: the clock takes it."""

    trip: Trip
    action: Action
    role: Role | None
    state: State  # where it leads
    fee_rwf: int
    now: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a step: what each side reads, and everything else."""

    trip: Trip
    replies: Replies
    consequences: Decision

    def after(self, answer: Decision, *told: Role) -> Decision:
        """The answer with everything that follows, and the sides of `told` told."""
        decision = answer.with_all(self.consequences)
        for role in told:
            person = self.trip.person_in(role)
            first, *rest = self.replies[role]
            decision = decision.tell(person, first, TEMPLATE, trip_reference(self.trip))
            for reply in rest:
                decision = decision.tell(person, reply)
        return decision


async def carry_out(tables: Tables, step: Step) -> Outcome:
    """Do all that the step means. Reads come first, so that a failure can be taken back."""
    trip = step.trip
    sides = await read_sides(tables, trip.passenger, trip.driver)
    left = _who_is_left_alone(step)
    others = await alternatives(tables, trip, left, step.now) if left else None
    moved = tables.trips.move(trip, step.state, step.fee_rwf, step.now)
    replies = _came_to_nothing(step, sides, others) or {role: standing(moved, role, sides) for role in Role}
    fact = _fact(step)
    return Outcome(moved, replies, _follow_up(tables, step, others).emit(Emit(EVENTS, fact.trip, fact)))


def _who_is_left_alone(step: Step) -> Role | None:
    """The side that wanted this trip, lost it through the other, and may want another one."""
    match step.action:
        case Action.DECLINE:
            return step.trip.proposer
        case Action.LAPSE if step.trip.state is State.REQUESTED:
            return step.trip.proposer
        case Action.CANCEL if step.role and step.trip.state in UNDER_WAY:
            return step.role.other
    return None


def _follow_up(tables: Tables, step: Step, others: Alternatives | None) -> Decision:
    """Who can be found from now on, and what still has to happen by itself."""
    trip, presences = step.trip, tables.presences
    if step.state in OPEN:
        if step.state is not State.ACCEPTED:
            return nothing()
        _set_busy(tables, trip, True)
        tables.subscriptions.use_pass(trip.driver, step.now)
        return nothing().schedule(trip_is_forgotten(trip, step.now))
    decision = nothing().cancel(trip_timer(trip.id))
    if is_content(step):
        presences.hide(trip.passenger, Role.PASSENGER)
        decision = decision.cancel(presence_timer(trip.passenger, Role.PASSENGER))
    if others and others.presence:
        presences.show(others.presence)
        decision = decision.schedule(presence_ends(others.presence))
    if trip.state in UNDER_WAY:
        _set_busy(tables, trip, False)
    return decision


def is_content(step: Step) -> bool:
    """Whether the passenger looks for no ride any more: they arrived, or gave up an agreed trip."""
    gave_up = step.role is Role.PASSENGER and step.trip.state in UNDER_WAY
    return step.state is State.COMPLETED or (step.action is Action.CANCEL and gave_up)


def _set_busy(tables: Tables, trip: Trip, busy: bool) -> None:
    for person in (trip.passenger, trip.driver):
        tables.presences.set_busy(person, busy)


_FACTS: dict[Action, type[TripFact]] = {
    Action.ACCEPT: TripAccepted,
    Action.DECLINE: TripDeclined,
    Action.ARRIVE: DriverArrived,
    Action.START: TripStarted,
    Action.COMPLETE: TripCompleted,
    Action.CANCEL: TripCancelled,
    Action.LAPSE: TripLapsed,
}


def _fact(step: Step) -> TripFact:
    trip = step.trip
    said = {"trip": str(trip.id), "passenger": trip.passenger, "driver": trip.driver, "at": step.now}
    if step.action is Action.COMPLETE:
        said["estimate_rwf"] = trip.estimate_rwf
    if step.action is Action.CANCEL and step.role:
        said.update(cancelled_by=step.role.value, fee_rwf=step.fee_rwf)
    return _FACTS[step.action].model_validate(said)


def _came_to_nothing(step: Step, sides: Sides, others: Alternatives | None) -> Replies | None:
    """What both sides read when there will be no trip; None where it goes on, or was completed."""
    trip, name = step.trip, trip_reference(step.trip)
    asked = trip.proposer.other
    match step.action:
        case Action.DECLINE:
            return _both(asked, say.you_declined(name), say.other_declined(sides.name_of(asked)), others)
        case Action.LAPSE if trip.state is State.REQUESTED:
            return _both(asked, say.you_did_not_answer(name), say.no_answer(sides.name_of(asked)), others)
        case Action.LAPSE:
            return {role: (next_for(role, say.forgotten(name)),) for role in Role}
        case Action.CANCEL if step.role:
            fee = say.fee_owed(rwf(step.fee_rwf)) if step.fee_rwf else None
            mine = words.lines(say.you_cancelled(name), fee)
            return _both(step.role, mine, say.other_cancelled(sides.name_of(step.role), name), others)
    return None


def _both(role: Role, mine: Renderable, theirs: Renderable, others: Alternatives | None) -> Replies:
    """`mine` for the side that ended it, `theirs` for the other one, with whom else they may ask."""
    left = role.other
    told = (Say(theirs), others.reply) if others else (next_for(left, theirs),)
    return {role: (next_for(role, mine),), left: told}
