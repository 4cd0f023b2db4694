"""What the clock does to trips: a request without an answer lapses, and so does a trip nobody ended."""

from __future__ import annotations

from uuid import UUID

from consumers.domain import Context, Decision, nothing
from consumers.mobility.domain import mobility
from consumers.mobility.flows.changing import Step, carry_out
from consumers.mobility.rules.lifecycle import UNDER_WAY, Action, State, next_state
from consumers.mobility.rules.people import Role
from consumers.mobility.store.tables import Tables
from schemas.events.mobility import RequestExpired, TripForgotten


@mobility.handles(RequestExpired)
async def request_expired(expired: RequestExpired, context: Context, tables: Tables) -> Decision:
    """Both are told, and whoever asked sees whom else they can ask."""
    return await lapse(expired.trip, frozenset({State.REQUESTED}), context, tables)


@mobility.handles(TripForgotten)
async def trip_forgotten(forgotten: TripForgotten, context: Context, tables: Tables) -> Decision:
    """Both are told, and are free again."""
    return await lapse(forgotten.trip, UNDER_WAY, context, tables)


async def lapse(trip_id: str, states: frozenset[State], context: Context, tables: Tables) -> Decision:
    """End a trip, if it still is in one of these states: a timer may come late, or twice."""
    trip = await tables.trips.find(UUID(trip_id))
    state = next_state(trip.state, Action.LAPSE, None, trip.proposer) if trip else None
    if trip is None or state is None or trip.state not in states:
        return nothing()
    outcome = await carry_out(tables, Step(trip, Action.LAPSE, None, state, 0, context.now))
    return outcome.after(nothing(), *Role)
