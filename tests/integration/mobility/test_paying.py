"""Planned trips are paid from the wallet, as both sides of them see it."""

from __future__ import annotations

from consumers.domain import Decision
from schemas.events.mobility import TripUnscheduled
from schemas.events.wallet import Command, Hold, Refused, Release
from tests.integration.mobility.conftest import drives
from tests.integration.mobility.test_planning import plans
from tests.integration.mobility.town import Citizen, Town
from tests.unit.mobility.purse import Purse

PRICE = "RWF 6,901"
TOKENS = 13_802
AIRPORT = (-1.9686, 30.1395)


async def wallet_works(town: Town, purse: Purse) -> None:
    """The wallet answers whatever it was asked since it last did, and mobility hears it."""
    asked = [event for event in town.events if isinstance(event, Command)]
    town.events = [event for event in town.events if not isinstance(event, Command)]
    for command in asked:
        await town.event(purse.carry_out(command, town.now, "aline"), "aline")


async def plans_soon(town: Town, aline: Citizen, purse: Purse) -> Citizen:
    """A trip in half an hour, paid for beforehand; and somebody who drives."""
    jean = await drives(town, "jean", -1.9441, 30.0619)
    purse.top_up("aline", 20_000)
    await plans(aline, "In 30 minutes", "Once")
    await wallet_works(town, purse)
    return jean


async def rides(town: Town, aline: Citizen, jean: Citizen) -> None:
    """The planned trip's time has come; the two find each other, and the passenger is picked up."""
    await town.passes(minutes=25)
    await jean.says("go online")
    await jean.shares(-1.9441, 30.0619)
    await town.passes(minutes=6)
    await aline.taps("See drivers")
    await aline.taps(aline.rows()[0])
    await jean.taps("Accept")
    await jean.taps("I have arrived")
    await jean.taps("Start")


async def books(aline: Citizen, *to: float) -> None:
    """Asks the only driver for a ride."""
    await aline.says("book ride")
    await aline.shares(-1.9441, 30.0619)
    await (aline.shares(*to) if to else aline.taps("Skip"))
    await aline.taps(aline.rows()[0])


async def rides_now(aline: Citizen, jean: Citizen, *to: float) -> None:
    """A ride booked a little before the planned one's time, for all that mobility knows the planned one."""
    await books(aline, *to)
    await jean.taps("Accept")
    await jean.taps("I have arrived")
    await jean.taps("Start")


