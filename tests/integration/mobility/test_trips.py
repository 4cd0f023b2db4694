"""The life of a trip, as both sides see it."""

from __future__ import annotations

from uuid import UUID

import pytest

from schemas.content import LinkContent, ListContent, LocationContent
from schemas.events.mobility import (
    DriverArrived,
    RequestExpired,
    TripAccepted,
    TripCancelled,
    TripCompleted,
    TripDeclined,
    TripForgotten,
    TripLapsed,
    TripRated,
    TripRequested,
    TripStarted,
)
from tests.integration.mobility.conftest import drives, looks_for_ride
from tests.integration.mobility.town import Citizen, Town, taps_of

KIGALI = (-1.9441, 30.0619)


@pytest.fixture
async def aline(town: Town, driver: Citizen) -> Citizen:
    """Aline sees Jean in her list."""
    citizen = town.arrives("aline")
    await looks_for_ride(citizen, *KIGALI)
    return citizen


@pytest.fixture
async def asked(aline: Citizen) -> Citizen:
    """She asks him."""
    await aline.taps("+250****000")
    return aline


async def test_a_trip_from_request_to_rating(town: Town, asked: Citizen, driver: Citizen) -> None:
    asked.hears("We asked +250****000 · ")
    driver.hears("+250****001 · ", "asks you for a ride", "50 m")
    await driver.taps("Accept")
    assert any(isinstance(content, LocationContent) for content in driver.heard)
    asked.hears("is on the way to you", "Plate: RAA123C")
    await driver.taps("I have arrived")
    asked.hears("Your driver has arrived", "RAA123C")
    await driver.taps("Start the trip")
    asked.hears("Your trip has started")
    await driver.taps("Complete the trip")
    driver.hears("is completed")
    asked.hears("How was your trip with +250****000")
    assert asked.rows() == ["★★★★★", "★★★★", "★★★", "★★", "★"]
    await asked.taps("★★★★")
    asked.hears("You gave 5 of 5 stars")
    facts = [type(event) for event in town.events if getattr(event, "trip", None)]
    assert facts == [
        TripRequested,
        TripAccepted,
        DriverArrived,
        TripStarted,
        TripCompleted,
        TripRated,
    ]
    assert not [name for name in town.timers if name.startswith("trip:")]
    assert ("jean", "trip_request") in town.templates
    assert ("aline", "trip_update") in town.templates


async def test_stars_are_shown_to_the_next_passenger(town: Town, asked: Citizen, driver: Citizen) -> None:
    for title in ("Accept", "I have arrived", "Start the trip", "Complete the trip"):
        await driver.taps(title)
    await asked.taps("★★★")
    await asked.taps("★★★")
    asked.hears("You have rated this trip already")
    await looks_for_ride(town.arrives("boris"), *KIGALI)
    town.people["boris"].hears("★ 5.0")
    assert len(town.emitted(TripRated)) == 1


async def test_links_open_a_chat_with_a_prepared_text(asked: Citizen, driver: Citizen) -> None:
    link = asked.hears("https://wa.me/250788000000")
    assert isinstance(link, LinkContent)
    assert "text=Hello%2C%20I%20asked%20you%20for%20a%20ride" in link.url
    assert "250788000000" not in link.body
    await driver.taps("Accept")
    driver.hears("https://wa.me/250788000001", "I%20am%20the%20driver")


async def test_without_a_number_there_is_no_link(town: Town, driver: Citizen) -> None:
    username = town.arrives("username", phone="")
    await looks_for_ride(username, *KIGALI)
    await username.taps("+250****000")
    await driver.taps("Accept")
    driver.hears("EasyMO · ", "waits for you")
    assert not any(isinstance(content, LinkContent) for content in driver.heard)


async def test_a_request_without_an_answer_lapses_and_the_others_are_shown(
    town: Town, driver: Citizen
) -> None:
    await drives(town, "eric", -1.9451, 30.0619, plate="RAB222B")
    aline = town.arrives("aline")
    await looks_for_ride(aline, *KIGALI)
    await aline.taps("+250****000")
    aline.forgets()
    await town.passes(minutes=1, seconds=59)
    assert not aline.heard
    await town.passes(seconds=2)
    aline.hears("+250****000", "did not answer in time")
    aline.hears("Drivers near you", "RAB222B")
    assert "RAA123C" not in aline.last()
    driver.hears("has expired")
    await driver.taps("Accept")
    driver.hears("That is not possible now")
    assert len(town.emitted(TripLapsed)) == 1
    await aline.taps("+250****001")
    aline.hears("We asked +250****001")


async def test_a_declined_request(town: Town, asked: Citizen, driver: Citizen) -> None:
    await driver.taps("Decline")
    driver.hears("You declined trip")
    asked.hears("cannot come this time")
    asked.hears("Nobody is online within 10 km")
    assert town.emitted(TripDeclined)


