"""What the wallet says of charges for planned trips (and of subscriptions, which `subscribing.py` follows);
what happens when it, or the money, does not come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from consumers.domain import Context, Decision, Turn, nothing
from consumers.mobility.domain import mobility
from consumers.mobility.flows import subscribing
from consumers.mobility.flows.answers import aside, next_steps, read_id
from consumers.mobility.flows.charging import follow
from consumers.mobility.flows.saving import call_off
from consumers.mobility.flows.timers import looked_at_again, presence_timer
from consumers.mobility.rules import charging
from consumers.mobility.rules.calendar import Recurrence
from consumers.mobility.rules.charging import Charge, Move, Word
from consumers.mobility.rules.people import Role
from consumers.mobility.store.tables import Tables, named_in
from consumers.mobility.texts import charging as say
from schemas.events.mobility import ChargeSlow, ChargeUnused, TopUpOver
from schemas.events.wallet import ExpireHold, Posted, Refused


@mobility.handles(Posted)
async def posted(answer: Posted, context: Context, tables: Tables) -> Decision:
    (command,) = named_in(answer)
    charge = await tables.charges.answered(command)
    if charge is None:
        return await subscribing.posted(answer, context, tables)
    if answer.command == ExpireHold.event_type:
        return follow(charging.expired(charge, command), context.now, tables)
    return follow(charging.posted(charge, command), context.now, tables)


@mobility.handles(Refused)
async def refused(answer: Refused, context: Context, tables: Tables) -> Decision:
    charge = await tables.charges.answered(answer.id)
    if charge is None:
        return await subscribing.refused(answer, context, tables)
    rides = await tables.trips.is_riding(charge.person, Role.PASSENGER)
    move = charging.refused(charge, answer.id, answer.reason, context.now, rides=rides)
    return await _follow(move, context.now, tables)


@mobility.handles(ChargeSlow)
async def charge_slow(timer: ChargeSlow, context: Context, tables: Tables) -> Decision:
    charge = await tables.charges.find(UUID(timer.trip))
    return follow(charging.slow(charge) if charge else None, context.now, tables)


@mobility.handles(ChargeUnused)
async def charge_unused(timer: ChargeUnused, context: Context, tables: Tables) -> Decision:
    """Nobody came, or they found each other without us. Who still looks for a ride, or is on one, goes on."""
    charge = await tables.charges.find(UUID(timer.trip))
    move = charging.unused(charge) if charge else None
    if charge is None or move is None:
        return nothing()
    sought = await tables.presences.find(charge.person, Role.PASSENGER)
    trips = [t for t in await tables.trips.open_for(charge.person) if t.passenger == charge.person]
    if trips or (sought and sought.is_fresh(context.now)):
        return nothing().schedule(looked_at_again(charge, context.now))
    return follow(move, context.now, tables)


@mobility.handles(TopUpOver)
async def top_up_over(timer: TopUpOver, context: Context, tables: Tables) -> Decision:
    charge = await tables.charges.find(UUID(timer.trip))
    if charge is None:
        return nothing()
    rides = await tables.trips.is_riding(charge.person, Role.PASSENGER)
    return await _follow(charging.lapse(charge, context.now, rides=rides), context.now, tables)


@mobility.taps("pay")
async def pay(turn: Turn, tables: Tables) -> Decision:
    """The passenger has topped up."""
    charge = await _own_charge(turn, tables)
    move = charging.try_again(charge) if charge else None
    if move is None:
        return aside(turn, next_steps(say.settled()))
    return aside(turn, next_steps(say.asked_again())).with_all(follow(move, turn.now, tables))


async def _own_charge(turn: Turn, tables: Tables) -> Charge | None:
    trip = read_id(turn.argument)
    charge = await tables.charges.find(trip) if trip else None
    return charge if charge and charge.person == turn.person else None


async def _follow(move: Move | None, now: datetime, tables: Tables) -> Decision:
    """The same, and where the charge lapsed, its trip does."""
    gone = await _trip_lapses(move.charge, now, tables) if move and move.word is Word.LAPSED else nothing()
    return gone.with_all(follow(move, now, tables))


async def _trip_lapses(charge: Charge, now: datetime, tables: Tables) -> Decision:
    """Nothing comes of this one trip."""
    plan = await tables.plans.find(charge.plan)
    if plan is None or not plan.active or plan.trip != charge.trip:
        return await _is_looked_for_no_more(charge, tables)
    if plan.recurrence is Recurrence.ONCE:
        return call_off(plan, None, now, tables)
    # The next one is planned when this one's time has come: an empty wallet would lose one after the other.
    return nothing()


async def _is_looked_for_no_more(charge: Charge, tables: Tables) -> Decision:
    """The trip had begun: no driver is to come for a passenger who cannot pay, unless one has come."""
    if await tables.trips.is_riding(charge.person):
        return nothing()
    tables.presences.hide(charge.person, Role.PASSENGER)
    return nothing().cancel(presence_timer(charge.person, Role.PASSENGER))
