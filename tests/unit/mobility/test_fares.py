"""What trips cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.mobility.rules.fares import (
    FARES,
    cancellation_fee_rwf,
    estimate_rwf,
    fare_rwf,
)
from consumers.mobility.rules.vehicles import Vehicle
from schemas.events.mobility import Place

KIGALI = Place(latitude=-1.9441, longitude=30.0619)
AIRPORT = Place(latitude=-1.9686, longitude=30.1395)
HUYE = Place(latitude=-2.5967, longitude=29.7394)


@pytest.mark.parametrize(
    ("tariff", "metres", "minutes", "rwf"),
    [
        ("moto", 0, 0, 1180),  # the minimum of 1,000, and 18 % VAT
        ("moto", 5_000, 10, 2950),  # 500 + 1,500 + 500 = 2,500
        ("moto", 1_500, 1, 1180),  # 500 + 450 + 50 = 1,000
        ("moto", 1_501, 1, 1181),  # a franc begun is a franc
        ("cab", 5_000, 10, 5310),  # 1,000 + 2,500 + 1,000 = 4,500
        ("cab", 100, 1, 1770),
        ("suv", 5_000, 10, 7670),  # 1,500 + 3,500 + 1,500 = 6,500
        ("bus", 0, 0, 4720),
        ("truck", 10_000, 20, 30_680),  # 5,000 + 15,000 + 6,000 = 26,000
        ("lifan", 5_000, 10, None),
        ("other", 5_000, 10, None),
    ],
)
def test_fares(tariff: str, metres: int, minutes: int, rwf: int | None) -> None:
    assert fare_rwf(tariff, metres, minutes) == rwf


@pytest.mark.parametrize(
    ("estimate", "fee"), [(None, 500), (0, 500), (2_500, 500), (2_501, 501), (2_600, 520), (10_000, 2_000)]
)
def test_cancelling_late_costs_a_fifth_and_500_at_least(estimate: int | None, fee: int) -> None:
    assert cancellation_fee_rwf(estimate) == fee


@given(tariff=st.sampled_from(list(FARES)), metres=st.integers(0, 10**6), minutes=st.integers(0, 10**4))
def test_farther_is_never_cheaper(tariff: str, metres: int, minutes: int) -> None:
    fare, farther = fare_rwf(tariff, metres, minutes), fare_rwf(tariff, metres + 500, minutes + 1)
    assert fare is not None
    assert farther is not None
    assert 1.18 * FARES[tariff].minimum <= fare <= farther


def test_an_estimate_follows_roads() -> None:
    """9.04 km as the crow flies: 12.66 km by road, 31 minutes."""
    assert estimate_rwf(Vehicle.MOTO, KIGALI, AIRPORT) == 6901
    assert estimate_rwf(Vehicle.CAB, KIGALI, AIRPORT) == 12_308


def test_no_estimate_without_a_destination_or_a_fare() -> None:
    assert estimate_rwf(Vehicle.MOTO, KIGALI, None) is None
    assert estimate_rwf(Vehicle.LIFAN, KIGALI, AIRPORT) is None
    assert estimate_rwf(Vehicle.CAB, KIGALI, HUYE) is not None
    assert estimate_rwf(Vehicle.CAB, KIGALI, Place(latitude=48.85, longitude=2.35)) is None


def test_no_way_is_negative() -> None:
    with pytest.raises(ValueError, match="negative"):
        fare_rwf("moto", -1, 0)
