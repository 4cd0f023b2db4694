"""A passenger looks for a driver nearby: vehicle, pickup, destination, and up to nine to choose from."""

from __future__ import annotations

from consumers.domain import Decision, MenuRow, Turn, ask, done, stay, unclaimed
from consumers.mobility.domain import mobility
from consumers.mobility.flows.answers import aside, button, heard_at, read_place, remembered, shared_place
from consumers.mobility.flows.lists import found, neighbours_of, vehicle_menu
from consumers.mobility.flows.timers import presence_ends
from consumers.mobility.keywords import BOOK_RIDE, NEARBY_DRIVERS
from consumers.mobility.rules.driving import ONLINE_FOR
from consumers.mobility.rules.people import Role, wants_to_skip
from consumers.mobility.rules.vehicles import USUAL_VEHICLE, Vehicle, read_vehicle, vehicle_named
from consumers.mobility.store.people import Recent
from consumers.mobility.store.presences import Presence
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import seeking, words
from consumers.replies import AskLocation, Buttons, Reply, Row, Say
from schemas.content import LocationShared, TextSaid
from schemas.events.mobility import Place

PICKUP, DROPOFF = "pickup", "dropoff"


@mobility.starts("book_ride", keywords=BOOK_RIDE)
async def book_ride(turn: Turn, tables: Tables) -> Decision:
    """The shortest way: the vehicle that was named, or taken last, or a moto; it can be changed."""
    recent = await tables.people.recent(turn.person, turn.now)
    named = vehicle_named(turn.text) if isinstance(turn.said, TextSaid) else None
    return ask_pickup(named or (recent.vehicle if recent else USUAL_VEHICLE), recent)


@mobility.starts(
    "nearby_drivers",
    keywords=NEARBY_DRIVERS,
    menu=MenuRow(seeking.menu_drivers(), seeking.menu_drivers_description(), priority=90),
)
@mobility.taps("vehicles")
async def nearby_drivers(turn: Turn, tables: Tables) -> Decision:
    recent = await tables.people.recent(turn.person, turn.now)
    if recent is None:
        return done(vehicle_menu(seeking.choose_vehicle(), "ride"))
    again = Row(
        mobility.tap("here", recent.vehicle),
        seeking.as_last_time(),
        seeking.as_last_time_description(recent.vehicle),
    )
    return done(vehicle_menu(seeking.choose_vehicle(), "ride", again))


@mobility.taps("ride")
async def vehicle_chosen(turn: Turn, tables: Tables) -> Decision:
    recent = await tables.people.recent(turn.person, turn.now)
    return ask_pickup(read_vehicle(turn.argument) or USUAL_VEHICLE, recent)


def ask_pickup(vehicle: Vehicle, recent: Recent | None) -> Decision:
    """Ask where the passenger is; the place they named last is one tap away."""
    buttons = [button(words.change_vehicle(), "vehicles"), button(words.schedule_trip(), "plan")]
    if recent:
        buttons.insert(0, button(words.same_place(), "here", vehicle))
    return ask(
        PICKUP,
        AskLocation(seeking.where_pickup()),
        Buttons(seeking.looking_for(vehicle), tuple(buttons)),
        vehicle=vehicle.value,
        pickup=None,
    )


@mobility.at(PICKUP, expects=LocationShared)
async def pickup_given(turn: Turn, tables: Tables) -> Decision:
    return ask_dropoff(turn, tables, _vehicle(turn), shared_place(turn.location))


@mobility.taps("here")
async def pickup_as_before(turn: Turn, tables: Tables) -> Decision:
    vehicle = read_vehicle(turn.argument) or _vehicle(turn)
    recent = await tables.people.recent(turn.person, turn.now)
    if recent is None:
        return ask_pickup(vehicle, None)
    return ask_dropoff(turn, tables, vehicle, recent.place)


def ask_dropoff(turn: Turn, tables: Tables, vehicle: Vehicle, pickup: Place) -> Decision:
    tables.people.choose(turn.person, vehicle, pickup, turn.now)
    return ask(
        DROPOFF,
        AskLocation(seeking.where_to()),
        Buttons(seeking.may_skip_destination(), (button(words.skip(), "skip"),)),
        vehicle=vehicle.value,
        pickup=remembered(pickup),
    )


@mobility.at(DROPOFF, expects=LocationShared)
async def dropoff_given(turn: Turn, tables: Tables) -> Decision:
    return await search(turn, shared_place(turn.location), tables)


@mobility.taps("skip")
async def dropoff_skipped(turn: Turn, tables: Tables) -> Decision:
    return await search(turn, None, tables)


@mobility.at(DROPOFF, expects=TextSaid)
async def dropoff_typed(turn: Turn, tables: Tables) -> Decision:
    if wants_to_skip(turn.text):
        return await search(turn, None, tables)
    return unclaimed(AskLocation(words.share_location()))


@mobility.at(PICKUP, expects=TextSaid)
async def pickup_typed(turn: Turn) -> Decision:
    return unclaimed(AskLocation(words.share_location()))


@mobility.at(PICKUP)
@mobility.at(DROPOFF)
async def no_place(turn: Turn) -> Decision:
    return stay(AskLocation(words.share_location()))


async def search(turn: Turn, dropoff: Place | None, tables: Tables) -> Decision:
    """Look for drivers around the pickup, and let them find the passenger too."""
    pickup = read_place(turn.data, "pickup")
    if turn.step != DROPOFF or pickup is None:
        return begin_anew(_vehicle(turn), await tables.people.recent(turn.person, turn.now))
    sought = passenger_at(turn, _vehicle(turn), pickup, dropoff)
    return await show_drivers(turn, sought, tables)


def begin_anew(vehicle: Vehicle, recent: Recent | None) -> Decision:
    """An old tap, after what it answered was forgotten."""
    question = ask_pickup(vehicle, recent)
    replies: tuple[Reply, ...] = (Say(words.question_too_old()), *question.replies)
    return ask(PICKUP, *replies, **(question.data or {}))


@mobility.taps("drivers")
async def search_again(turn: Turn, tables: Tables) -> Decision:
    """Again from the place of the last search, while it is fresh."""
    last = await tables.presences.find(turn.person, Role.PASSENGER)
    if last is None or not last.is_fresh(turn.now):
        recent = await tables.people.recent(turn.person, turn.now)
        return ask_pickup(recent.vehicle if recent else USUAL_VEHICLE, recent)
    sought = passenger_at(turn, last.vehicle, last.place, last.dropoff)
    return await show_drivers(turn, sought, tables)


async def show_drivers(turn: Turn, sought: Presence, tables: Tables) -> Decision:
    near = await neighbours_of(sought, tables.presences, turn.now)
    rides = await tables.trips.is_riding(turn.person)
    tables.people.remember(turn)
    tables.presences.show(sought)
    tables.presences.set_busy(turn.person, rides)
    reply = found(sought, near, turn.now)
    decision = done(reply) if turn.step in (PICKUP, DROPOFF) else aside(turn, reply)
    return decision.schedule(presence_ends(sought))


def passenger_at(turn: Turn, vehicle: Vehicle, pickup: Place, dropoff: Place | None) -> Presence:
    """The passenger who speaks, as drivers can find them from now on."""
    seen_at = heard_at(turn)
    return Presence(turn.person, Role.PASSENGER, vehicle, pickup, seen_at, seen_at + ONLINE_FOR, dropoff)


def _vehicle(turn: Turn) -> Vehicle:
    return read_vehicle(turn.data.get("vehicle")) or USUAL_VEHICLE
