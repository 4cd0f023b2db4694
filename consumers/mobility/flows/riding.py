"""The life of a trip: accepted, arrived, started, completed; or declined, or cancelled by either side."""

from __future__ import annotations

from consumers.domain import Decision, Turn
from consumers.mobility.domain import mobility
from consumers.mobility.flows.answers import aside, button, next_steps, read_id
from consumers.mobility.flows.changing import Step, carry_out
from consumers.mobility.flows.charging import follow, price_of
from consumers.mobility.flows.requesting import already_bound, commitment
from consumers.mobility.flows.saving import was_made
from consumers.mobility.flows.views import read_sides, standing
from consumers.mobility.rules.lifecycle import Action, State, fee_rwf, next_state
from consumers.mobility.rules.people import Role
from consumers.mobility.store.tables import Tables
from consumers.mobility.store.trips import Trip
from consumers.mobility.texts import trips as say
from consumers.replies import Buttons, Say
from consumers.texts import rwf


@mobility.taps("accept")
async def accept(turn: Turn, tables: Tables) -> Decision:
    return await act(turn, tables, Action.ACCEPT)


@mobility.taps("decline")
async def decline(turn: Turn, tables: Tables) -> Decision:
    return await act(turn, tables, Action.DECLINE)


@mobility.taps("arrive")
async def arrive(turn: Turn, tables: Tables) -> Decision:
    return await act(turn, tables, Action.ARRIVE)


@mobility.taps("start")
async def start(turn: Turn, tables: Tables) -> Decision:
    return await act(turn, tables, Action.START)


@mobility.taps("complete")
async def complete(turn: Turn, tables: Tables) -> Decision:
    return await act(turn, tables, Action.COMPLETE)


@mobility.taps("cancel")
async def cancel(turn: Turn, tables: Tables) -> Decision:
    return await act(turn, tables, Action.CANCEL)


@mobility.taps("cancel_and_pay")
async def cancel_and_pay(turn: Turn, tables: Tables) -> Decision:
    return await act(turn, tables, Action.CANCEL, knows_fee=True)


@mobility.taps("trip")
async def see_trip(turn: Turn, tables: Tables) -> Decision:
    """Where a trip stands, for either of its sides."""
    trip, role = await find_own(turn, tables)
    if trip is None or role is None:
        return aside(turn, next_steps(say.unknown_trip()))
    return aside(turn, *standing(trip, role, await read_sides(tables, trip.passenger, trip.driver)))


async def act(turn: Turn, tables: Tables, action: Action, *, knows_fee: bool = False) -> Decision:
    """One side moves the trip, if it is theirs and the time for it is now; both are told."""
    trip, role = await find_own(turn, tables)
    if trip is None or role is None:
        return aside(turn, next_steps(say.unknown_trip()))
    state = next_state(trip.state, action, role, trip.proposer)
    if state is None:
        sides = await read_sides(tables, trip.passenger, trip.driver)
        return aside(turn, Say(say.not_possible()), *standing(trip, role, sides))
    if action is Action.ACCEPT:
        bound_by = await commitment(tables, turn.person, besides=trip.id)
        if bound_by:
            return already_bound(turn, bound_by)
    fee = fee_rwf(trip.state, action, role, trip.estimate_rwf)
    if fee and not knows_fee:
        return _warn(turn, trip, fee)
    step = Step(trip, action, role, state, fee, turn.now)
    price = await price_of(step, tables)
    outcome = await carry_out(tables, step)
    answer = outcome.after(aside(turn, *outcome.replies[role]), role.other)
    answer = answer.with_all(follow(price, turn.now, tables))  # before a later trip's hold takes the tokens
    if state is not State.COMPLETED:
        return answer
    return answer.with_all(await was_made(trip.passenger, price.charge if price else None, turn.now, tables))


async def find_own(turn: Turn, tables: Tables) -> tuple[Trip | None, Role | None]:
    """The trip that a tap names, and the side on which whoever tapped is; None where there is none."""
    trip_id = read_id(turn.argument)
    trip = await tables.trips.find(trip_id) if trip_id else None
    return trip, trip.role_of(turn.person) if trip else None


def _warn(turn: Turn, trip: Trip, fee: int) -> Decision:
    pay = button(say.cancel_and_pay(), "cancel_and_pay", trip.id)
    keep = button(say.keep(), "trip", trip.id)
    return aside(turn, Buttons(say.fee_warning(rwf(fee)), (pay, keep)))
