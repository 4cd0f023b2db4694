"""What a trip costs, in whole RWF."""

from __future__ import annotations

from dataclasses import dataclass

from consumers.mobility.rules.cells import distance_m
from consumers.mobility.rules.vehicles import Vehicle
from schemas.events.mobility import Place

VAT_PERCENT = 18
CANCELLATION_MINIMUM_RWF = 500
CANCELLATION_PERCENT = 20

# A destination is known as a point, the way there is not: roads are about 1.4 times as long as the straight
# line, and traffic in town moves at about 25 km/h.
ROAD_PERCENT = 140
TOWN_SPEED_M_A_MINUTE = 417
LONGEST_M = 300_000  # farther than across Rwanda: a wrong point, no trip to price


@dataclass(frozen=True, slots=True)
class Fare:
    """A tariff before VAT, in RWF."""

    base: int
    a_km: int
    a_minute: int
    minimum: int


FARES = {
    "moto": Fare(500, 300, 50, 1000),
    "cab": Fare(1000, 500, 100, 1500),
    "suv": Fare(1500, 700, 150, 2000),
    "bus": Fare(3000, 1000, 200, 4000),
    "truck": Fare(5000, 1500, 300, 6000),
}


def fare_rwf(tariff: str, metres: int, minutes: int) -> int | None:
    """The price of a way with VAT, rounded up to the franc; None where the tariff is not fixed.

    Raises ValueError for a negative distance or time.
    """
    if metres < 0 or minutes < 0:
        raise ValueError("a way has no negative length or time")
    fare = FARES.get(tariff)
    if fare is None:
        return None
    milli = 1000 * (fare.base + fare.a_minute * minutes) + fare.a_km * metres
    milli = max(milli, 1000 * fare.minimum)
    return _ceil(milli * (100 + VAT_PERCENT), 100_000)


def estimate_rwf(vehicle: Vehicle, pickup: Place, dropoff: Place | None) -> int | None:
    """What a trip will cost about, with VAT.

    None where the destination is not known or out of reach, or where the two sides agree on the price
    (lifan and other vehicles have no fixed fare).
    """
    if dropoff is None:
        return None
    straight = round(distance_m(pickup, dropoff))
    if straight > LONGEST_M:
        return None
    metres = straight * ROAD_PERCENT // 100
    return fare_rwf(vehicle, metres, _ceil(metres, TOWN_SPEED_M_A_MINUTE))


def cancellation_fee_rwf(estimate: int | None) -> int:
    """What a passenger owes who calls the trip off after the driver has arrived."""
    return max(CANCELLATION_MINIMUM_RWF, _ceil((estimate or 0) * CANCELLATION_PERCENT, 100))


def _ceil(amount: int, divisor: int) -> int:
    return -(-amount // divisor)
