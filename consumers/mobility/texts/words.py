"""Words that every use case shares: vehicles, distances, times, people, and buttons (20 characters)."""

from __future__ import annotations

from datetime import datetime

from consumers.mobility.rules.people import reference
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.texts.catalogue import texts
from consumers.texts import Moment, Renderable, Text
from infra.telemetry.masking import mask_phone

_VEHICLES = {
    Vehicle.MOTO: texts("Moto"),
    Vehicle.CAB: texts("Cab"),
    Vehicle.LIFAN: texts("Lifan"),
    Vehicle.TRUCK: texts("Truck"),
    Vehicle.OTHER: texts("Other vehicle"),
}


def vehicle(which: Vehicle) -> Text:
    return _VEHICLES[which]


def who(person: str, phone: str | None) -> str:
    """A person as others see them: the masked number, and a short name that stays the same."""
    return f"{mask_phone(phone) if phone else 'EasyMO'} · {reference(person)}"


def lines(first: Renderable, *rest: Renderable | None) -> Renderable:
    """Sentences, one a line; None is left out."""
    body = first
    for line in rest:
        if line is not None:
            body = texts("{above}\n{below}", above=body, below=line)
    return body


def distance(metres: float) -> Text:
    if metres < 950:
        return texts("{metres} m", metres=max(50, round(metres / 50) * 50))
    whole, tenths = f"{metres / 1000:.1f}".split(".")
    return texts("{whole}.{tenths} km", whole=whole, tenths=tenths)


def ago(then: datetime, now: datetime) -> Text:
    minutes = int((now - then).total_seconds() // 60)
    return texts("{minutes} min ago", minutes=minutes) if minutes > 0 else texts("just now")


def clock(at: datetime) -> Moment:
    return Moment(at, "HH:mm")


def choose() -> Text:
    return texts("Choose")


def see_drivers() -> Text:
    return texts("See drivers")


def other_drivers() -> Text:
    return texts("Other drivers")


def see_passengers() -> Text:
    return texts("See passengers")


def search_again() -> Text:
    return texts("Search again")


def schedule_trip() -> Text:
    return texts("Schedule a trip")


def my_trips() -> Text:
    return texts("My trips")


def change_vehicle() -> Text:
    return texts("Change vehicle")


def same_place() -> Text:
    return texts("Same place")


def skip() -> Text:
    return texts("Skip")


def go_online() -> Text:
    return texts("Go online")


def go_offline() -> Text:
    return texts("Go offline")


def share_location() -> Text:
    return texts("Please share a place: tap the button, or 📎 and then Location.")


def question_too_old() -> Text:
    return texts("That was a while ago, so let us begin anew.")
