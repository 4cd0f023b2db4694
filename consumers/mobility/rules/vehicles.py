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

# From the words that say most to those that say least: a "taxi moto" is a moto, and "any other cab" a cab.
_WORDS = (
    (Vehicle.MOTO, "moto motos motorcycle motorbike motard motari umumotari pikipiki boda bodaboda"),
    (Vehicle.LIFAN, "lifan lifans tuktuk"),
    (Vehicle.TRUCK, "truck trucks lorry camion camions ikamyo lori fuso"),
    (Vehicle.CAB, "cab cabs taxi taxis car voiture tagisi taksi teksi imodoka gari"),
    (Vehicle.OTHER, "other autre ikindi izindi nyingine"),
)
_VEHICLE_OF = {word: vehicle for vehicle, words in _WORDS for word in words.split()}
_RANK = {vehicle: rank for rank, (vehicle, _) in enumerate(_WORDS)}
_WORD = re.compile(r"[^\W\d_]+")


def vehicle_named(text: str) -> Vehicle | None:
    """The vehicle that a text names as a whole word, or None; of several the one that says most."""
    words = _WORD.findall(text.casefold()[:200])
    return min(
        (_VEHICLE_OF[word] for word in words if word in _VEHICLE_OF), key=_RANK.__getitem__, default=None
    )


def read_vehicle(value: object) -> Vehicle | None:
    """The vehicle that a tap or an earlier answer holds, or None for anything else."""
    try:
        return Vehicle(str(value))
    except ValueError:
        return None
