"""Planned trips come due: a reminder before, a word at the time, and the next trip of the plan."""

from __future__ import annotations

from uuid import UUID

from consumers.domain import Context, Decision, nothing
from consumers.mobility.domain import mobility
from consumers.mobility.flows.answers import button, cancel_plan, look_around
from consumers.mobility.flows.saving import begin, move_on
from consumers.mobility.rules.charging import is_left_out
from consumers.mobility.rules.people import Role
from consumers.mobility.store.plans import Plan
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import planning, words
from consumers.replies import Buttons
from consumers.texts import Moment
from schemas.events.mobility import PlannedTripDue, ReminderDue

TEMPLATE = "trip_reminder"


@mobility.handles(ReminderDue)
async def reminder_due(timer: ReminderDue, context: Context, tables: Tables) -> Decision:
    """A reminder that comes too late is left out: the trip itself is due."""
    plan = await current_plan(tables, timer.plan, timer.trip)
    if plan is None or plan.due <= context.now or await _is_left_out(plan, tables):
        return nothing()
    buttons = (look_around(plan.role), cancel_plan(plan.id), button(words.my_trips(), "trips"))
    reminder = Buttons(planning.reminder(plan.vehicle, plan.due), buttons)
    return nothing().tell(plan.person, reminder, TEMPLATE, Moment(plan.due))


@mobility.handles(PlannedTripDue)
async def planned_trip_due(timer: PlannedTripDue, context: Context, tables: Tables) -> Decision:
    """The trip begins, unless it is left out; and the next one of the plan is planned."""
    plan = await current_plan(tables, timer.plan, timer.trip)
    if plan is None:
        return nothing()
    if await _is_left_out(plan, tables):
        goes_on, _ = move_on(plan, context.now, tables)
        return goes_on
    rides = await tables.trips.is_riding(plan.person)
    decision, following = begin(plan, context.now, tables, rides)
    if plan.role is Role.PASSENGER:
        body, first = planning.begins_for_passenger(plan.vehicle), look_around(plan.role)
    else:
        body, first = planning.begins_for_driver(plan.vehicle), button(words.go_online(), "online")
    next_one = planning.next_one(following.due) if following else None
    reply = Buttons(words.lines(body, next_one), (first, button(words.my_trips(), "trips")))
    return decision.tell(plan.person, reply, TEMPLATE, Moment(plan.due))


async def _is_left_out(plan: Plan, tables: Tables) -> bool:
    """Whether the wallet had too few tokens for this one trip of a plan that goes on."""
    return is_left_out(await tables.charges.find(plan.trip))


async def current_plan(tables: Tables, plan_id: str, trip: str) -> Plan | None:
    """The plan, if it still waits for this very trip: a timer may come late, or twice."""
    plan = await tables.plans.find(UUID(plan_id))
    return plan if plan and plan.active and str(plan.trip) == trip else None
