"""A person's trips, open and planned, to see or cancel."""

from __future__ import annotations

from consumers.domain import Decision, Turn
from consumers.mobility.domain import mobility
from consumers.mobility.flows.answers import aside, button, cancel_plan, next_steps, read_id
from consumers.mobility.flows.saving import call_off, pays_a_ride, price
from consumers.mobility.flows.views import trip_reference
from consumers.mobility.keywords import MY_TRIPS
from consumers.mobility.rules.charging import is_left_out
from consumers.mobility.rules.people import Role
from consumers.mobility.store.plans import Plan
from consumers.mobility.store.tables import Tables
from consumers.mobility.store.trips import Trip
from consumers.mobility.texts import planning, words
from consumers.mobility.texts import trips as say
from consumers.replies import Buttons, Menu, Row
from consumers.texts import Moment


@mobility.starts("my_trips", keywords=MY_TRIPS)
@mobility.taps("trips")
async def my_trips(turn: Turn, tables: Tables) -> Decision:
    """Trips under way first, then the planned ones, the next one on top."""
    open_trips = await tables.trips.open_for(turn.person)
    plans = await tables.plans.active_for(turn.person)
    charges = await tables.charges.find_all(plan.trip for plan in plans)
    planned = [_plan_row(plan, left_out=is_left_out(charges.get(plan.trip))) for plan in plans]
    rows = (*map(_trip_row, open_trips), *planned)
    if not rows:
        return aside(turn, next_steps(planning.no_trips(), has_trips=False))
    return aside(turn, Menu(planning.choose_trip(), words.choose(), rows, header=planning.your_trips()))


@mobility.taps("planned")
async def see_plan(turn: Turn, tables: Tables) -> Decision:
    plan = await find_own(turn, tables)
    if plan is None:
        return aside(turn, next_steps(planning.plan_over()))
    left_out = is_left_out(await tables.charges.find(plan.trip))
    stands = planning.plan_stands(plan.vehicle, plan.due, plan.recurrence)
    body = words.lines(stands, planning.left_out() if left_out else price(plan))
    return aside(turn, Buttons(body, (cancel_plan(plan.id), button(words.my_trips(), "trips"))))


@mobility.taps("unplan")
async def cancel(turn: Turn, tables: Tables) -> Decision:
    """Nothing more comes of the plan; what was held for its next trip is free again, or pays this ride."""
    plan = await find_own(turn, tables)
    if plan is None:
        return aside(turn, next_steps(planning.plan_over()))
    charge = await tables.charges.find(plan.trip)
    rides = await tables.trips.is_riding(turn.person, Role.PASSENGER)
    kept = pays_a_ride(charge, turn.now, rides=rides)
    said = planning.plan_cancelled_riding(plan.due) if kept else planning.plan_cancelled(plan.due)
    return aside(turn, next_steps(said)).with_all(call_off(plan, charge, turn.now, tables, rides=rides))


async def find_own(turn: Turn, tables: Tables) -> Plan | None:
    """The plan that a tap names, if it is this person's and still stands."""
    plan_id = read_id(turn.argument)
    plan = await tables.plans.find(plan_id) if plan_id else None
    return plan if plan and plan.active and plan.person == turn.person else None


def _trip_row(trip: Trip) -> Row:
    name = trip_reference(trip)
    return Row(mobility.tap("trip", trip.id), name, say.stands(name, trip.state))


def _plan_row(plan: Plan, *, left_out: bool) -> Row:
    again = planning.left_out() if left_out else planning.plan_row(plan.vehicle, plan.recurrence)
    return Row(mobility.tap("planned", plan.id), Moment(plan.due), again)
