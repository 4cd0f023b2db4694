"""A driver registers a vehicle: which it is, and its plate."""

from __future__ import annotations

from consumers.domain import Decision, Emit, Turn, ask, done, stay, unclaimed
from consumers.mobility.domain import EVENTS, mobility
from consumers.mobility.flows.lists import vehicle_menu
from consumers.mobility.flows.online import ask_where
from consumers.mobility.rules.driving import read_plate
from consumers.mobility.rules.vehicles import read_vehicle
from consumers.mobility.store.people import Driver
from consumers.mobility.store.tables import Tables
from consumers.mobility.texts import driving
from consumers.replies import Say
from schemas.content import TextSaid
from schemas.events.mobility import DriverRegistered

PLATE = "plate"


@mobility.taps("register")
async def register(turn: Turn) -> Decision:
    return done(vehicle_menu(driving.which_vehicle(), "drive"))


@mobility.taps("drive")
async def vehicle_chosen(turn: Turn) -> Decision:
    vehicle = read_vehicle(turn.argument)
    if vehicle is None:
        return await register(turn)
    return ask(PLATE, Say(driving.which_plate()), drives=vehicle.value)


@mobility.at(PLATE, expects=TextSaid)
async def plate_given(turn: Turn, tables: Tables) -> Decision:
    """Registered at once; what comes next is to go online."""
    vehicle, plate = read_vehicle(turn.data.get("drives")), read_plate(turn.text)
    if vehicle is None:
        return await register(turn)
    if plate is None:
        return unclaimed(Say(driving.wrong_plate()))
    known = await tables.people.driver(turn.person)
    recent = await tables.people.recent(turn.person, turn.now)
    standing = await tables.subscriptions.standing(turn.person)
    insured_until = known.insured_until if known and known.plate == plate else None
    driver = Driver(turn.person, vehicle, plate, insured_until)
    tables.people.register(driver)
    tables.people.remember(turn)
    fact = DriverRegistered(person=turn.person, vehicle=vehicle.value, plate=plate, at=turn.now)
    first = driving.registered(vehicle, plate)
    next_question = ask_where(driver, standing, recent, turn.now, first=first)
    return next_question.emit(Emit(EVENTS, fact.person, fact))


@mobility.at(PLATE)
async def no_plate(turn: Turn) -> Decision:
    return stay(Say(driving.which_plate()))
