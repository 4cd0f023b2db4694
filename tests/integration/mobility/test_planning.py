"""Trips are planned, come due, come back, and are called off."""

from __future__ import annotations

from datetime import datetime

import pytest

from consumers.mobility.rules.calendar import KIGALI
from schemas.events.mobility import PlannedTripDue, ReminderDue, TripScheduled, TripUnscheduled
from tests.integration.mobility.conftest import drives
from tests.integration.mobility.town import Citizen, Town, taps_of


async def plans(citizen: Citizen, when: str, often: str, *, role: str = "I need a ride") -> None:
    """Somebody plans a trip by moto, from the middle of Kigali to the airport."""
    await citizen.says("schedule a trip")
    await citizen.taps(role)
    await citizen.taps("Moto")
    await citizen.shares(-1.9441, 30.0619)
    await citizen.shares(-1.9686, 30.1395)
    await citizen.taps(when)
    await citizen.taps(often)


def kigali(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KIGALI)


async def test_a_trip_is_planned_step_by_step(town: Town, aline: Citizen) -> None:
    await aline.says("schedule")
    aline.hears("Do you need a ride, or do you drive?")
    await aline.taps("I need a ride")
    aline.hears("Which vehicle is it for?")
    await aline.taps("Moto")
    aline.hears("Where does the trip begin?")
    await aline.shares(-1.9441, 30.0619)
    aline.hears("Where does the trip end?")
    await aline.taps("Skip")
    aline.hears("When does the trip begin?")
    assert len(aline.rows()) == 9
    await aline.taps("In 2 hours")
    assert aline.offered() == ["Once", "Weekdays", "Every day"]
    await aline.taps("Once")
    aline.hears("Your trip is saved: Moto, Tue 5 Aug, 12:00", "We will remind you: Tue 5 Aug, 11:30")
    scheduled = town.emitted(TripScheduled)[0]
    assert scheduled.due == kigali("2025-08-05T12:00")
    assert (scheduled.person, scheduled.role, scheduled.vehicle) == ("aline", "passenger", "moto")
    assert (scheduled.dropoff, scheduled.estimate_rwf) == (None, None)


async def test_the_reminder_comes_before_and_the_trip_at_its_time(town: Town, aline: Citizen) -> None:
    await drives(town, "jean", -1.9441, 30.0619)
    await plans(aline, "In 30 minutes", "Once")
    aline.hears("RWF 6,901", "remind you: Tue 5 Aug, 10:15")
    aline.forgets()
    await town.passes(minutes=14)
    assert not aline.heard
    await town.passes(minutes=2)
    aline.hears("Your planned trip comes up: Moto, Tue 5 Aug, 10:30")
    assert ("aline", "trip_reminder") in town.templates
    await town.passes(minutes=13)
    await town.people["jean"].says("go online")
    await town.people["jean"].shares(-1.9441, 30.0619)
    await town.passes(minutes=2)
    aline.hears("It is time for your planned trip (Moto)")
    await aline.taps("See drivers")
    aline.hears("Drivers near you", "RWF 6,901")
    await aline.says("my trips")
    aline.hears("You have no trips")


async def test_drivers_see_a_planned_passenger_at_the_time(town: Town, aline: Citizen) -> None:
    await plans(aline, "In 30 minutes", "Once")
    await town.passes(minutes=30)
    jean = await drives(town, "jean", -1.9441, 30.0619)
    await jean.taps("See passengers")
    jean.hears("Passengers near you", "+250****000")


async def test_a_trip_on_weekdays_comes_back_each_of_them(town: Town, aline: Citizen) -> None:
    await plans(aline, "Each morning at 07:30", "Weekdays")
    await town.passes(days=8)
    due = [each.due for each in town.emitted(TripScheduled)]
    assert due == [
        kigali("2025-08-06T07:30"),
        kigali("2025-08-07T07:30"),
        kigali("2025-08-08T07:30"),
        kigali("2025-08-11T07:30"),
        kigali("2025-08-12T07:30"),
        kigali("2025-08-13T07:30"),
        kigali("2025-08-14T07:30"),
    ]
    assert len({each.trip for each in town.emitted(TripScheduled)}) == 7
    assert len({each.plan for each in town.emitted(TripScheduled)}) == 1
    aline.hears("It is time for your planned trip", "The next one: Thu 14 Aug, 07:30")


async def test_each_morning_is_never_only_once(aline: Citizen) -> None:
    await aline.says("schedule")
    await aline.taps("I need a ride")
    await aline.taps("Moto")
    await aline.shares(-1.9441, 30.0619)
    await aline.taps("Skip")
    await aline.taps("Each morning at 07:30")
    assert aline.offered() == ["Weekdays", "Every day"]


async def test_now_begins_at_once(town: Town, aline: Citizen) -> None:
    await plans(aline, "Now", "Once")
    aline.hears("Your trip is saved")
    await aline.taps("See drivers")
    aline.hears("Nobody is online")
    assert len(town.emitted(TripScheduled)) == 1
    assert {name.partition(":")[0] for name in town.timers} == {"presence", "charge"}
    await aline.says("my trips")
    aline.hears("You have no trips")


async def test_now_and_every_day(town: Town, aline: Citizen) -> None:
    await plans(aline, "Now", "Every day")
    assert [each.due for each in town.emitted(TripScheduled)] == [
        kigali("2025-08-05T10:00"),
        kigali("2025-08-06T10:00"),
    ]
    await aline.says("my trips")
    assert aline.rows() == ["Wed 6 Aug, 10:00"]


