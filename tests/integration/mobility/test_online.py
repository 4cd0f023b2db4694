"""Drivers register and go online."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from consumers.mobility.flows import online
from consumers.mobility.rules.driving import insurance_gap
from schemas.events.mobility import DriverRegistered, DriverWentOffline, DriverWentOnline, TripAccepted
from tests.integration.mobility.conftest import looks_for_ride
from tests.integration.mobility.town import Citizen, Town

KIGALI = (-1.9441, 30.0619)


async def test_a_new_driver_registers_first(town: Town) -> None:
    jean = town.arrives("jean")
    await jean.says("go online")
    jean.hears("Which vehicle do you drive?")
    await jean.taps("Moto")
    jean.hears("What is your plate number?")
    await jean.says("hello there")
    jean.hears("A plate has 4 to 10 letters and digits")
    await jean.sends_photo()
    jean.hears("What is your plate number?")
    await jean.says(" raa 123-c ")
    jean.hears("You are registered: Moto, plate RAA123C")
    await jean.says("at the market")
    jean.hears("Please share a place")
    await jean.sends_photo()
    await jean.shares(*KIGALI)
    jean.hears("You are online until 10:30")
    registered = town.emitted(DriverRegistered)
    assert [(each.vehicle, each.plate) for each in registered] == [("moto", "RAA123C")]


async def test_sharing_a_new_place_moves_the_driver(town: Town, driver: Citizen) -> None:
    await town.passes(minutes=10)
    await driver.shares(-2.5967, 29.7394)  # Huye
    driver.hears("You are online until 10:40")
    aline = town.arrives("aline")
    await looks_for_ride(aline, *KIGALI)
    aline.hears("Nobody is online")
    await looks_for_ride(aline, -2.5967, 29.7394)
    aline.hears("Drivers near you")
    assert len(town.emitted(DriverWentOnline)) == 2


async def test_half_an_hour_later_the_driver_is_told(town: Town, driver: Citizen) -> None:
    await town.passes(minutes=20)
    await driver.shares(*KIGALI)
    await town.passes(minutes=29)
    assert "are over" not in driver.last()
    await town.passes(minutes=2)
    driver.hears("Your 30 minutes online are over")
    assert [each.reason for each in town.emitted(DriverWentOffline)] == ["expired"]
    await driver.taps("Go online")
    driver.hears("You drive: Moto, plate RAA123C")


async def test_on_a_trip_the_end_of_the_half_hour_is_not_mentioned(town: Town, driver: Citizen) -> None:
    aline = town.arrives("aline")
    await looks_for_ride(aline, *KIGALI)
    await aline.taps("+250****000")
    await driver.taps("Accept")
    await town.passes(minutes=40)
    driver.hears("waits for you")
    assert "are over" not in driver.last()
    assert town.emitted(TripAccepted)


async def test_going_offline(town: Town, driver: Citizen) -> None:
    await driver.taps("Go offline")
    driver.hears("You are offline")
    assert not town.timers
    assert [each.reason for each in town.emitted(DriverWentOffline)] == ["asked"]
    await driver.taps("Go offline")  # an old button
    driver.hears("You are offline")
    assert len(town.emitted(DriverWentOffline)) == 1
    await driver.taps("Go online")
    await driver.taps("Same place")
    driver.hears("You are online until")


async def test_the_place_is_forgotten_after_half_an_hour(town: Town, driver: Citizen) -> None:
    await driver.taps("Go offline")
    await town.passes(minutes=31)
    await driver.taps_id("mobility:online_here")
    driver.hears("Share where you are")


async def test_changing_the_vehicle_keeps_the_stars(town: Town, driver: Citizen) -> None:
    await town.connection.execute("UPDATE drivers SET stars = 9, ratings = 2")
    await driver.says("go online")
    await driver.taps("Change vehicle")
    await driver.taps("Cab")
    await driver.says("RAB222B")
    await driver.shares(*KIGALI)
    aline = town.arrives("aline")
    await aline.says("cab")
    await aline.shares(*KIGALI)
    await aline.taps("Skip")
    aline.hears("RAB222B", "★ 4.5")


async def test_drivers_see_passengers_who_look_for_their_vehicle(town: Town, driver: Citizen) -> None:
    await driver.taps("See passengers")
    driver.hears("Nobody near you looks for a ride")
    aline = town.arrives("aline")
    await looks_for_ride(aline, -1.9481, 30.0619)
    boris = town.arrives("boris")
    await boris.says("truck ride")
    await boris.shares(*KIGALI)
    await boris.taps("Skip")
    await driver.taps("Search again")
    driver.hears("Passengers near you", "+250****001", "450 m", "just now")
    assert len(driver.rows()) == 1


async def test_passengers_are_seen_only_by_drivers_who_are_online(town: Town) -> None:
    jean = town.arrives("jean")
    await jean.says("nearby passengers")
    jean.hears("Which vehicle do you drive?")


async def test_a_driver_who_was_never_online_cannot_offer(town: Town) -> None:
    jean, aline = town.arrives("jean"), town.arrives("aline")
    await looks_for_ride(aline, *KIGALI)
    await jean.taps_id("mobility:ask_passenger:aline")
    jean.hears("Go online, and passengers can find you")


async def test_old_taps_of_registration(town: Town) -> None:
    jean = town.arrives("jean")
    await jean.taps_id("mobility:drive:tank")
    jean.hears("Which vehicle do you drive?")
    await jean.taps_id("mobility:online_here")
    jean.hears("Which vehicle do you drive?")
    town.conversations["jean"].step = "plate"  # its answers are gone
    await jean.says("RAA123C")
    jean.hears("Which vehicle do you drive?")


async def test_a_place_that_was_long_under_way_puts_nobody_online(town: Town, driver: Citizen) -> None:
    await driver.taps("Go offline")
    await driver.taps("Go online")
    town.held_up = timedelta(minutes=10)
    await driver.shares(*KIGALI)
    driver.hears("You are online until 10:20")
    town.held_up = timedelta(hours=2)
    await driver.shares(-2.5967, 29.7394)
    driver.hears("Share where you are")


async def test_an_insurance_that_is_missing_keeps_the_driver_off_the_road(
    town: Town, driver: Citizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is required: see rules/driving.py."""
    monkeypatch.setattr(online, "insurance_gap", partial(insurance_gap, required=True))
    await driver.taps("Go offline")
    await driver.taps("Go online")
    driver.hears("please send us the insurance of your vehicle")
    await town.connection.execute("UPDATE drivers SET insured_until = '2025-08-04'")
    await driver.taps("Go online")
    driver.hears("The insurance of your vehicle has expired")
    await town.connection.execute("UPDATE drivers SET insured_until = '2025-08-05'")
    await driver.taps("Go online")
    driver.hears("Share where you are")
