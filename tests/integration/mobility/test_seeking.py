"""A passenger looks for a driver nearby."""

from __future__ import annotations

from schemas.content import LocationRequestContent
from tests.integration.mobility.conftest import drives, looks_for_ride
from tests.integration.mobility.town import Citizen, Town


async def test_book_ride_asks_for_the_pickup_at_once(town: Town) -> None:
    aline = town.arrives("aline")
    await aline.says("book ride")
    assert isinstance(aline.heard[0], LocationRequestContent)
    assert aline.heard[0].body == "Where should we pick you up?"
    aline.hears("Moto")


async def test_a_driver_is_found(town: Town, driver: Citizen) -> None:
    aline = town.arrives("aline")
    await aline.says("book ride")
    await aline.shares(-1.9500, 30.0619)
    aline.hears("Where are you going?")
    await aline.shares(-1.9686, 30.1395)
    aline.hears("Drivers near you", "about RWF", "VAT included", "+250****000 · ", "650 m", "RAA123C")
    assert len(aline.rows()) == 1


async def test_the_vehicle_that_was_named_is_looked_for(town: Town, driver: Citizen) -> None:
    cab = await drives(town, "eric", -1.9441, 30.0619, vehicle="Cab", plate="RAB2B")
    aline = town.arrives("aline")
    await aline.says("I need a taxi")
    aline.hears("We look for this vehicle: Cab")
    await aline.shares(-1.9441, 30.0619)
    await aline.taps("Skip")
    aline.hears("Drivers near you", "RAB2B")
    assert "RAA123C" not in aline.last()
    assert cab.heard


async def test_the_nearest_come_first_and_nine_at_most(town: Town) -> None:
    for place in range(12):
        await drives(
            town, f"driver{place}", -1.9441 - 0.004 * (12 - place), 30.0619, plate=f"RAA{place:02d}A"
        )
    aline = town.arrives("aline")
    await looks_for_ride(aline, -1.9441, 30.0619)
    assert len(aline.rows()) == 9
    shown = [line.split(" · ")[-1] for line in aline.last().splitlines() if "RAA" in line]
    assert shown == [f"RAA{place:02d}A" for place in range(11, 2, -1)]


async def test_among_equals_whoever_was_seen_last_comes_first(town: Town) -> None:
    await drives(town, "early", -1.9441, 30.0619, plate="RAA111A")
    await town.passes(minutes=5)
    await drives(town, "late", -1.9441, 30.0619, plate="RAA222A")
    aline = town.arrives("aline")
    await looks_for_ride(aline, -1.9441, 30.0620)
    assert aline.last().index("RAA222A") < aline.last().index("RAA111A")
    aline.hears("just now", "5 min ago")


async def test_ten_kilometres_are_near_and_eleven_are_not(town: Town) -> None:
    await drives(town, "near", -1.9441 + 0.0895, 30.0619, plate="RAA111A")  # 9.95 km
    await drives(town, "far", -1.9441 + 0.0905, 30.0619, plate="RAA222A")  # 10.06 km
    aline = town.arrives("aline")
    await looks_for_ride(aline, -1.9441, 30.0619)
    aline.hears("RAA111A", "10.0 km")
    assert "RAA222A" not in aline.last()


async def test_a_driver_who_said_nothing_for_half_an_hour_is_not_found(town: Town, driver: Citizen) -> None:
    aline = town.arrives("aline")
    del town.timers["presence:driver:jean"]  # even where the timer is late
    await town.passes(minutes=30)
    await looks_for_ride(aline, -1.9441, 30.0619)
    aline.hears("Nobody is online within 10 km with this vehicle: Moto")
    await aline.taps("Schedule a trip")
    aline.hears("Let us plan a trip")


async def test_the_last_vehicle_and_place_are_offered_for_half_an_hour(town: Town) -> None:
    aline = town.arrives("aline")
    await aline.says("nearby")
    await aline.taps("Truck")
    await aline.shares(-1.9441, 30.0619)
    await town.passes(minutes=29)
    await aline.says("book ride")
    aline.hears("We look for this vehicle: Truck")
    await aline.taps("Same place")
    aline.hears("Where are you going?")
    await aline.says("nearby")
    assert aline.rows()[0] == "Same as last time"
    await aline.taps("Same as last time")
    assert town.conversations["aline"].data == {"vehicle": "truck", "pickup": [-1.9441, 30.0619]}
    await town.passes(minutes=31)
    await aline.says("nearby")
    assert aline.rows() == ["Moto", "Cab", "Lifan", "Truck", "Other vehicle"]


async def test_the_vehicle_can_be_changed_on_the_way(town: Town) -> None:
    aline = town.arrives("aline")
    await aline.says("book ride")
    await aline.taps("Change vehicle")
    await aline.taps("Cab")
    aline.hears("Where should we pick you up?")
    aline.hears("Cab")


async def test_a_place_is_asked_for_again_when_something_else_comes(town: Town) -> None:
    aline = town.arrives("aline")
    await aline.says("book ride")
    await aline.sends_photo()
    aline.hears("Please share a place")
    aline.forgets()
    await aline.says("near the church")
    aline.hears("Please share a place")
    await aline.says("my trips")  # another intent is heard all the same
    aline.hears("You have no trips at the moment")


async def test_skip_can_be_typed(town: Town, driver: Citizen) -> None:
    aline = town.arrives("aline")
    await aline.says("book ride")
    await aline.shares(-1.9441, 30.0619)
    await aline.says("skip")
    aline.hears("Drivers near you")


async def test_an_old_tap_begins_anew(town: Town) -> None:
    aline = town.arrives("aline")
    await aline.taps_id("mobility:skip")
    aline.hears("That was a while ago")
    aline.hears("Where should we pick you up?")
    await aline.taps_id("mobility:here:cab")
    aline.hears("We look for this vehicle: Cab")
    await aline.taps_id("mobility:ride:spaceship")
    aline.hears("We look for this vehicle: Moto")
    await aline.taps_id("mobility:drivers")
    aline.hears("Where should we pick you up?")


async def test_everything_is_said_in_the_language_of_the_person(town: Town, driver: Citizen) -> None:
    for locale, words in (("fr", "Chauffeurs près de vous"), ("rw", "Abashoferi bari hafi yanyu")):
        aline = town.arrives(f"aline-{locale}", locale=locale)
        await aline.says("taxi moto")
        await aline.shares(-1.9441, 30.0619)
        await aline.says("passer")
        aline.hears(words, "RAA123C")
