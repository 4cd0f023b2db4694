"""A plan is saved, and each time its trip comes due, the next one is planned.

`mobility.trip_scheduled` goes out for each single trip, and the wallet is asked to hold its price. When the
wallet is away, that waits in its topic, and the trip is planned all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from consumers.domain import Decision, Emit, Turn, done, nothing
from consumers.mobility.domain import EVENTS
from consumers.mobility.flows import charging
from consumers.mobility.flows.answers import button, cancel_plan, look_around
from consumers.mobility.flows.changing import TEMPLATE
from consumers.mobility.flows.timers import plan_comes_due, plan_timers, presence_ends
from consumers.mobility.rules.calendar import (
    Recurrence,
    When,
    first_time,
    next_time,
    reminder_time,
)
from consumers.mobility.rules.charging import EARLY, Charge
from consumers.mobility.rules.driving import ONLINE_FOR
from consumers.mobility.rules.fares import estimate_rwf
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.store.plans import PLANS_LIMIT, Plan
from consumers.mobility.store.presences import Presence
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import planning, seeking, words
from consumers.replies import Buttons
from consumers.texts import Moment, Text, rwf
from schemas.events.mobility import Place, TripScheduled, TripUnscheduled
from schemas.ids import uuid5_from


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that was answered, but for how often."""

    role: Role
    vehicle: Vehicle
    pickup: Place
    dropoff: Place | None
    when: When


async def save(turn: Turn, draft: Draft, again: Recurrence, tables: Tables) -> Decision:
    """Keep the plan and say so; a trip that begins now begins at once."""
    if len(await tables.plans.active_for(turn.person)) >= PLANS_LIMIT:
        return done(Buttons(planning.too_many(PLANS_LIMIT), (button(words.my_trips(), "trips"),)))
    rides = await tables.trips.is_riding(turn.person)
    plan = _new_plan(turn, draft, again)
    tables.plans.add(plan)
    tables.people.remember(turn)
    answer = done(_saved(plan, turn.now)).with_all(_planned(plan, turn.now, tables))
    if plan.due > turn.now:
        return answer.schedule(*plan_comes_due(plan, turn.now))
    begun, _ = begin(plan, turn.now, tables, rides)
    return answer.with_all(begun)


def begin(plan: Plan, now: datetime, tables: Tables, rides: bool) -> tuple[Decision, Plan | None]:
    """The plan's trip begins: a passenger can be found at the pickup; the next trip is planned, if any."""
    decision = nothing()
    if plan.role is Role.PASSENGER:
        until = now + ONLINE_FOR
        presence = Presence(plan.person, plan.role, plan.vehicle, plan.pickup, now, until, plan.dropoff)
        tables.presences.show(presence)
        tables.presences.set_busy(plan.person, rides)
        decision = decision.schedule(presence_ends(presence))
    goes_on, following = move_on(plan, now, tables)
    return decision.with_all(goes_on), following


def move_on(plan: Plan, now: datetime, tables: Tables) -> tuple[Decision, Plan | None]:
    """The plan's next trip is planned, if there is one."""
    due = next_time(plan.due, plan.recurrence, now)
    if due is None:
        tables.plans.end(plan)
        return nothing(), None
    trip = uuid5_from(plan.id.bytes, due.isoformat().encode())
    following = tables.plans.move_on(plan, trip, due)
    decision = nothing().schedule(*plan_comes_due(following, now))
    return decision.with_all(_planned(following, now, tables)), following


def pays_a_ride(charge: Charge | None, now: datetime, *, rides: bool) -> bool:
    """Whether what is held pays the ride that its passenger is on: nobody rides for nothing."""
    return rides and charge is not None and charge.is_for(now)


def call_off(
    plan: Plan, charge: Charge | None, now: datetime, tables: Tables, *, rides: bool = False
) -> Decision:
    """Nothing more comes of a plan; `charge`: what is held for its next trip, which is free again.

    Not for who rides already: the ride's end takes it, or the fee.
    """
    if pays_a_ride(charge, now, rides=rides):
        charge = None
    tables.plans.end(plan)
    fact = TripUnscheduled(trip=str(plan.trip), plan=str(plan.id), person=plan.person, at=now)
    decision = nothing().cancel(*plan_timers(plan.id)).emit(Emit(EVENTS, fact.trip, fact))
    return decision.with_all(charging.give_back(charge, now, tables))


async def was_made(person: str, charge: Charge | None, now: datetime, tables: Tables) -> Decision:
    """A planned trip was made before its time came: it does not begin once more, and its passenger hears so.

    `charge`: the one that paid it, where one did; else it is the next one that may be meant.
    """
    plans = [
        plan
        for plan in await tables.plans.active_for(person)
        if plan.role is Role.PASSENGER and now < plan.due <= now + EARLY
        and (charge is None or plan.trip == charge.trip)
    ]  # fmt: skip
    if not plans:
        return nothing()
    goes_on, following = move_on(plans[0], now, tables)
    if following is None:
        goes_on = nothing().cancel(*plan_timers(plans[0].id))
    buttons = (button(words.schedule_trip(), "plan"), button(words.my_trips(), "trips"))
    said = Buttons(planning.was_planned(plans[0].due), buttons)
    return goes_on.tell(person, said, TEMPLATE, Moment(plans[0].due))


def _planned(plan: Plan, now: datetime, tables: Tables) -> Decision:
    """The plan's next trip is planned: others hear of it, and its price is held."""
    return nothing().emit(scheduled(plan, now)).with_all(charging.begin(plan, now, tables))


def scheduled(plan: Plan, now: datetime) -> Emit:
    """The fact that the plan's next trip is planned."""
    fact = TripScheduled(
        trip=str(plan.trip),
        plan=str(plan.id),
        person=plan.person,
        role=plan.role.value,
        vehicle=plan.vehicle.value,
        due=plan.due,
        recurrence=plan.recurrence.value,
        pickup=plan.pickup,
        dropoff=plan.dropoff,
        estimate_rwf=plan.estimate_rwf,
        at=now,
    )
    return Emit(EVENTS, fact.trip, fact)


def price(plan: Plan) -> Text | None:
    """What the trip costs about; None where no destination is known."""
    if plan.dropoff is None:
        return None
    return seeking.agree_on_price() if plan.estimate_rwf is None else seeking.about(rwf(plan.estimate_rwf))


def _new_plan(turn: Turn, draft: Draft, again: Recurrence) -> Plan:
    return Plan(
        id=turn.new_id("plan"),
        person=turn.person,
        role=draft.role,
        vehicle=draft.vehicle,
        pickup=draft.pickup,
        dropoff=draft.dropoff,
        recurrence=again,
        estimate_rwf=estimate_rwf(draft.vehicle, draft.pickup, draft.dropoff),
        trip=turn.new_id("planned trip"),
        due=first_time(draft.when, again, turn.now),
    )


def _saved(plan: Plan, now: datetime) -> Buttons:
    remind_at = reminder_time(plan.due, now)
    body = words.lines(
        planning.saved(plan.vehicle, plan.due, plan.recurrence),
        price(plan),
        planning.reminder_at(remind_at) if remind_at else None,
    )
    if plan.due <= now:
        return Buttons(body, (look_around(plan.role), button(words.my_trips(), "trips")))
    return Buttons(body, (button(words.my_trips(), "trips"), cancel_plan(plan.id)))
