"""Drivers go online for half an hour, so that passengers find them, and see passengers nearby."""

from __future__ import annotations

from datetime import datetime

from consumers.domain import Context, Decision, Emit, MenuRow, Turn, ask, done, nothing, stay, unclaimed
from consumers.mobility.domain import EVENTS, mobility
from consumers.mobility.flows.answers import aside, button, heard_at, shared_place
from consumers.mobility.flows.lists import found, neighbours_of, vehicle_menu
from consumers.mobility.flows.subscribing import status, used_up
from consumers.mobility.flows.timers import presence_ends, presence_timer
from consumers.mobility.keywords import GO_ONLINE, NEARBY_PASSENGERS
from consumers.mobility.rules.calendar import KIGALI
from consumers.mobility.rules.driving import ONLINE_FOR, insurance_gap
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.subscribing import Standing
from consumers.mobility.store.people import Driver, Recent
from consumers.mobility.store.presences import Presence
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import driving, seeking, words
from consumers.mobility.texts.subscribing import my_subscription
from consumers.replies import AskLocation, Buttons
from consumers.texts import Renderable
from schemas.content import LocationShared, TextSaid
from schemas.events.mobility import DriverWentOffline, DriverWentOnline, Place, PresenceExpired

WHERE, ONLINE = "driver_where", "driver_online"


@mobility.starts(
    "go_online",
    keywords=GO_ONLINE,
    menu=MenuRow(words.go_online(), driving.menu_online_description(), priority=60),
)
@mobility.taps("online")
async def go_online(turn: Turn, tables: Tables) -> Decision:
    driver = await tables.people.driver(turn.person)
    if driver is None:
        return done(vehicle_menu(driving.which_vehicle(), "drive"))
    recent = await tables.people.recent(turn.person, turn.now)
    standing = await tables.subscriptions.standing(turn.person)
    return ask_where(driver, standing, recent, turn.now)


@mobility.starts(
    "nearby_passengers",
    keywords=NEARBY_PASSENGERS,
    menu=MenuRow(seeking.menu_passengers(), seeking.menu_passengers_description(), priority=80),
)
@mobility.taps("passengers")
async def nearby_passengers(turn: Turn, tables: Tables) -> Decision:
    """Drivers look around from where they are online; who is not, goes online first."""
    presence = await tables.presences.find(turn.person, Role.DRIVER)
    if presence is None or not presence.is_fresh(turn.now):
        return await go_online(turn, tables)
    near = await neighbours_of(presence, tables.presences, turn.now)
    return ask(ONLINE, found(presence, near, turn.now))


def ask_where(
    driver: Driver,
    standing: Standing,
    recent: Recent | None,
    now: datetime,
    *,
    first: Renderable | None = None,
) -> Decision:
    """Ask where the driver is, unless something keeps them off the road; `first` is said before."""
    hindered = hindrance(driver, standing, now, first)
    if hindered:
        return done(hindered)
    buttons = [button(words.change_vehicle(), "register"), button(my_subscription(), "my_subscription")]
    if recent:
        buttons.insert(0, button(words.same_place(), "online_here"))
    body = words.lines(first or driving.you_drive(driver.vehicle, driver.plate), status(standing, now))
    return ask(WHERE, Buttons(body, tuple(buttons)), AskLocation(driving.where_are_you()))


def hindrance(
    driver: Driver, standing: Standing, now: datetime, first: Renderable | None = None
) -> Buttons | None:
    """What keeps a driver from going online, and the way out: insurance, or no pass and no subscription."""
    gap = insurance_gap(driver.insured_until, now.astimezone(KIGALI).date())
    if gap:
        change = button(words.change_vehicle(), "register")
        return Buttons(driving.insurance(gap), (change, button(words.go_online(), "online")))
    return None if standing.may_go_online(now) else used_up(first)


@mobility.at(WHERE, expects=LocationShared)
@mobility.at(ONLINE, expects=LocationShared)
async def location_given(turn: Turn, tables: Tables) -> Decision:
    """Also how a driver who is online tells that they moved."""
    return await be_online(turn, tables, shared_place(turn.location))


@mobility.taps("online_here")
async def location_as_before(turn: Turn, tables: Tables) -> Decision:
    recent = await tables.people.recent(turn.person, turn.now)
    if recent is None:
        return await go_online(turn, tables)
    return await be_online(turn, tables, recent.place)


async def be_online(turn: Turn, tables: Tables, place: Place) -> Decision:
    driver = await tables.people.driver(turn.person)
    seen_at = heard_at(turn)
    until = seen_at + ONLINE_FOR
    standing = await tables.subscriptions.standing(turn.person)
    if driver is None or hindrance(driver, standing, turn.now) or until <= turn.now:
        return await go_online(turn, tables)
    rides = await tables.trips.is_riding(turn.person)
    presence = Presence(turn.person, Role.DRIVER, driver.vehicle, place, seen_at, until)
    tables.people.remember(turn)
    tables.people.choose(turn.person, driver.vehicle, place, turn.now)
    tables.presences.show(presence)
    tables.presences.set_busy(turn.person, rides)
    buttons = (button(words.see_passengers(), "passengers"), button(words.go_offline(), "offline"))
    fact = DriverWentOnline(
        person=turn.person, vehicle=driver.vehicle.value, place=place, until=until, at=turn.now
    )
    return (
        ask(ONLINE, Buttons(driving.online(until), buttons))
        .schedule(presence_ends(presence))
        .emit(Emit(EVENTS, fact.person, fact))
    )


@mobility.at(WHERE, expects=TextSaid)
async def location_typed(turn: Turn) -> Decision:
    return unclaimed(AskLocation(words.share_location()))


@mobility.at(WHERE)
async def no_location(turn: Turn) -> Decision:
    return stay(AskLocation(words.share_location()))


@mobility.taps("offline")
async def go_offline(turn: Turn, tables: Tables) -> Decision:
    presence = await tables.presences.find(turn.person, Role.DRIVER)
    again = Buttons(
        driving.offline(), (button(words.go_online(), "online"), button(words.my_trips(), "trips"))
    )
    answer = done(again) if turn.step in (WHERE, ONLINE) else aside(turn, again)
    if presence is None:
        return answer
    tables.presences.hide(turn.person, Role.DRIVER)
    answer = answer.cancel(presence_timer(turn.person, Role.DRIVER))
    return answer.emit(went_offline(turn.person, "asked", turn.now))


@mobility.handles(PresenceExpired)
async def presence_expired(expired: PresenceExpired, context: Context, tables: Tables) -> Decision:
    """Passengers fade without a word; drivers are told, unless they are on a trip."""
    role = Role(expired.role)
    presence = await tables.presences.find(expired.person, role)
    if presence is None or presence.is_fresh(context.now):
        return nothing()
    tables.presences.hide(expired.person, role)
    if role is Role.PASSENGER:
        return nothing()
    decision = nothing().emit(went_offline(expired.person, "expired", context.now))
    if presence.busy:
        return decision
    again = (button(words.go_online(), "online"), button(words.my_trips(), "trips"))
    return decision.tell(expired.person, Buttons(driving.time_is_over(), again))


def went_offline(person: str, reason: str, now: datetime) -> Emit:
    """The fact that a driver can no longer be found."""
    return Emit(EVENTS, person, DriverWentOffline(person=person, reason=reason, at=now))