async def test_a_driver_plans_too(town: Town) -> None:
    jean = await drives(town, "jean", -1.9441, 30.0619)
    await plans(jean, "In 1 hour", "Once", role="I drive")
    await town.passes(hours=1)
    jean.hears("Go online, so that passengers can find you")
    await jean.taps("Go online")
    jean.hears("You drive: Moto")


async def test_trips_are_listed_and_cancelled(town: Town, aline: Citizen) -> None:
    await plans(aline, "Tomorrow at 08:00", "Every day")
    await plans(aline, "In 5 hours", "Once")
    await aline.says("my trips")
    assert aline.rows() == ["Tue 5 Aug, 15:00", "Wed 6 Aug, 08:00"]
    await aline.taps("Wed 6 Aug")
    aline.hears("Planned trip: Moto, Wed 6 Aug, 08:00. How often: Every day.", "RWF 6,901")
    await aline.taps("Cancel trip")
    aline.hears("The planned trip is cancelled: Wed 6 Aug, 08:00")
    assert len(town.emitted(TripUnscheduled)) == 1
    assert sorted(name.partition(":")[0] for name in town.timers) == ["charge", "due", "reminder"]
    await aline.taps("Cancel trip")
    aline.hears("This planned trip is over, or was cancelled")
    await town.passes(days=3)
    assert len(town.emitted(TripScheduled)) == 2


async def test_nobody_cancels_the_plan_of_another(town: Town, aline: Citizen) -> None:
    await plans(aline, "Tomorrow at 08:00", "Once")
    cancel = taps_of(aline.heard[-1])["Cancel trip"]
    mallory = town.arrives("mallory")
    for identity in (cancel, cancel.replace("unplan", "planned"), "mobility:unplan:7", "mobility:planned"):
        await mallory.taps_id(identity)
        mallory.hears("This planned trip is over, or was cancelled")
    await aline.says("my trips")
    assert len(aline.rows()) == 1


async def test_a_timer_that_comes_late_or_twice_does_no_harm(town: Town, aline: Citizen) -> None:
    await plans(aline, "Tomorrow at 08:00", "Every day")
    first = town.emitted(TripScheduled)[0]
    due = PlannedTripDue(plan=first.plan, trip=first.trip)
    await town.passes(hours=22)
    aline.forgets()
    before = len(town.events)
    await town.event(due, "aline")
    await town.event(ReminderDue(plan=first.plan, trip=first.trip), "aline")
    assert not aline.heard
    assert len(town.events) == before


async def test_days_that_nobody_was_there_for_are_left_out(town: Town, aline: Citizen) -> None:
    await plans(aline, "Tomorrow at 08:00", "Every day")
    first = town.emitted(TripScheduled)[0]
    town.timers.clear()
    await town.passes(days=10)
    await town.event(ReminderDue(plan=first.plan, trip=first.trip), "aline")
    aline.hears("Your trip is saved")  # no reminder of what has passed
    await town.event(PlannedTripDue(plan=first.plan, trip=first.trip), "aline")
    assert [each.due for each in town.emitted(TripScheduled)][1:] == [kigali("2025-08-16T08:00")]


async def test_a_second_tap_on_the_last_question(aline: Citizen) -> None:
    await plans(aline, "Tomorrow at 08:00", "Once")
    await aline.taps("Once")
    aline.hears("This question has been answered, or is too old")
    await aline.taps("My trips")
    assert len(aline.rows()) == 1


async def test_twenty_plans_are_enough(town: Town, aline: Citizen) -> None:
    for _ in range(20):
        await plans(aline, "Tomorrow at 08:00", "Once")
        await town.passes(seconds=1)
    await plans(aline, "Tomorrow at 08:00", "Once")
    aline.hears("You have 20 planned trips already")
    assert len(town.emitted(TripScheduled)) == 20


async def test_the_last_place_is_one_tap_away(aline: Citizen) -> None:
    await plans(aline, "Tomorrow at 08:00", "Once")
    await aline.says("schedule")
    await aline.taps("I need a ride")
    await aline.taps("Cab")
    await aline.taps("Same place")
    await aline.says("skip")
    await aline.taps("In 1 hour")
    await aline.taps("Once")
    aline.hears("Your trip is saved: Cab")


async def test_other_answers_are_asked_for_again(town: Town, aline: Citizen) -> None:
    await aline.says("schedule")
    await aline.taps("I need a ride")
    await aline.shares(-1.9441, 30.0619)
    aline.hears("Which vehicle is it for?")  # the place is asked for after the vehicle
    await aline.taps("Moto")
    await aline.says("the big tree")
    await aline.sends_photo()
    aline.hears("Please share a place")
    await aline.shares(-1.9441, 30.0619)
    await aline.says("the small tree")
    aline.hears("Please share a place")
    await aline.taps("Skip")
    for answer in (aline.says("at noon"), aline.sends_photo()):
        await answer
        aline.hears("When does the trip begin?")
    await aline.taps("Now")
    for answer in (aline.says("sometimes"), aline.sends_photo()):
        await answer
        aline.hears("How often?")


@pytest.mark.parametrize("tap", ["plan_skip", "plan_when:now", "plan_when:never", "plan_often:once"])
async def test_old_taps(aline: Citizen, tap: str) -> None:
    await aline.taps_id(f"mobility:{tap}")
    aline.hears("This question has been answered, or is too old")


@pytest.mark.parametrize("tap", ["plan_vehicle:moto", "plan_vehicle:tank"])
async def test_a_vehicle_without_a_role(aline: Citizen, tap: str) -> None:
    await aline.taps_id(f"mobility:{tap}")
    aline.hears("Do you need a ride, or do you drive?")


async def test_an_old_place(aline: Citizen) -> None:
    await aline.taps_id("mobility:plan_here")
    aline.hears("Where does the trip begin?")
