"""The kept listings: how long, how many, and what drops them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from consumers.jobs.listings import KEPT_FOR, JobCard, Listings, Search
from consumers.jobs.places import PLACES
from consumers.jobs.rules import Category, job_cell, search_cell

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
SALES = Search(Category.SALES, country="RW")


def a_card(number: int = 1, open_until: datetime = NOW + timedelta(days=3)) -> JobCard:
    return JobCard(UUID(int=number), "Cook", 5000, None, "Gasabo", -1.9, 30.1, NOW, open_until)


def test_a_listing_is_kept_for_five_minutes() -> None:
    listings = Listings()
    listings.keep(SALES, [a_card()], NOW)
    assert listings.get(SALES, NOW + KEPT_FOR - timedelta(seconds=1)) == (a_card(),)
    assert listings.get(SALES, NOW + KEPT_FOR) is None


def test_an_empty_listing_is_kept_too() -> None:
    listings = Listings()
    listings.keep(SALES, [], NOW)
    assert listings.get(SALES, NOW) == ()


def test_a_listing_from_the_future_is_not_used() -> None:
    listings = Listings()
    listings.keep(SALES, [a_card()], NOW + timedelta(hours=1))
    assert listings.get(SALES, NOW) is None


def test_a_job_whose_time_is_over_is_left_out() -> None:
    listings = Listings()
    listings.keep(SALES, [a_card(1, NOW + timedelta(minutes=1)), a_card(2)], NOW)
    assert listings.get(SALES, NOW + timedelta(minutes=2)) == (a_card(2),)


def test_a_change_drops_the_listings_in_which_the_job_may_stand() -> None:
    listings = Listings()
    kigali, rubavu = PLACES["RW"][2], next(p for p in PLACES["RW"] if p.name == "Rubavu")
    near = search_cell(kigali.latitude, kigali.longitude)
    far = search_cell(rubavu.latitude, rubavu.longitude)
    dropped = [SALES, Search(None, country="RW"), Search(None, cell=near), Search(Category.SALES, cell=near)]
    kept = [
        Search(Category.CARE, country="RW"),
        Search(Category.SALES, country="UG"),
        Search(Category.CARE, cell=near),
        Search(Category.SALES, cell=far),
    ]
    for search in (*dropped, *kept):
        listings.keep(search, [a_card()], NOW)
    listings.forget(Category.SALES, "RW", job_cell(kigali.latitude, kigali.longitude))
    assert [listings.get(search, NOW) for search in dropped] == [None] * 4
    assert [listings.get(search, NOW) for search in kept] == [(a_card(),)] * 4


def test_the_least_recently_used_goes_first() -> None:
    listings = Listings(limit=2)
    searches = [Search(None, cell=cell) for cell in range(3)]
    listings.keep(searches[0], [], NOW)
    listings.keep(searches[1], [], NOW)
    assert listings.get(searches[0], NOW) == ()
    listings.keep(searches[2], [], NOW)
    assert len(listings) == 2
    assert listings.get(searches[1], NOW) is None
    assert listings.get(searches[0], NOW) == ()


@pytest.mark.parametrize(("an_hour", "at_least"), [(6_000, 0.7), (30_000, 0.85)])
def test_most_searches_are_hits(an_hour: int, at_least: float) -> None:
    """An hour in Rwanda: two of five open the board; of the others half search around Kigali, three of ten
    near a named district, the rest everywhere. Meanwhile 60 jobs are posted."""
    random, listings = Random(7), Listings()
    for number in range(an_hour):
        now = NOW + timedelta(seconds=number * 3600 / an_hour)
        search = _a_search(random)
        if listings.get(search, now) is None:
            listings.keep(search, [], now)
        if number % (an_hour // 60) == 0:
            place = random.choice(PLACES["RW"])
            listings.forget(random.choice(list(Category)), "RW", job_cell(place.latitude, place.longitude))
    assert listings.hits / an_hour > at_least


def _a_search(random: Random) -> Search:
    if random.random() < 0.4:
        return Search(None, country="RW")
    category, kind = random.choice([*Category, None]), random.random()
    if kind < 0.5:
        return Search(category, cell=search_cell(random.gauss(-1.95, 0.03), random.gauss(30.08, 0.03)))
    if kind < 0.8:
        place = random.choice(PLACES["RW"])
        return Search(category, cell=search_cell(place.latitude, place.longitude))
    return Search(category, country="RW")
