"""Places that people name."""

from __future__ import annotations

import pytest

from consumers.jobs import places
from consumers.jobs.places import PLACES, Place


def test_rwanda_has_its_thirty_districts() -> None:
    assert len({place.name for place in PLACES["RW"]}) == 30


def test_keys_are_unique_and_lead_back() -> None:
    everywhere = [place for country in PLACES.values() for place in country]
    assert len({place.key for place in everywhere}) == len(everywhere)
    for place in everywhere:
        assert places.place_by_key(place.key) is place
        assert ":" not in place.key
        assert "." not in place.key
        assert len(place.name) <= 24


@pytest.mark.parametrize("place", [place for country in PLACES.values() for place in country])
def test_each_place_is_nearest_to_itself(place: Place) -> None:
    assert places.place_at(place.latitude, place.longitude, "XX").name == place.name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Musanze", "Musanze"),
        ("mu karere ka GASABO", "Gasabo"),
        ("dar  es-salaam!", "Dar es Salaam"),
        ("i Kigali", "Nyarugenge"),
        ("Kicukiro, Kigali", "Kicukiro"),
        ("Gisenyi", "Rubavu"),
        ("ngomaa", None),
        ("", None),
    ],
)
def test_a_name_is_found_in_words(text: str, name: str | None) -> None:
    found = places.place_by_name(text, "RW")
    assert (found and found.name) == name


def test_a_person_of_another_country_sees_its_towns() -> None:
    assert places.places_of("UG")[0].name == "Kampala"
    assert places.places_of("FR") == PLACES["RW"]


def test_a_location_far_from_everything_has_its_coordinates_for_a_name() -> None:
    paris = places.place_at(48.8566, 2.3522, "RW")
    assert (paris.name, paris.country) == ("48.86, 2.35", "RW")


def test_a_location_takes_the_country_of_the_place_it_is_named_after() -> None:
    assert places.place_at(0.32, 32.58, "RW").country == "UG"


def test_a_place_is_remembered_as_json() -> None:
    place = PLACES["RW"][0]
    assert Place.from_json(place.as_json()) == place
