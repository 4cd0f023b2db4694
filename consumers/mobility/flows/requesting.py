"""One side asks the other for a trip."""

from __future__ import annotations

from uuid import UUID

from consumers.domain import Decision, Emit, Turn
from consumers.mobility.domain import EVENTS, mobility
from consumers.mobility.flows.answers import aside, button
from consumers.mobility.flows.seeking import ask_pickup
from consumers.mobility.flows.timers import request_expires
from consumers.mobility.flows.views import Sides, chat_link, read_sides, request, trip_reference
from consumers.mobility.rules.cells import distance_m
from consumers.mobility.rules.fares import estimate_rwf
from consumers.mobility.rules.lifecycle import UNDER_WAY, State
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import USUAL_VEHICLE
from consumers.mobility.store.presences import Presence
from consumers.mobility.store.tables import Tables
from consumers.mobility.store.trips import Trip
from consumers.mobility.texts import driving, words
from consumers.mobility.texts import trips as say
from consumers.replies import Buttons
from schemas.events.mobility import TripRequested

TEMPLATE = "trip_request"


@mobility.taps("ask_driver")
async def ask_driver(turn: Turn, tables: Tables) -> Decision:
    """A passenger chose a driver from the list."""
    passenger = await tables.presences.find(turn.person, Role.PASSENGER)
    if passenger is None or not passenger.is_fresh(turn.now):
        recent = await tables.people.recent(turn.person, turn.now)
        return ask_pickup(recent.vehicle if recent else USUAL_VEHICLE, recent)
    driver = await tables.presences.find(turn.argument, Role.DRIVER)
    if driver is None or not _fit(passenger, driver, turn):
        return aside(turn, Buttons(say.driver_gone(), (button(words.other_drivers(), "drivers"),)))
    return await propose(turn, passenger, driver, Role.PASSENGER, tables)


@mobility.taps("ask_passenger")
async def ask_passenger(turn: Turn, tables: Tables) -> Decision:
    """A driver who is online chose a passenger from the list."""
    driver = await tables.presences.find(turn.person, Role.DRIVER)
    if driver is None or not driver.is_fresh(turn.now):
        return aside(turn, Buttons(driving.go_online_again(), (button(words.go_online(), "online"),)))
    passenger = await tables.presences.find(turn.argument, Role.PASSENGER)
    if passenger is None or not _fit(passenger, driver, turn):
        return aside(turn, Buttons(say.passenger_gone(), (button(words.see_passengers(), "passengers"),)))
    return await propose(turn, passenger, driver, Role.DRIVER, tables)


async def propose(
    turn: Turn, passenger: Presence, driver: Presence, proposer: Role, tables: Tables
) -> Decision:
    """Ask the other side, who has two minutes to answer."""
    bound_by = await commitment(tables, turn.person)
    if bound_by:
        return already_bound(turn, bound_by)
    sides = await read_sides(tables, passenger.person, driver.person)
    trip = _new_trip(turn, passenger, driver, proposer)
    tables.people.remember(turn)
    tables.trips.add(trip)
    metres = distance_m(passenger.place, driver.place)
    return _asked(turn, trip, sides, metres).schedule(request_expires(trip)).emit(_fact(trip))


async def commitment(tables: Tables, person: str, besides: UUID | None = None) -> Trip | None:
    """The trip that binds a person: one under way, or one they asked for that waits for its answer.

    Who is only asked is not bound. So whoever asks stays free until the answer, and everything that binds a
    person happens in a turn of their own, under their own lock.
    """
    for trip in await tables.trips.open_for(person):
        asked = trip.state is State.REQUESTED and trip.role_of(person) is trip.proposer
        if trip.id != besides and (asked or trip.state in UNDER_WAY):
            return trip
    return None


def already_bound(turn: Turn, trip: Trip) -> Decision:
    """One trip at a time."""
    see = button(say.see_trip(), "trip", trip.id)
    return aside(turn, Buttons(say.committed(trip_reference(trip)), (see,)))


def _fit(passenger: Presence, driver: Presence, turn: Turn) -> bool:
    asked = driver if turn.person == passenger.person else passenger
    return (
        asked.is_free(turn.now) and passenger.vehicle is driver.vehicle and passenger.person != driver.person
    )


def _new_trip(turn: Turn, passenger: Presence, driver: Presence, proposer: Role) -> Trip:
    return Trip(
        id=turn.new_id("trip"),
        state=State.REQUESTED,
        proposer=proposer,
        passenger=passenger.person,
        driver=driver.person,
        vehicle=driver.vehicle,
        pickup=passenger.place,
        dropoff=passenger.dropoff,
        estimate_rwf=estimate_rwf(driver.vehicle, passenger.place, passenger.dropoff),
        requested_at=turn.now,
    )


def _asked(turn: Turn, trip: Trip, sides: Sides, metres: float) -> Decision:
    role = trip.proposer
    name = trip_reference(trip)
    body = say.asked(sides.name_of(role.other), name)
    mine = Buttons(body, (button(say.withdraw(), "cancel", trip.id),))
    return aside(turn, mine, *chat_link(trip, role, sides)).tell(
        trip.person_in(role.other), request(trip, sides, metres), TEMPLATE, sides.name_of(role), name
    )


def _fact(trip: Trip) -> Emit:
    fact = TripRequested(
        trip=str(trip.id),
        passenger=trip.passenger,
        driver=trip.driver,
        at=trip.requested_at,
        proposer=trip.proposer.value,
        vehicle=trip.vehicle.value,
        pickup=trip.pickup,
        dropoff=trip.dropoff,
        estimate_rwf=trip.estimate_rwf,
    )
    return Emit(EVENTS, fact.trip, fact)
