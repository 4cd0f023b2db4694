"""What drivers read when they register and go online."""

from __future__ import annotations

from datetime import datetime

from consumers.mobility.rules.driving import InsuranceGap
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.texts.catalogue import texts
from consumers.mobility.texts.words import clock, vehicle
from consumers.texts import Text

_GAPS: dict[InsuranceGap, Text] = {
    "missing": texts("Before you go online, please send us the insurance of your vehicle."),
    "expired": texts("The insurance of your vehicle has expired. Please send us the new one."),
}


def menu_online_description() -> Text:
    return texts("For drivers: be found for 30 minutes")


def which_vehicle() -> Text:
    return texts("Welcome, driver! Which vehicle do you drive?")


def which_plate() -> Text:
    return texts("What is your plate number? For example RAA123C.")


def wrong_plate() -> Text:
    return texts("A plate has 4 to 10 letters and digits, such as RAA123C. Please type it again.")


def registered(which: Vehicle, plate: str) -> Text:
    return texts("You are registered: {vehicle}, plate {plate}.", vehicle=vehicle(which), plate=plate)


def where_are_you() -> Text:
    return texts("Share where you are, and passengers can find you for 30 minutes.")


def you_drive(which: Vehicle, plate: str) -> Text:
    return texts("You drive: {vehicle}, plate {plate}.", vehicle=vehicle(which), plate=plate)


def online(until: datetime) -> Text:
    return texts(
        "You are online until {until}. When you move, share your location again.", until=clock(until)
    )


def offline() -> Text:
    return texts("You are offline. Passengers no longer see you.")


def time_is_over() -> Text:
    return texts("Your 30 minutes online are over. Passengers no longer see you.")


def insurance(gap: InsuranceGap) -> Text:
    return _GAPS[gap]


def go_online_again() -> Text:
    return texts("Go online, and passengers can find you.")