async def test_a_withdrawn_request(town: Town, asked: Citizen, driver: Citizen) -> None:
    await asked.taps("Withdraw request")
    asked.hears("You cancelled trip")
    driver.hears("cancelled trip")
    await driver.taps("Accept")
    driver.hears("That is not possible now")
    driver.hears("It was cancelled")
    assert town.emitted(TripCancelled)[0].fee_rwf == 0


async def test_cancelling_before_arrival_is_free(town: Town, asked: Citizen, driver: Citizen) -> None:
    await driver.taps("Accept")
    await asked.taps("Cancel trip")
    asked.hears("You cancelled trip")
    driver.hears("+250****001", "cancelled trip")
    await driver.taps("Search again")
    driver.hears("Nobody near you")  # who gave up an agreed trip does not look for another
    assert town.emitted(TripCancelled)[0].fee_rwf == 0


async def test_cancelling_after_arrival_costs_500_at_least(
    town: Town, asked: Citizen, driver: Citizen
) -> None:
    await driver.taps("Accept")
    await driver.taps("I have arrived")
    await asked.taps("Cancel trip")
    asked.hears("If you cancel now, you owe RWF 500")
    assert not town.emitted(TripCancelled)
    await asked.taps("Keep the trip")
    asked.hears("Your driver has arrived")
    await asked.taps("Cancel trip")
    await asked.taps("Cancel and pay")
    asked.hears("You owe RWF 500")
    cancelled = town.emitted(TripCancelled)[0]
    assert (cancelled.cancelled_by, cancelled.fee_rwf) == ("passenger", 500)


async def test_a_long_trip_costs_a_fifth_of_its_estimate(town: Town, driver: Citizen) -> None:
    aline = town.arrives("aline")
    await aline.says("book ride")
    await aline.shares(*KIGALI)
    await aline.shares(-1.9686, 30.1395)
    aline.hears("RWF 6,901")
    await aline.taps("+250****000")
    await driver.taps("Accept")
    await driver.taps("I have arrived")
    await aline.taps("Cancel trip")
    await aline.taps("Cancel and pay")
    aline.hears("You owe RWF 1,381")
    assert town.emitted(TripCancelled)[0].fee_rwf == 1381


async def test_a_driver_may_cancel_and_the_passenger_sees_others(
    town: Town, asked: Citizen, driver: Citizen
) -> None:
    await driver.taps("Accept")
    await driver.taps("Cancel trip")
    driver.hears("You cancelled trip")
    asked.hears("+250****000", "cancelled trip")
    asked.hears("Nobody is online")  # not the driver who has just left her


async def test_one_trip_at_a_time(town: Town, asked: Citizen, driver: Citizen) -> None:
    eric = await drives(town, "eric", -1.9451, 30.0619, plate="RAB222B")
    await asked.says("book ride")
    await asked.taps("Same place")
    await asked.taps("Skip")
    await asked.taps("+250****002")
    asked.hears("You already have a trip")
    assert not any("Accept" in taps_of(content) for content in eric.heard)
    await asked.taps("See the trip")
    asked.hears("It waits for an answer")


async def test_a_driver_on_a_trip_is_not_found_and_accepts_no_other(
    town: Town, asked: Citizen, driver: Citizen
) -> None:
    boris = town.arrives("boris")
    await looks_for_ride(boris, *KIGALI)
    await boris.taps("+250****000")  # asked, while he has not answered Aline yet
    first, second = [c for c in driver.heard if "Accept" in taps_of(c)]
    await driver.taps_id(taps_of(first)["Accept"])
    await driver.taps_id(taps_of(second)["Accept"])
    driver.hears("You already have a trip")
    clara = town.arrives("clara")
    await looks_for_ride(clara, *KIGALI)
    clara.hears("Nobody is online")
    await driver.taps("I have arrived")
    await driver.taps("Start the trip")
    await driver.taps("Complete the trip")
    await clara.taps("Search again")
    clara.hears("Drivers near you", "RAA123C")


async def test_going_online_during_a_trip_does_not_show_the_driver(
    town: Town, asked: Citizen, driver: Citizen
) -> None:
    await driver.taps("Accept")
    await town.passes(minutes=31)
    await driver.says("go online")
    await driver.shares(*KIGALI)
    clara = town.arrives("clara")
    await looks_for_ride(clara, *KIGALI)
    clara.hears("Nobody is online")


async def test_a_driver_offers_and_the_passenger_accepts(town: Town, aline: Citizen, driver: Citizen) -> None:
    await driver.taps("See passengers")
    driver.hears("Passengers near you", "+250****001")
    await driver.taps("+250****001")
    driver.hears("We asked +250****001")
    aline.hears("+250****000", "offers you a ride", "Plate: RAA123C")
    await aline.taps("Accept")
    aline.hears("is on the way to you")
    driver.hears("waits for you")
    await driver.taps("I have arrived")
    aline.hears("Your driver has arrived")


