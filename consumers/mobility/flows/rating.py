"""The passenger gives the driver one to five stars, once."""

from __future__ import annotations

from consumers.domain import Decision, Emit, Turn
from consumers.mobility.domain import EVENTS, mobility
from consumers.mobility.flows.answers import aside, next_steps, read_id
from consumers.mobility.flows.views import next_for
from consumers.mobility.rules.lifecycle import State
from consumers.mobility.rules.people import Role
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import trips as say
from schemas.events.mobility import TripRated

STARS = frozenset("12345")


@mobility.taps("rate")
async def rate(turn: Turn, tables: Tables) -> Decision:
    name, _, stars = turn.argument.partition(".")
    trip_id = read_id(name)
    trip = await tables.trips.find(trip_id) if trip_id and stars in STARS else None
    if trip is None or trip.passenger != turn.person or trip.state is not State.COMPLETED:
        return aside(turn, next_steps(say.unknown_trip()))
    if trip.rating is not None:
        return aside(turn, next_for(Role.PASSENGER, say.rated_before()))
    tables.trips.rate(trip, int(stars))
    tables.people.add_stars(trip.driver, int(stars))
    fact = TripRated(
        trip=str(trip.id), passenger=trip.passenger, driver=trip.driver, at=turn.now, stars=int(stars)
    )
    answer = aside(turn, next_for(Role.PASSENGER, say.rated(int(stars))))
    return answer.emit(Emit(EVENTS, fact.trip, fact))
