"""Cells: a search misses nobody within its radius."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, pi, radians, sin

import h3.api.basic_int as h3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.mobility.rules.cells import (
    BANDS,
    EARTH_RADIUS_M,
    NEARBY_KM,
    RESOLUTION,
    Band,
    cell_at,
    cells_around,
    distance_m,
)
from schemas.events.mobility import Place

# Rwanda, Uganda, Kenya, Tanzania, Burundi and the Democratic Republic of the Congo.
HERE = st.builds(Place, latitude=st.floats(-14, 6), longitude=st.floats(12, 42))


def moved(place: Place, metres: float, bearing: float) -> Place:
    """The place so many metres away, at `bearing` radians from north."""
    latitude, longitude, angle = radians(place.latitude), radians(place.longitude), metres / EARTH_RADIUS_M
    there = asin(sin(latitude) * cos(angle) + cos(latitude) * sin(angle) * cos(bearing))
    east = atan2(sin(bearing) * sin(angle) * cos(latitude), cos(angle) - sin(latitude) * sin(there))
    return Place(latitude=degrees(there), longitude=degrees(longitude + east))


@pytest.mark.parametrize("band", BANDS)
@given(place=HERE, share=st.floats(0, 1), bearing=st.floats(0, 2 * pi))
def test_a_band_holds_everybody_within_its_radius(
    band: Band, place: Place, share: float, bearing: float
) -> None:
    somebody = moved(place, share * band.radius_m, bearing)
    assert cell_at(somebody) in set(cells_around(place, band))


@given(place=HERE)
def test_hexagons_are_as_large_as_the_bands_assume(place: Place) -> None:
    edges = h3.origin_to_directed_edges(cell_at(place))
    shortest_m = min(h3.edge_length(edge, unit="m") for edge in edges)
    assert shortest_m >= 475
    for band in BANDS:
        assert (1.5 * band.rings - 1) * shortest_m >= band.radius_m


@given(place=HERE, metres=st.floats(0, 20_000), bearing=st.floats(0, 2 * pi))
def test_distances(place: Place, metres: float, bearing: float) -> None:
    somewhere = moved(place, metres, bearing)
    assert distance_m(place, somewhere) == pytest.approx(metres, abs=0.5)
    assert distance_m(place, somewhere) == distance_m(somewhere, place)


def test_bands_grow_to_ten_kilometres() -> None:
    assert [band.radius_m for band in BANDS] == sorted(band.radius_m for band in BANDS)
    assert BANDS[-1].radius_m == NEARBY_KM * 1000
    kigali = Place(latitude=-1.9441, longitude=30.0619)
    assert [len(cells_around(kigali, band)) for band in BANDS] == [19, 127, 721]


@given(latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))
def test_a_cell_fits_the_column(latitude: float, longitude: float) -> None:
    cell = cell_at(Place(latitude=latitude, longitude=longitude))
    assert 0 < cell < 2**63
    assert h3.get_resolution(cell) == RESOLUTION
