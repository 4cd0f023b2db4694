"""Mobility's use cases, one a file; importing this package registers them all.

Where a sentence names two intents equally ("schedule a trip"), the one that is registered first wins. The
order of these imports keeps the special ones before `book_ride`, and a test holds it.
"""

from __future__ import annotations

from consumers.mobility.domain import mobility
from consumers.mobility.flows import (
    joining,
    lapsing,
    online,
    own_trips,
    planning,
    rating,
    registering,
    reminding,
    requesting,
    riding,
    seeking,
    subscribing,
    wallet_answers,
)

__all__ = [
    "joining",
    "lapsing",
    "mobility",
    "online",
    "own_trips",
    "planning",
    "rating",
    "registering",
    "reminding",
    "requesting",
    "riding",
    "seeking",
    "subscribing",
    "wallet_answers",
]
