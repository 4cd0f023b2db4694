"""Free trips and the subscription of a driver, as the driver and the wallet see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consumers.mobility.rules.subscribing import FREE_PASSES
from schemas.events.mobility import DriverSubscribed, SubscriptionLapsed
from tests.integration.mobility.conftest import drives, looks_for_ride
from tests.integration.mobility.test_joining import joins
from tests.integration.mobility.test_paying import wallet_works
from tests.integration.mobility.town import Citizen, Town, words_in
from tests.unit.mobility.purse import Purse

KIGALI = (-1.9441, 30.0619)


@pytest.fixture
def purse(town: Town) -> Purse:
    town.everybody_can_pay = False
    return Purse(town.now, jean=0)


async def agrees_on_a_trip(town: Town, driver: Citizen, passenger: str) -> None:
    rider = town.arrives(passenger)
    await looks_for_ride(rider, *KIGALI)
    await rider.taps(rider.rows()[0])
    await driver.taps("Accept")


async def has_used(town: Town, passes: int) -> None:
    await town.connection.execute("UPDATE drivers SET passes_used = $1", passes)


async def subscribes(driver: Citizen) -> None:
    await driver.says("my subscription")
    await driver.taps("Subscribe")


async def test_a_trip_agreed_on_uses_a_pass(town: Town, driver: Citizen) -> None:
    assert any("Free trips left: 30 of 30" in words_in(content) for content in driver.heard)
    await agrees_on_a_trip(town, driver, "aline")
    await driver.says("my subscription")
    driver.hears("Free trips left: 29 of 30", "costs 4 tokens (RWF 2) for 30 days")
    assert driver.offered() == ["Subscribe", "Go online", "My trips"]


async def test_without_passes_nobody_goes_online_before_they_subscribed(
    town: Town, driver: Citizen, purse: Purse
) -> None:
    await has_used(town, FREE_PASSES)
    await driver.shares(*KIGALI)
    driver.hears("Your 30 free trips are used up", "4 tokens for 30 days")
    await driver.taps("Subscribe")
    purse.top_up("jean", 10)
    await driver.taps("Subscribe")
    driver.hears("We ask your wallet for 4 tokens")
    await wallet_works(town, purse)
    driver.hears("4 tokens were paid from your wallet", "until Thu 4 Sep, 10:00")
    assert purse.account("jean").balance == 6
    (fact,) = town.emitted(DriverSubscribed)
    assert (fact.person, fact.until) == ("jean", town.now + timedelta(days=30))
    await driver.taps("Go online")
    driver.hears("Your driver subscription is paid until Thu 4 Sep, 10:00")
    await driver.shares(*KIGALI)
    driver.hears("You are online until 10:30")


async def test_while_subscribed_no_pass_is_used(town: Town, driver: Citizen, purse: Purse) -> None:
    purse.top_up("jean", 10)
    await subscribes(driver)
    await wallet_works(town, purse)
    await agrees_on_a_trip(town, driver, "aline")
    assert await town.connection.fetchval("SELECT passes_used FROM drivers") == 0


async def test_one_yes_is_paid_once_however_often_it_is_tapped(
    town: Town, driver: Citizen, purse: Purse
) -> None:
    purse.top_up("jean", 10)
    await subscribes(driver)
    asked = driver.heard[-2]
    driver.heard.append(asked)
    await driver.taps("Subscribe")
    driver.hears("We have asked your wallet")
    await wallet_works(town, purse)  # the same command twice
    driver.heard.append(asked)
    await driver.taps("Subscribe")
    driver.hears("Your driver subscription is paid until")
    await subscribes_again_is_not_offered(driver)
    assert purse.account("jean").balance == 6


async def subscribes_again_is_not_offered(driver: Citizen) -> None:
    await driver.says("my subscription")
    assert "Subscribe" not in driver.offered()


async def test_who_has_too_few_tokens_is_offered_a_top_up(town: Town, driver: Citizen, purse: Purse) -> None:
    await subscribes(driver)
    await wallet_works(town, purse)
    driver.hears("your wallet has too few")
    assert driver.offered() == ["Top up", "I have topped up"]
    purse.top_up("jean", 4)
    await driver.taps("I have topped up")
    await driver.taps("Subscribe")
    await wallet_works(town, purse)
    driver.hears("You are subscribed until")
    assert purse.account("jean").balance == 0


async def test_while_the_wallet_is_away_the_driver_drives(town: Town, driver: Citizen, purse: Purse) -> None:
    await has_used(town, FREE_PASSES)
    await subscribes(driver)
    await town.passes(minutes=2)
    driver.hears("The wallet does not answer at the moment")
    await driver.taps("Go online")
    await driver.shares(*KIGALI)
    driver.hears("You are online until 10:32")
    await town.passes(days=1)
    await driver.taps_id("mobility:online")
    driver.hears("Your 30 free trips are used up")
    purse.top_up("jean", 4)
    await wallet_works(town, purse)
    driver.hears("You are subscribed until Fri 5 Sep, 10:02")


async def test_a_reminder_the_day_before_and_the_end(town: Town, driver: Citizen, purse: Purse) -> None:
    purse.top_up("jean", 8)
    await subscribes(driver)
    await wallet_works(town, purse)
    await town.passes(days=29, minutes=1)
    driver.hears("Your driver subscription ends on Thu 4 Sep, 10:00")
    await driver.taps("Renew")
    await driver.taps("Renew")
    await wallet_works(town, purse)
    driver.hears("You are subscribed until Sat 4 Oct, 10:00")
    driver.forgets()
    await town.passes(days=2)
    assert not driver.heard  # the first one ended, and nothing changed
    assert not town.emitted(SubscriptionLapsed)
    await town.passes(days=30)
    driver.hears("Your driver subscription is over")
    assert ("jean", "driver_subscription") in town.templates
    assert [fact.person for fact in town.emitted(SubscriptionLapsed)] == ["jean"]
    assert not town.timers


async def test_a_joined_person_keeps_what_was_paid_and_has_used_what_both_did(
    town: Town, driver: Citizen, purse: Purse
) -> None:
    purse.top_up("jean", 4)
    await subscribes(driver)
    kept = town.arrives("kept")
    await kept.taps_id("mobility:register")
    await kept.taps("Cab")
    await kept.says("RAB222B")
    await has_used(town, 17)
    await joins(town, "jean", "kept")
    await wallet_works(town, purse)
    kept.hears("You are subscribed until")
    assert await town.connection.fetchval("SELECT passes_used FROM drivers WHERE person = 'kept'") == 34
    await town.passes(days=30)
    kept.hears("Your driver subscription is over")


async def test_whoever_does_not_drive_is_asked_what_they_drive(town: Town) -> None:
    aline = town.arrives("aline")
    await aline.says("subscription")
    aline.hears("Which vehicle do you drive?")


async def test_a_broken_or_foreign_button_asks_anew(town: Town, driver: Citizen, purse: Purse) -> None:
    purse.top_up("jean", 4)
    await subscribes(driver)
    await wallet_works(town, purse)
    (fact,) = town.emitted(DriverSubscribed)
    eric = await drives(town, "eric", *KIGALI, plate="RAB222B")
    for identity in (f"mobility:subscribe:{fact.subscription}", "mobility:subscribe:x", "mobility:subscribe"):
        eric.forgets()
        await eric.taps_id(identity)
        eric.hears("Free trips left", "Do you want it?")
