"""What a search found, kept for five minutes in this process: most people look at the same board.

A listing is kept by (category, country or search cell), so everybody within a cell of some 3.7 km edge
shares one; distances and order are worked out for each of them anew. Its rule of invalidation:

- five minutes after it was read it is read again;
- a job that this process posts, closes, renews or lets lapse drops at once the listings in which it may
  stand; other processes see the change after five minutes at most;
- a job whose time is over is left out when a listing is used, however old that is.

So a listing may show a job that was closed a moment ago: whoever taps it is told so, because details and
applications always read the job itself. Nobody's own jobs or applications come from here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from consumers.jobs.rules import Category, PayUnit, cells_around
from infra.settings import Settings
from infra.telemetry import metrics

KEPT_FOR = timedelta(minutes=5)
KEPT_LISTINGS = 512  # of at most 45 cards of some 0.5 kB: 12 MB when every one is full


@dataclass(slots=True, frozen=True)
class Search:
    """What is looked for: near a search cell, or anywhere in a country; a category, or any."""

    category: Category | None
    country: str = ""  # for a search without a cell
    cell: int | None = None

    def covers(self, category: Category, country: str, cell: int) -> bool:
        """Whether a job of this category and country, kept under this cell, may be found."""
        if self.category not in (None, category):
            return False
        return self.country == country if self.cell is None else cell in cells_around(self.cell)


@dataclass(slots=True, frozen=True)
class JobCard:
    """What a list shows of a job."""

    id: UUID
    title: str
    pay_rwf: int | None
    pay_unit: PayUnit | None
    place: str
    latitude: float
    longitude: float
    posted_at: datetime
    open_until: datetime


_HIT = metrics.CACHE_READS.labels("jobs", "hit")
_MISSED = metrics.CACHE_READS.labels("jobs", "missed")


class Listings:
    """The kept listings, the least recently used dropped first."""

    def __init__(self, limit: int = KEPT_LISTINGS, kept_for: timedelta = KEPT_FOR) -> None:
        self._limit = limit
        self._kept_for = kept_for
        self._kept: OrderedDict[Search, tuple[datetime, tuple[JobCard, ...]]] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, search: Search, now: datetime) -> tuple[JobCard, ...] | None:
        """The jobs of a kept listing that are still open; None when it has to be read."""
        kept = self._kept.get(search)
        if kept is None or not kept[0] <= now < kept[0] + self._kept_for:
            self.misses += 1
            _MISSED.inc()
            return None
        self.hits += 1
        _HIT.inc()
        self._kept.move_to_end(search)
        return tuple(card for card in kept[1] if card.open_until > now)

    def keep(self, search: Search, cards: Sequence[JobCard], now: datetime) -> None:
        """Keep what was read at `now`."""
        self._kept[search] = (now, tuple(cards))
        self._kept.move_to_end(search)
        while len(self._kept) > self._limit:
            self._kept.popitem(last=False)

    def forget(self, category: Category, country: str, cell: int) -> None:
        """Drop every listing in which a job may stand that has this category, country and cell."""
        for search in [search for search in self._kept if search.covers(category, country, cell)]:
            del self._kept[search]


@asynccontextmanager
async def resources(settings: Settings) -> AsyncIterator[dict[type, Any]]:
    """What this domain's handlers may ask for besides stores: one of each for a process."""
    yield {Listings: Listings()}
