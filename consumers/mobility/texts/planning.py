"""What people read when they plan trips, and when planned trips come due."""

from __future__ import annotations

from datetime import datetime

from consumers.mobility.rules.calendar import Recurrence, When
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.texts.catalogue import texts
from consumers.mobility.texts.words import vehicle
from consumers.texts import Moment, Text

_ROLES = {Role.PASSENGER: texts("I need a ride"), Role.DRIVER: texts("I drive")}
_RECURRENCES = {
    Recurrence.ONCE: texts("Once"),
    Recurrence.WEEKDAYS: texts("Weekdays"),
    Recurrence.DAILY: texts("Every day"),
}
_WHENS = {
    When.NOW: texts("Now"),
    When.IN_30_MINUTES: texts("In 30 minutes"),
    When.IN_1_HOUR: texts("In 1 hour"),
    When.IN_2_HOURS: texts("In 2 hours"),
    When.IN_5_HOURS: texts("In 5 hours"),
    When.TOMORROW_MORNING: texts("Tomorrow at 08:00"),
    When.TOMORROW_EVENING: texts("Tomorrow at 18:00"),
    When.EACH_MORNING: texts("Each morning at 07:30"),
    When.EACH_EVENING: texts("Each evening at 17:30"),
}


def role(which: Role) -> Text:
    return _ROLES[which]


def recurrence(which: Recurrence) -> Text:
    return _RECURRENCES[which]


def when(which: When) -> Text:
    return _WHENS[which]


def menu_schedule_description() -> Text:
    return texts("Once, on weekdays or every day")


def which_role() -> Text:
    return texts("Let us plan a trip. Do you need a ride, or do you drive?")


def where_from() -> Text:
    return texts("Where does the trip begin?")


def which_vehicle() -> Text:
    return texts("Which vehicle is it for?")


def begin_at_same_place() -> Text:
    return texts("It can begin where you were last.")


def where_to() -> Text:
    return texts("Where does the trip end?")


def which_time() -> Text:
    return texts("When does the trip begin?")


def how_often() -> Text:
    return texts("How often?")


def saved(which: Vehicle, due: datetime, again: Recurrence) -> Text:
    return texts(
        "Your trip is saved: {vehicle}, {due}. How often: {recurrence}.",
        vehicle=vehicle(which),
        due=Moment(due),
        recurrence=recurrence(again),
    )


def reminder_at(at: datetime) -> Text:
    return texts("We will remind you: {at}.", at=Moment(at))


def too_many(limit: int) -> Text:
    return texts("You have {limit} planned trips already. Please cancel one of them first.", limit=limit)


def answered_already() -> Text:
    return texts("This question has been answered, or is too old.")


def reminder(which: Vehicle, due: datetime) -> Text:
    return texts("Your planned trip comes up: {vehicle}, {due}.", vehicle=vehicle(which), due=Moment(due))


def begins_for_passenger(which: Vehicle) -> Text:
    return texts(
        "It is time for your planned trip ({vehicle}). Drivers near the pickup can see you for 30 minutes.",
        vehicle=vehicle(which),
    )


def begins_for_driver(which: Vehicle) -> Text:
    return texts(
        "It is time for your planned trip ({vehicle}). Go online, so that passengers can find you.",
        vehicle=vehicle(which),
    )


def next_one(due: datetime) -> Text:
    return texts("The next one: {due}.", due=Moment(due))


def your_trips() -> Text:
    return texts("Your trips")


def choose_trip() -> Text:
    return texts("Choose a trip to see or cancel it.")


def no_trips() -> Text:
    return texts("You have no trips at the moment.")


def plan_row(which: Vehicle, again: Recurrence) -> Text:
    return texts("{vehicle} · {recurrence}", vehicle=vehicle(which), recurrence=recurrence(again))


def plan_stands(which: Vehicle, due: datetime, again: Recurrence) -> Text:
    return texts(
        "Planned trip: {vehicle}, {due}. How often: {recurrence}.",
        vehicle=vehicle(which),
        due=Moment(due),
        recurrence=recurrence(again),
    )


def left_out() -> Text:
    return texts("Cancelled this once: too few tokens in your wallet")


def was_planned(due: datetime) -> Text:
    return texts("That was your planned trip of {due}: it does not begin once more.", due=Moment(due))


def plan_cancelled(due: datetime) -> Text:
    return texts("The planned trip is cancelled: {due}. Nothing more comes of it.", due=Moment(due))


def plan_cancelled_riding(due: datetime) -> Text:
    return texts(
        "The planned trip is cancelled: {due}. What was held for it pays the ride that you are on.",
        due=Moment(due),
    )


def plan_over() -> Text:
    return texts("This planned trip is over, or was cancelled.")
