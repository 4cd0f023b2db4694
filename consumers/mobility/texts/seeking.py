"""What people read while they look for a ride, or for passengers."""

from __future__ import annotations

from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.texts.catalogue import texts
from consumers.mobility.texts.words import vehicle
from consumers.texts import Renderable, Text


def menu_drivers() -> Text:
    return texts("See drivers nearby")


def menu_drivers_description() -> Text:
    return texts("Moto, cab or truck within 10 km")


def menu_passengers() -> Text:
    return texts("See passengers nearby")


def menu_passengers_description() -> Text:
    return texts("For drivers: who needs a ride near you")


def choose_vehicle() -> Text:
    return texts("Which vehicle do you need?")


def as_last_time() -> Text:
    return texts("Same as last time")


def as_last_time_description(which: Vehicle) -> Text:
    return texts("{vehicle}, from the same place", vehicle=vehicle(which))


def where_pickup() -> Text:
    return texts("Where should we pick you up?")


def looking_for(which: Vehicle) -> Text:
    return texts("We look for this vehicle: {vehicle}.", vehicle=vehicle(which))


def where_to() -> Text:
    return texts("Where are you going?")


def may_skip_destination() -> Text:
    return texts("With a destination we can tell you the price. You may also skip it.")


def drivers_near() -> Text:
    return texts("Drivers near you")


def choose_driver() -> Text:
    return texts("Choose a driver, and we ask at once. The answer comes within 2 minutes.")


def about(amount: str) -> Text:
    return texts("The trip costs about {amount}, VAT included.", amount=amount)


def agree_on_price() -> Text:
    return texts("Please agree on the price with each other.")


def no_driver_near(which: Vehicle) -> Text:
    return texts(
        "Nobody is online within 10 km with this vehicle: {vehicle}. Drivers nearby can see you for 30 "
        "minutes. You can also search again or schedule a trip.",
        vehicle=vehicle(which),
    )


def driver_row(distance: Renderable, ago: Renderable, plate: str) -> Text:
    return texts("{distance} · {ago} · {plate}", distance=distance, ago=ago, plate=plate)


def rated_driver_row(distance: Renderable, ago: Renderable, plate: str, stars: str) -> Text:
    return texts(
        "{distance} · {ago} · {plate} · ★ {stars}", distance=distance, ago=ago, plate=plate, stars=stars
    )


def passengers_near() -> Text:
    return texts("Passengers near you")


def choose_passenger() -> Text:
    return texts("Choose a passenger, and we offer your ride at once. The answer comes within 2 minutes.")


def no_passenger_near() -> Text:
    return texts("Nobody near you looks for a ride right now. While you are online, passengers can find you.")


def passenger_row(distance: Renderable, ago: Renderable) -> Text:
    return texts("{distance} · {ago}", distance=distance, ago=ago)