async def test_an_offer_without_an_answer_shows_the_driver_other_passengers(
    town: Town, aline: Citizen, driver: Citizen
) -> None:
    await looks_for_ride(town.arrives("boris"), *KIGALI)
    await driver.taps("See passengers")
    await driver.taps("+250****001")
    await town.passes(minutes=3)
    driver.hears("did not answer in time")
    list_ = driver.heard[-1]
    assert isinstance(list_, ListContent)
    assert "+250****002" in driver.rows()[0]


async def test_a_driver_who_has_gone_cannot_be_asked(town: Town, aline: Citizen, driver: Citizen) -> None:
    await driver.taps("Go offline")
    await aline.taps("+250****000")
    aline.hears("This driver is no longer free")
    await aline.taps("Other drivers")
    aline.hears("Nobody is online")


async def test_a_list_from_yesterday_begins_anew(town: Town, aline: Citizen) -> None:
    await town.passes(days=1)
    await aline.taps("+250****000")
    aline.hears("Where should we pick you up?")


async def test_nobody_asks_themselves(town: Town, driver: Citizen) -> None:
    await looks_for_ride(driver, *KIGALI)
    driver.hears("Nobody is online")
    await driver.taps_id("mobility:ask_driver:jean")
    driver.hears("This driver is no longer free")


async def test_what_is_not_ones_own_cannot_be_moved(town: Town, asked: Citizen, driver: Citizen) -> None:
    mallory = town.arrives("mallory")
    accept = taps_of(driver.hears("asks you for a ride"))["Accept"]
    await mallory.taps_id(accept)
    mallory.hears("We do not know this trip any more")
    await mallory.taps_id(accept.replace("accept", "trip"))
    mallory.hears("We do not know this trip any more")
    await mallory.taps_id("mobility:accept:nonsense")
    mallory.hears("We do not know this trip any more")
    await asked.taps_id(accept)  # she asked: she cannot answer herself
    asked.hears("That is not possible now")
    assert not town.emitted(TripAccepted)


async def test_taps_out_of_turn_get_a_kind_answer(town: Town, asked: Citizen, driver: Citizen) -> None:
    await driver.taps("Accept")
    await driver.taps("Accept")
    driver.hears("That is not possible now")
    identity = taps_of(driver.hears("waits for you"))["I have arrived"]
    await driver.taps_id(identity.replace("arrive", "complete"))
    driver.hears("That is not possible now")
    await driver.taps_id(identity.replace("arrive", "rate") + ".5")
    driver.hears("We do not know this trip any more")
    for argument in ("", ".", f"{identity.split(':')[2]}.6", f"{identity.split(':')[2]}."):
        await asked.taps_id(f"mobility:rate:{argument}")
        asked.hears("We do not know this trip any more")


async def test_a_trip_that_nobody_ends_is_closed(town: Town, asked: Citizen, driver: Citizen) -> None:
    await driver.taps("Accept")
    await town.passes(hours=12, minutes=1)
    asked.hears("because nobody ended it")
    driver.hears("because nobody ended it")
    await drives(town, "eric", *KIGALI, plate="RAB222B")
    await looks_for_ride(asked, *KIGALI)
    await asked.taps("+250****002")
    asked.hears("We asked")


async def test_a_timer_that_comes_twice_ends_nothing_else(
    town: Town, asked: Citizen, driver: Citizen
) -> None:
    trip = town.emitted(TripRequested)[0].trip
    await driver.taps("Accept")
    before = len(town.events)
    await town.event(RequestExpired(trip=trip), "aline")
    await driver.taps("I have arrived")
    await driver.taps("Cancel trip")
    await town.event(TripForgotten(trip=trip), "aline")
    await town.event(TripForgotten(trip=str(UUID(int=7))), "aline")
    assert [type(event) for event in town.events[before:]] == [DriverArrived, TripCancelled]


async def test_a_driver_whose_time_ran_out_is_asked_to_go_online_again(
    town: Town, aline: Citizen, driver: Citizen
) -> None:
    await driver.taps("See passengers")
    await driver.taps("+250****001")
    await driver.taps("Go offline")
    await aline.taps("Decline")
    driver.hears("Go online, and passengers can find you")


async def test_a_passenger_who_has_gone_cannot_be_asked(town: Town, aline: Citizen, driver: Citizen) -> None:
    await driver.taps("See passengers")
    await town.passes(minutes=20)
    await driver.shares(*KIGALI)
    await town.passes(minutes=11)
    await driver.taps("+250****001")
    driver.hears("This passenger no longer looks for a ride")


async def test_answering_does_not_disturb_another_conversation(
    town: Town, asked: Citizen, driver: Citizen
) -> None:
    await driver.says("schedule")
    await driver.taps("I drive")
    await driver.taps("Accept")
    await driver.taps("Moto")
    driver.hears("Where does the trip begin?")
