"""Planned trips are paid once and told as they are: with several plans, on the road, early, after a join."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consumers.mobility.flows.saving import move_on
from consumers.mobility.store.tables import Tables
from infra.postgres.session import Conflict, Session
from schemas.events.core import OptedOut
from schemas.events.mobility import SubscriptionLapsed
from schemas.events.wallet import Hold, Posted, Refused, Transfer
from tests.integration.mobility.conftest import connect, drives
from tests.integration.mobility.test_joining import joins
from tests.integration.mobility.test_paying import AIRPORT, TOKENS, plans_soon, rides, rides_now, wallet_works
from tests.integration.mobility.test_planning import plans
from tests.integration.mobility.town import Citizen, Town, words_in
from tests.unit.mobility.purse import Purse

KIGALI = (-1.9441, 30.0619)
NEAR = (-1.9446, 30.0625)  # the cheapest of rides
PRICE_RWF = TOKENS // 2


async def plans_near(citizen: Citizen, when: str) -> None:
    """A ride around the corner."""
    await citizen.says("schedule a trip")
    await citizen.taps("I need a ride")
    await citizen.taps("Moto")
    await citizen.shares(*KIGALI)
    await citizen.shares(*NEAR)
    await citizen.taps(when)
    await citizen.taps("Once")


async def completes(town: Town, driver: Citizen) -> None:
    """The trip under way ends."""
    trip = await town.connection.fetchval("SELECT id FROM trips WHERE state = 'in_progress'")
    await driver.taps_id(f"mobility:complete:{trip}")


def told(citizen: Citizen) -> str:
    """All that somebody read since they last forgot."""
    return "\n".join(words_in(each) for each in citizen.heard)


async def test_an_empty_wallet_costs_one_trip_at_a_time(town: Town, aline: Citizen, purse: Purse) -> None:
    await plans(aline, "In 2 hours", "Every day")
    aline.forgets()
    for _ in range(12):  # three hours
        await wallet_works(town, purse)
        await town.passes(minutes=15)
    assert await town.connection.fetchval("SELECT due FROM plans") <= town.now + timedelta(days=1)
    assert told(aline).count("was cancelled") == 2  # today's, and at its time tomorrow's


async def test_who_rides_is_not_told_that_the_trip_was_cancelled(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await drives(town, "jean", *KIGALI)
    await plans(aline, "In 30 minutes", "Once")
    await wallet_works(town, purse)  # too few
    await town.passes(minutes=5)
    await rides_now(aline, jean, *AIRPORT)
    aline.forgets()
    await town.passes(minutes=20)
    assert "was cancelled" not in told(aline)
    purse.top_up("aline", 20_000)  # on the way
    await completes(town, jean)
    await wallet_works(town, purse)
    assert purse.account("jean").balance == TOKENS


async def test_of_two_plans_the_one_whose_time_has_come_pays(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await drives(town, "jean", *KIGALI)
    purse.top_up("aline", 50_000)
    await plans(aline, "In 30 minutes", "Once")  # to the airport
    await plans_near(aline, "In 1 hour")
    await wallet_works(town, purse)
    await rides(town, aline, jean)  # the airport, at its time
    await completes(town, jean)
    await wallet_works(town, purse)
    assert purse.account("jean").balance == TOKENS


async def test_what_a_longer_ride_costs_is_left_to_the_two(town: Town, aline: Citizen, purse: Purse) -> None:
    jean = await drives(town, "jean", *KIGALI)
    purse.top_up("aline", 50_000)
    await plans_near(aline, "In 30 minutes")
    await wallet_works(town, purse)
    await town.passes(minutes=5)
    await rides_now(aline, jean, *AIRPORT)
    aline.forgets()
    jean.forgets()
    await completes(town, jean)
    await wallet_works(town, purse)
    rest = f"{PRICE_RWF - purse.account('jean').balance // 2:,}"
    assert f"please ask the passenger for the other RWF {rest}" in told(jean)
    assert f"please pay the driver the other RWF {rest}" in told(aline)


async def test_who_was_silent_for_long_reads_no_reminder_of_a_cancelled_trip(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    await plans(aline, "In 2 hours", "Once")
    await wallet_works(town, purse)
    town.templates.clear()
    await town.passes(minutes=15)
    aline.hears("was cancelled")
    assert ("aline", "trip_reminder") not in town.templates


async def test_who_drives_is_on_no_ride_that_their_own_plan_pays(town: Town, purse: Purse) -> None:
    aline = await drives(town, "aline", *KIGALI)
    purse.top_up("aline", 20_000)
    await plans(aline, "In 30 minutes", "Once")
    await wallet_works(town, purse)
    await town.passes(minutes=10)
    eric = town.arrives("eric")
    await aline.says("go online")
    await aline.shares(*KIGALI)
    await rides_now(eric, aline)
    await aline.says("my trips")
    await aline.taps(aline.rows()[-1])
    await aline.taps("Cancel trip")
    assert "that you are on" not in aline.last()
    await wallet_works(town, purse)
    assert purse.account("aline").held == 0


@pytest.mark.parametrize("often", ["Once", "Every day"])
async def test_a_trip_that_was_made_early_does_not_begin_once_more(
    town: Town, aline: Citizen, purse: Purse, often: str
) -> None:
    jean = await drives(town, "jean", *KIGALI)
    purse.top_up("aline", 50_000)
    await plans(aline, "In 30 minutes", often)
    await wallet_works(town, purse)
    await town.passes(minutes=5)
    await rides_now(aline, jean, *AIRPORT)
    await jean.taps("Complete")
    await wallet_works(town, purse)
    assert purse.account("jean").balance == TOKENS
    assert "That was your planned trip of Tue 5 Aug, 10:30" in told(aline)
    aline.forgets()
    await town.passes(minutes=40)
    assert "planned trip" not in told(aline)
    assert not await town.connection.fetchval("SELECT count(*) FROM presences WHERE role = 'passenger'")
    assert purse.account("aline").held == (TOKENS if often == "Every day" else 0)  # tomorrow's


@pytest.mark.parametrize("why", ["over the limit", "no price"])
async def test_nor_where_nothing_was_held_for_it(town: Town, aline: Citizen, purse: Purse, why: str) -> None:
    jean = await drives(town, "jean", *KIGALI)
    if why == "over the limit":
        await plans(aline, "In 30 minutes", "Once")
        (hold,) = town.emitted(Hold)
        over = Refused(id=hold.id, command=Hold.event_type, reason="exceeds_daily_limit", at=town.now)
        await town.event(over, "aline")
    else:
        await aline.says("schedule a trip")
        for answer in ("I need a ride", "Moto"):
            await aline.taps(answer)
        await aline.shares(*KIGALI)
        for answer in ("Skip", "In 30 minutes", "Once"):
            await aline.taps(answer)
    await town.passes(minutes=5)
    await rides_now(aline, jean, *AIRPORT)
    await jean.taps("Complete")
    assert "That was your planned trip" in told(aline)
    aline.forgets()
    await town.passes(minutes=40)
    assert "planned trip" not in told(aline)
    assert not await town.connection.fetchval("SELECT count(*) FROM presences WHERE role = 'passenger'")


async def test_todays_ride_is_paid_before_tomorrows_is_held(town: Town, aline: Citizen, purse: Purse) -> None:
    jean = await drives(town, "jean", *KIGALI)
    await plans(aline, "In 30 minutes", "Every day")
    await wallet_works(town, purse)  # too few
    await town.passes(minutes=5)
    await rides_now(aline, jean, *AIRPORT)
    purse.top_up("aline", TOKENS)  # on the way, what this ride costs
    await jean.taps("Complete")
    await wallet_works(town, purse)
    assert purse.account("jean").balance == TOKENS


async def test_plans_called_off_do_not_hide_the_one_that_is_made(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await plans_soon(town, aline, purse)
    for _ in range(20):
        await town.passes(seconds=5)
        await plans(aline, "In 30 minutes", "Once")
        await aline.taps("Cancel trip")
    await wallet_works(town, purse)
    assert purse.account("aline").held == TOKENS
    await rides(town, aline, jean)
    await completes(town, jean)
    await wallet_works(town, purse)
    assert purse.account("jean").balance == TOKENS


async def test_a_plan_that_is_called_off_does_not_move_on(
    town: Town, aline: Citizen, purse: Purse, database: str
) -> None:
    """After a join its timers run under the folded person's lock, and taps under the kept one's."""
    purse.top_up("aline", 100_000)
    await plans(aline, "In 2 hours", "Every day")
    kept = town.arrives("kept")
    await joins(town, "aline", "kept")
    other = await connect(database)
    transaction = other.transaction()
    await transaction.start()
    session = Session(other)
    tables = Tables(session)
    (plan,) = await tables.plans.active_for("kept")  # as the timer's handler reads it
    await kept.says("my trips")
    await kept.taps(kept.rows()[0])
    await kept.taps("Cancel trip")
    move_on(plan, town.now + timedelta(hours=2), tables)
    try:
        with pytest.raises(Conflict):
            await session.flush()
    finally:
        await transaction.rollback()
        await other.close()


async def test_opting_out_reads_all_charges_at_once(town: Town, aline: Citizen) -> None:
    counts = []
    for number in (1, 15):
        for _ in range(number):
            await town.passes(seconds=1)
            await plans(aline, "In 2 hours", "Once")
        await town.event(OptedOut(person="aline", at=town.now), "aline")
        counts.append(town.statements)
    assert counts[0] == counts[1]


async def test_a_subscription_paid_before_a_join_is_not_taken_for_refused(town: Town, purse: Purse) -> None:
    """Its command and the repeat of it lie in two partitions: their answers come in any order."""
    jean = await drives(town, "jean", *KIGALI)
    purse.top_up("jean", 10)
    await jean.says("my subscription")
    await jean.taps("Subscribe")
    kept = town.arrives("kept")
    await joins(town, "jean", "kept")
    await kept.says("my subscription")
    first, second = town.emitted(Transfer)
    assert (first.id, first.debit, second.debit) == (second.id, "jean", "kept")
    posted, refused = [purse.carry_out(command, town.now, command.debit) for command in (first, second)]
    assert (type(posted), type(refused)) == (Posted, Refused)
    kept.forgets()
    await town.event(refused, "kept")
    assert kept.heard == []
    await town.event(posted, "jean")
    assert await town.connection.fetchval("SELECT state FROM subscriptions") == "paid"


async def test_the_end_is_told_though_a_renewal_waited_for_the_wallet(town: Town, purse: Purse) -> None:
    jean = await drives(town, "jean", *KIGALI)
    purse.top_up("jean", 4)
    await jean.says("my subscription")
    await jean.taps("Subscribe")
    await wallet_works(town, purse)
    await town.passes(days=29, hours=23)
    await jean.says("my subscription")
    await jean.taps("Renew")
    await town.passes(hours=2)  # the wallet is away while the first one ends
    assert not town.emitted(SubscriptionLapsed)
    await wallet_works(town, purse)  # and has too few tokens
    await town.passes(days=40)
    assert len(town.emitted(SubscriptionLapsed)) == 1
