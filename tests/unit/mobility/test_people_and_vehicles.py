"""Plates, insurance, vehicles by name, references, and words that mean: skip."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.mobility.rules.driving import insurance_gap, read_plate
from consumers.mobility.rules.people import Role, read_role, reference, wants_to_skip
from consumers.mobility.rules.vehicles import Vehicle, read_vehicle, vehicle_named


@pytest.mark.parametrize(
    ("text", "plate"),
    [
        ("RAA123C", "RAA123C"),
        (" raa 123 c ", "RAA123C"),
        ("Rc-452.D", "RC452D"),
        ("RAB 001 A/", "RAB001A"),
        ("A123", "A123"),
        ("ABCDE12345", "ABCDE12345"),
        ("A12", None),  # too short
        ("ABCDEF12345", None),  # too long
        ("JOBS", None),  # a word
        ("0788123456", None),  # a phone number
        ("RAA123C!", None),
        ("RÀA123C", None),
        ("RAA١٢٣C", None),  # other digits
        ("", None),
        ("A1" * 5000, None),
    ],
)
def test_plates(text: str, plate: str | None) -> None:
    assert read_plate(text) == plate


@given(text=st.text(max_size=60))
def test_a_plate_is_read_the_same_again(text: str) -> None:
    plate = read_plate(text)
    if plate is not None:
        assert read_plate(plate) == plate
        assert plate.isascii()
        assert 4 <= len(plate) <= 10


@pytest.mark.parametrize(
    ("insured_until", "required", "gap"),
    [
        (None, False, None),
        (date(2020, 1, 1), False, None),
        (None, True, "missing"),
        (date(2025, 8, 4), True, "expired"),
        (date(2025, 8, 5), True, None),  # the last day still counts
        (date(2026, 1, 1), True, None),
    ],
)
def test_insurance(insured_until: date | None, required: bool, gap: str | None) -> None:
    assert insurance_gap(insured_until, date(2025, 8, 5), required=required) == gap


def test_insurance_is_not_required_yet() -> None:
    assert insurance_gap(None, date(2025, 8, 5)) is None


@pytest.mark.parametrize(
    ("text", "vehicle"),
    [
        ("book a moto please", Vehicle.MOTO),
        ("ndashaka umumotari", Vehicle.MOTO),
        ("taxi", Vehicle.CAB),
        ("taxi moto", Vehicle.MOTO),
        ("Une VOITURE, vite", Vehicle.CAB),
        ("nahitaji lori", Vehicle.TRUCK),
        ("any other cab", Vehicle.CAB),
        ("other", Vehicle.OTHER),
        ("motorway", None),  # whole words only
        ("book ride", None),
    ],
)
def test_vehicles_by_name(text: str, vehicle: Vehicle | None) -> None:
    assert vehicle_named(text) is vehicle


def test_values_that_are_none_of_ours() -> None:
    assert read_vehicle("tank") is None
    assert read_vehicle(None) is None
    assert read_role("owner") is None
    assert read_role("driver") is Role.DRIVER


@given(identity=st.text())
def test_a_reference_is_short_readable_and_the_same(identity: str) -> None:
    name = reference(identity)
    assert name == reference(identity)
    assert len(name) == 5
    assert not set(name) & set("01ILO")


@pytest.mark.parametrize(
    ("text", "skips"),
    [("Skip", True), (" passer ", True), ("RUKA", True), ("skip it", False), ("Huye", False)],
)
def test_words_that_mean_skip(text: str, skips: bool) -> None:
    assert wants_to_skip(text) is skips
