"""A few places in and around Kigali to share as one's location."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A point on the map, in degrees."""

    name: str
    latitude: float
    longitude: float
    address: str


PLACES = (
    Place("Kigali Convention Centre", -1.9546, 30.0928, "KG 2 Roundabout, Kigali"),
    Place("Nyabugogo bus park", -1.9397, 30.0447, "Nyabugogo, Kigali"),
    Place("Kimironko market", -1.9497, 30.1264, "KG 11 Ave, Kigali"),
    Place("Kigali airport", -1.9630, 30.1350, "Kanombe, Kigali"),
    Place("Kigali Heights", -1.9532, 30.0922, "KG 7 Ave, Kigali"),
    Place("Nyamirambo stadium", -1.9768, 30.0440, "Nyamirambo, Kigali"),
    Place("Remera, Amahoro stadium", -1.9552, 30.1147, "Remera, Kigali"),
    Place("Musanze bus station", -1.4995, 29.6344, "Musanze"),
)


def place_called(words: str) -> Place | None:
    """The first place whose name holds these words, else None."""
    wanted = words.strip().casefold()
    return next((place for place in PLACES if wanted and wanted in place.name.casefold()), None)
