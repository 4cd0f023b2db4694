"""Places that people name instead of sharing a location: Rwanda's districts, larger towns elsewhere. Pure.

Coordinates are those of a district's main town (GeoNames, rounded to about 100 m).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from consumers.jobs.rules import distance_km, plain

NAMED_WITHIN_KM = 60.0  # farther from any named place than this, a location has only its coordinates


@dataclass(slots=True, frozen=True)
class Place:
    """Where a job is, or where it is looked for: degrees, and the name that people read."""

    name: str
    country: str  # ISO 3166 alpha-2
    latitude: float
    longitude: float

    @property
    def key(self) -> str:
        """Names the place in a row's id, for good: `rw-gasabo`."""
        return f"{self.country}-{self.name}".lower().replace(" ", "_")

    def as_json(self) -> dict[str, Any]:
        """What a conversation remembers of it."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """The inverse of `as_json`."""
        return cls(**value)


def _country(code: str, *places: tuple[str, float, float]) -> tuple[Place, ...]:
    return tuple(Place(name, code, latitude, longitude) for name, latitude, longitude in places)


PLACES: Mapping[str, tuple[Place, ...]] = {
    "RW": _country(
        "RW",
        # The capital's three first, then by name.
        ("Gasabo", -1.9190, 30.1000),
        ("Kicukiro", -1.9790, 30.1030),
        ("Nyarugenge", -1.9580, 30.0560),
        ("Bugesera", -2.2042, 30.1449),
        ("Burera", -1.4720, 29.8400),
        ("Gakenke", -1.6930, 29.7850),
        ("Gatsibo", -1.6100, 30.4500),
        ("Gicumbi", -1.5763, 30.0675),
        ("Gisagara", -2.6160, 29.8380),
        ("Huye", -2.5967, 29.7394),
        ("Kamonyi", -2.0080, 29.8980),
        ("Karongi", -2.0603, 29.3478),
        ("Kayonza", -1.9510, 30.5200),
        ("Kirehe", -2.2640, 30.7110),
        ("Muhanga", -2.0745, 29.7567),
        ("Musanze", -1.4998, 29.6350),
        ("Ngoma", -2.1597, 30.5427),
        ("Ngororero", -1.8628, 29.6254),
        ("Nyabihu", -1.6111, 29.4969),
        ("Nyagatare", -1.2950, 30.3230),
        ("Nyamagabe", -2.4788, 29.5560),
        ("Nyamasheke", -2.3429, 29.0912),
        ("Nyanza", -2.3519, 29.7509),
        ("Nyaruguru", -2.6900, 29.5600),
        ("Rubavu", -1.7028, 29.2564),
        ("Ruhango", -2.2250, 29.7910),
        ("Rulindo", -1.7290, 29.9890),
        ("Rusizi", -2.4846, 28.9075),
        ("Rutsiro", -1.9370, 29.3260),
        ("Rwamagana", -1.9487, 30.4347),
    ),
    "UG": _country(
        "UG",
        ("Kampala", 0.3163, 32.5822),
        ("Entebbe", 0.0644, 32.4469),
        ("Gulu", 2.7746, 32.2990),
        ("Hoima", 1.4331, 31.3524),
        ("Jinja", 0.4244, 33.2042),
        ("Kabale", -1.2486, 29.9899),
        ("Lira", 2.2499, 32.8999),
        ("Masaka", -0.3338, 31.7341),
        ("Mbarara", -0.6047, 30.6485),
    ),
    "KE": _country(
        "KE",
        ("Nairobi", -1.2833, 36.8167),
        ("Eldoret", 0.5204, 35.2699),
        ("Garissa", -0.4532, 39.6461),
        ("Kakamega", 0.2842, 34.7523),
        ("Kisumu", -0.1022, 34.7617),
        ("Mombasa", -4.0547, 39.6636),
        ("Nakuru", -0.3072, 36.0723),
        ("Thika", -1.0333, 37.0693),
    ),
    "TZ": _country(
        "TZ",
        ("Dar es Salaam", -6.8235, 39.2695),
        ("Arusha", -3.3667, 36.6833),
        ("Dodoma", -6.1722, 35.7395),
        ("Kigoma", -4.8769, 29.6267),
        ("Mbeya", -8.9000, 33.4500),
        ("Morogoro", -6.8210, 37.6612),
        ("Mwanza", -2.5167, 32.9000),
        ("Tanga", -5.0689, 39.0988),
        ("Zanzibar", -6.1639, 39.1979),
    ),
    "BI": _country(
        "BI",
        ("Bujumbura", -3.3822, 29.3644),
        ("Gitega", -3.4271, 29.9246),
        ("Kayanza", -2.9221, 29.6293),
        ("Kirundo", -2.5845, 30.0959),
        ("Makamba", -4.1348, 29.8040),
        ("Muyinga", -2.8451, 30.3414),
        ("Ngozi", -2.9075, 29.8306),
        ("Rumonge", -3.9736, 29.4386),
        ("Ruyigi", -3.4764, 30.2486),
    ),
    "CD": _country(
        "CD",
        ("Goma", -1.6741, 29.2285),
        ("Beni", 0.4911, 29.4731),
        ("Bukavu", -2.4908, 28.8428),
        ("Bunia", 1.5594, 30.2522),
        ("Butembo", 0.1416, 29.2912),
        ("Kinshasa", -4.3276, 15.3136),
        ("Kisangani", 0.5153, 25.1910),
        ("Lubumbashi", -11.6609, 27.4794),
        ("Uvira", -3.3953, 29.1378),
    ),
}

HOME_COUNTRY = "RW"
_BY_KEY = {place.key: place for places in PLACES.values() for place in places}
# What people say instead: the capital, whose centre is in Nyarugenge, and main towns for their districts.
_OTHER_NAMES = {
    "kigali": "rw-nyarugenge",
    "butare": "rw-huye",
    "byumba": "rw-gicumbi",
    "cyangugu": "rw-rusizi",
    "gisenyi": "rw-rubavu",
    "gitarama": "rw-muhanga",
    "kibungo": "rw-ngoma",
    "kibuye": "rw-karongi",
    "nyamata": "rw-bugesera",
    "ruhengeri": "rw-musanze",
}


def places_of(country: str) -> tuple[Place, ...]:
    """The places to choose from for a person of a country; Rwanda's where we have none there."""
    return PLACES.get(country) or PLACES[HOME_COUNTRY]


def place_by_key(key: str) -> Place | None:
    """The place that a row's id names."""
    return _BY_KEY.get(key)


def place_by_name(text: str, country: str) -> Place | None:
    """The place whose name is in the words that somebody typed: theirs first, then other countries'."""
    words = plain(text).split()
    found = [place for place in _BY_KEY.values() if _within(plain(place.name).split(), words)]
    found += [_BY_KEY[_OTHER_NAMES[word]] for word in words if word in _OTHER_NAMES]
    at_home = [place for place in found if place.country == country]
    return next(iter(at_home or found), None)


def _within(name: list[str], words: list[str]) -> bool:
    return any(words[at : at + len(name)] == name for at in range(len(words) - len(name) + 1))


def place_at(latitude: float, longitude: float, country: str) -> Place:
    """A shared location, named after the nearest place; `country` where nothing named is near."""
    nearest = min(_BY_KEY.values(), key=lambda p: distance_km(latitude, longitude, p.latitude, p.longitude))
    if distance_km(latitude, longitude, nearest.latitude, nearest.longitude) > NAMED_WITHIN_KM:
        return Place(f"{latitude:.2f}, {longitude:.2f}", country, latitude, longitude)
    return Place(nearest.name, nearest.country, latitude, longitude)
