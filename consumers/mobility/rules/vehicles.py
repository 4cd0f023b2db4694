"""Vehicles, and the words by which people call them in four languages."""

from __future__ import annotations

import re
from enum import StrEnum


class Vehicle(StrEnum):
    """What a person rides or drives."""

    MOTO = "moto"
    CAB = "cab"
    LIFAN = "lifan"
    TRUCK = "truck"
    OTHER = "other"


USUAL_VEHICLE = Vehicle.MOTO  # what most people in Kigali take; "book ride" begins with it

_WORDS = {
    Vehicle.MOTO: "moto motos motorcycle motorbike motard motari umumotari pikipiki boda bodaboda",
    Vehicle.CAB: "cab cabs taxi taxis car voiture tagisi taksi teksi imodoka gari",
    Vehicle.LIFAN: "lifan lifans tuktuk",
    Vehicle.TRUCK: "truck trucks lorry camion camions ikamyo lori fuso",
    Vehicle.OTHER: "other autre ikindi izindi nyingine",
}
_VEHICLE_OF = {word: vehicle for vehicle, words in _WORDS.items() for word in words.split()}
_WORD = re.compile(r"[^\W\d_]+")


def vehicle_named(text: str) -> Vehicle | None:
    """The first vehicle that a text names as a whole word, or None; "other" only where it is all there is."""
    named = [_VEHICLE_OF[word] for word in _WORD.findall(text.casefold()[:200]) if word in _VEHICLE_OF]
    return next((vehicle for vehicle in named if vehicle is not Vehicle.OTHER), named[0] if named else None)


def read_vehicle(value: object) -> Vehicle | None:
    """The vehicle that a tap or an earlier answer holds, or None for anything else."""
    try:
        return Vehicle(str(value))
    except ValueError:
        return None