async def test_the_price_is_held_and_taken_when_the_passenger_arrives(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await plans_soon(town, aline, purse)
    assert purse.account("aline").held == TOKENS
    await rides(town, aline, jean)
    await jean.taps("Complete")
    await wallet_works(town, purse)
    aline.hears(f"{PRICE} ({TOKENS} tokens) was paid from your wallet")
    jean.hears(f"{PRICE} ({TOKENS} tokens) came into your wallet")
    account = purse.account("aline")
    assert (account.balance, account.held) == (20_000 - TOKENS, 0)
    assert purse.account("jean").balance == TOKENS


async def test_a_late_cancellation_costs_a_fifth(town: Town, aline: Citizen, purse: Purse) -> None:
    jean = await plans_soon(town, aline, purse)
    await rides(town, aline, jean)
    await aline.taps("Cancel")
    await aline.taps("Cancel and pay")
    await wallet_works(town, purse)
    fee = 2 * 1_381  # a fifth of RWF 6,901, rounded up
    assert purse.account("jean").balance == fee
    account = purse.account("aline")
    assert (account.balance, account.held) == (20_000 - fee, 0)


async def test_who_calls_the_plan_off_has_everything_back(town: Town, aline: Citizen, purse: Purse) -> None:
    purse.top_up("aline", 20_000)
    await plans(aline, "In 2 hours", "Once")
    await wallet_works(town, purse)
    await aline.taps("Cancel")
    assert len(town.emitted(Release)) == 1
    await wallet_works(town, purse)
    account = purse.account("aline")
    assert (account.balance, account.held) == (20_000, 0)


async def test_who_calls_the_plan_off_under_way_pays_all_the_same(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await plans_soon(town, aline, purse)
    await town.passes(minutes=5)
    await rides_now(aline, jean, *AIRPORT)
    await aline.says("my trips")
    await aline.taps(aline.rows()[-1])
    await aline.taps("Cancel trip")
    aline.hears("What was held for it pays the ride that you are on")
    await wallet_works(town, purse)
    assert not town.emitted(Release)
    await jean.taps("Complete")
    await wallet_works(town, purse)
    account = purse.account("aline")
    assert (account.balance, account.held) == (20_000 - TOKENS, 0)
    assert purse.account("jean").balance == TOKENS


async def test_a_price_that_the_two_agreed_on_is_not_taken_from_the_wallet(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await plans_soon(town, aline, purse)
    await town.passes(minutes=5)
    await rides_now(aline, jean)
    await jean.taps("Complete")
    await wallet_works(town, purse)
    aline.hears("pay as you agreed", f"{PRICE} that was held is free again")
    jean.hears("Nothing came from the passenger's wallet")
    account = purse.account("aline")
    assert (account.balance, account.held, purse.account("jean").balance) == (20_000, 0, 0)


async def test_what_was_never_held_is_not_said_to_be_free_again(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await drives(town, "jean", -1.9441, 30.0619)
    await plans(aline, "In 30 minutes", "Once")
    await wallet_works(town, purse)
    await town.passes(minutes=5)
    await rides_now(aline, jean)
    await jean.taps("Complete")
    assert "free again" not in aline.last()
    aline.hears("please pay as you agreed")


async def test_a_plan_called_off_on_a_ride_that_is_called_off_too_pays_no_later_one(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await plans_soon(town, aline, purse)
    await town.passes(minutes=5)
    await books(aline, *AIRPORT)
    await jean.taps("Accept")
    for row in (-1, 0):  # the plan, then the ride
        await aline.says("my trips")
        await aline.taps(aline.rows()[row])
        await aline.taps("Cancel")
    aline.hears("Nothing came of your trip", f"{PRICE} that was held is free again")
    await rides_now(aline, jean, *AIRPORT)
    await jean.taps("Complete")
    await wallet_works(town, purse)
    account = purse.account("aline")
    assert (account.balance, account.held, purse.account("jean").balance) == (20_000, 0, 0)


async def test_a_ride_called_off_before_the_planned_ones_time_leaves_what_is_held_for_it(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await plans_soon(town, aline, purse)
    await town.passes(minutes=5)
    await books(aline, *AIRPORT)
    await jean.taps("Accept")
    await aline.taps("Cancel")
    assert not town.emitted(Release)


async def test_who_found_nobody_has_everything_back_after_a_while(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    await plans_soon(town, aline, purse)
    await town.passes(minutes=89)
    assert not town.emitted(Release)
    await town.passes(minutes=1)
    await wallet_works(town, purse)
    aline.hears("Nothing came of your trip of Tue 5 Aug, 10:30", f"{PRICE} that was held is free again")
    account = purse.account("aline")
    assert (account.balance, account.held) == (20_000, 0)
    assert not [name for name in town.timers if name.startswith("charge:")]


async def test_what_is_held_stays_while_the_passenger_looks_for_a_ride_or_has_one(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    jean = await plans_soon(town, aline, purse)
    await town.passes(minutes=80)
    await jean.says("go online")
    await jean.shares(-1.9441, 30.0619)
    await rides_now(aline, jean, *AIRPORT)
    await town.passes(minutes=60)
    assert not town.emitted(Release)
    await jean.taps("Complete")
    await wallet_works(town, purse)
    assert purse.account("jean").balance == TOKENS


async def test_rides_take_so_much_a_day_and_no_more(town: Town, aline: Citizen, purse: Purse) -> None:
    jean = await drives(town, "jean", -1.9441, 30.0619)
    purse.top_up("aline", 200_000)
    purse.book.ridden[purse.book.ids["aline", "TOK"]] = 100_000 - TOKENS + 1
    await plans(aline, "In 30 minutes", "Once")
    await wallet_works(town, purse)
    aline.hears(f"costs {PRICE}", "please pay the driver yourself")
    await rides(town, aline, jean)
    await jean.taps("Complete")
    assert not town.emitted(Command)
    account = purse.account("aline")
    assert (account.balance, account.held, purse.account("jean").balance) == (200_000, 0, 0)


async def test_who_has_too_little_can_top_up_and_go_on(town: Town, aline: Citizen, purse: Purse) -> None:
    await plans(aline, "In 2 hours", "Once")
    await wallet_works(town, purse)
    aline.hears(f"costs {PRICE} ({TOKENS} tokens)", "by 10:15")
    assert aline.offered() == ["Top up", "I have topped up", "Cancel trip"]
    purse.top_up("aline", 20_000)
    await aline.taps("I have topped up")
    aline.hears("We ask your wallet once more")
    await wallet_works(town, purse)
    assert purse.account("aline").held == TOKENS
    await aline.taps("I have topped up")
    aline.hears("nothing to pay")
    await town.passes(minutes=20)
    assert not town.emitted(TripUnscheduled)


async def test_who_does_not_top_up_has_no_trip(town: Town, aline: Citizen, purse: Purse) -> None:
    await plans(aline, "In 2 hours", "Once")
    await wallet_works(town, purse)
    await town.passes(minutes=15)
    aline.hears("Your trip of Tue 5 Aug, 12:00 was cancelled")
    assert len(town.emitted(TripUnscheduled)) == 1
    await aline.says("my trips")
    aline.hears("You have no trips")
    assert not town.timers


async def test_a_daily_trip_is_left_out_once(town: Town, aline: Citizen, purse: Purse) -> None:
    await plans(aline, "In 2 hours", "Every day")
    await wallet_works(town, purse)
    await town.passes(minutes=15)
    aline.hears("Your trip of Tue 5 Aug, 12:00 was cancelled")
    assert not town.emitted(TripUnscheduled)
    await aline.says("my trips")
    await aline.taps(aline.rows()[0])
    aline.hears("Tue 5 Aug, 12:00", "Cancelled this once: too few tokens in your wallet")
    aline.forgets()
    await town.passes(hours=1, minutes=45)
    assert aline.heard == []  # neither a reminder nor a word that it begins
    assert not await town.connection.fetchval("SELECT count(*) FROM presences")
    (hold,) = town.emitted(Hold)  # for the next day's
    purse.top_up("aline", 20_000)
    await wallet_works(town, purse)
    assert purse.account("aline").held == hold.amount == TOKENS


async def test_while_the_wallet_is_away_the_trip_stays_and_the_person_is_told(
    town: Town, aline: Citizen, purse: Purse
) -> None:
    await plans(aline, "In 2 hours", "Once")
    await town.passes(minutes=3)
    aline.hears(f"The wallet does not answer at the moment: the charge of {PRICE} waits")
    purse.top_up("aline", 20_000)
    await wallet_works(town, purse)
    assert purse.account("aline").held == TOKENS


async def test_an_answer_to_somebody_elses_command_means_nothing(town: Town, aline: Citizen) -> None:
    answer = Refused(
        id=town.envelope("x").id, command="wallet.hold.v1", at=town.now, reason="exceeds_credits"
    )
    decision = await town.event(answer, "aline")
    assert decision == Decision()
