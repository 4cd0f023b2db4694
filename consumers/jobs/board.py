"""Use cases: the board, and a search by kind of work and place."""

from __future__ import annotations

from consumers.domain import Decision, MenuRow, Turn, ask, done, stay, unclaimed
from consumers.jobs import keywords, texts, views
from consumers.jobs.choices import described, typed
from consumers.jobs.domain import BROWSING, CATEGORY, WHERE, jobs
from consumers.jobs.listings import Listings, Search
from consumers.jobs.places import Place, place_at, place_by_key, place_by_name, places_of
from consumers.jobs.profiles import refresh
from consumers.jobs.rules import RADIUS_KM, Category, search_cell
from consumers.jobs.store import JobStore
from schemas.content import LocationShared, TextSaid

ANY = "all"  # stands for a category in ids and answers


@jobs.starts(
    "jobs_home",
    keywords=keywords.JOBS,
    menu=MenuRow(texts.jobs_row(), texts.jobs_about(), priority=70),
)
async def jobs_home(turn: Turn, store: JobStore, listings: Listings) -> Decision:
    """What one can do here, and the newest jobs of the person's country."""
    cards = await store.listed(Search(None, country=turn.routed.country), turn.now, listings)
    refresh(turn, store)
    return ask(BROWSING, views.home(cards, turn.now))


@jobs.starts("find_jobs", keywords=keywords.FIND)
async def find_jobs(turn: Turn) -> Decision:
    """The kinds of work."""
    return ask(CATEGORY, views.categories())


@jobs.taps("in")
async def category_chosen(turn: Turn) -> Decision:
    """A kind of work: where?"""
    return ask_where(turn.argument) if _known(turn.argument) else done(views.gone())


@jobs.at(CATEGORY, expects=TextSaid)
async def category_typed(turn: Turn) -> Decision:
    """The same, typed."""
    choices = {str(category): title for category, title in texts.CATEGORY_ROWS.items()}
    chosen = typed(turn.text, {**choices, ANY: texts.every_category_row()}, turn.locale)
    chosen = chosen or described(turn.text, texts.CATEGORY_ABOUTS, turn.locale)
    return ask_where(chosen) if chosen else unclaimed(otherwise=views.categories())


@jobs.at(CATEGORY)
async def category_missing(turn: Turn) -> Decision:
    """Something else than a kind of work."""
    return stay(views.categories())


@jobs.at(WHERE, expects=LocationShared)
async def location_shared(turn: Turn, store: JobStore, listings: Listings) -> Decision:
    """Near where the person is."""
    here = place_at(turn.location.latitude, turn.location.longitude, turn.routed.country)
    return await found(turn, store, listings, category=turn.data.get("looking_for", ANY), place=here)


@jobs.at(WHERE, expects=TextSaid)
async def place_typed(turn: Turn, store: JobStore, listings: Listings) -> Decision:
    """Near a place whose name was typed."""
    category = turn.data.get("looking_for", ANY)
    place = place_by_name(turn.text, turn.routed.country)
    if place is None:
        return unclaimed(otherwise=views.or_where(category, texts.unknown_place()))
    return await found(turn, store, listings, category=category, place=place)


@jobs.at(WHERE)
async def place_missing(turn: Turn) -> Decision:
    """Something else than a place."""
    return stay(*views.where(turn.data.get("looking_for", ANY)))


@jobs.taps("districts")
async def districts(turn: Turn) -> Decision:
    """The named places of the person's country."""
    category = turn.argument if _known(turn.argument) else ANY
    menu = views.districts(places_of(turn.routed.country), "near", f"{category}.")
    return ask(WHERE, menu, looking_for=category)


@jobs.taps("near")
async def place_chosen(turn: Turn, store: JobStore, listings: Listings) -> Decision:
    """Near a named place, or anywhere: `<category>.<place or any>`."""
    category, _, key = turn.argument.partition(".")
    place = place_by_key(key)
    if not _known(category) or (place is None and key != "any"):
        return done(views.gone())
    return await found(turn, store, listings, category=category, place=place)


@jobs.at(BROWSING)
async def something_else(turn: Turn) -> Decision:
    """A list was shown, and something else came than a tap on it."""
    return unclaimed(otherwise=views.whither(texts.home_without_jobs()))


def ask_where(category: str) -> Decision:
    """The second question of a search."""
    return ask(WHERE, *views.where(category), looking_for=category)


async def found(
    turn: Turn, store: JobStore, listings: Listings, *, category: str, place: Place | None
) -> Decision:
    """What a search finds: near a place the nearest first, else the newest of the country."""
    sought = None if category == ANY else Category(category)
    if place is None:
        cards = await store.listed(Search(sought, country=turn.routed.country), turn.now, listings)
        if not cards:
            return done(views.nothing_found(texts.none_anywhere()))
        everywhere = [views.Found(card) for card in cards]
        return ask(BROWSING, views.results(texts.found_newest(), everywhere, turn.now))
    search = Search(sought, cell=search_cell(place.latitude, place.longitude))
    reached = views.near(await store.listed(search, turn.now, listings), place)
    wider = jobs.tap("near", f"{category}.any")
    if not reached:
        return done(views.nothing_found(texts.none_near(round(RADIUS_KM), place.name), wider=wider))
    return ask(BROWSING, views.results(texts.found_near(place.name), reached, turn.now, wider=wider))


def _known(category: str) -> bool:
    return category == ANY or category in set(Category)
