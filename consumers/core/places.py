"""Saved places: home, work, school and another one."""

from __future__ import annotations

from consumers.core import texts, texts_profile
from consumers.core.answers import home_button
from consumers.core.domain import core
from consumers.core.profile import speaker
from consumers.core.profile_rules import PLACE_KINDS, clean_label
from consumers.core.store import PersonStore
from consumers.core.store_places import Place, PlaceStore
from consumers.core.taps import HOME
from consumers.domain import Decision, Emit, Turn, ask, done, stay, unclaimed
from consumers.replies import AskLocation, Button, Buttons, Menu, Raw, Reply, Row
from consumers.texts import Renderable
from schemas.content import LocationContent, LocationShared, TextSaid
from schemas.events.core import PlaceRemoved, PlaceSaved
from schemas.topics import CORE_EVENTS

PLACE_LABEL = "place_label"
PLACE = "place"


@core.taps("places")
async def show_places(turn: Turn, persons: PersonStore, places: PlaceStore) -> Decision:
    """Shows the kinds of places, and which of them are saved."""
    return done(_menu(await places.of(speaker(turn, persons).id)))


@core.taps("place")
async def place_chosen(turn: Turn, persons: PersonStore, places: PlaceStore) -> Decision:
    """Shows a place that is saved; asks for one that is not."""
    kind = turn.argument
    saved = await places.of(speaker(turn, persons).id)
    if kind not in PLACE_KINDS:
        return done(_menu(saved))
    place = saved.get(kind)
    return _ask_for(kind) if place is None else done(*_shown(place))


@core.taps("place_change")
async def change_place(turn: Turn, persons: PersonStore, places: PlaceStore) -> Decision:
    """Asks for another location of the same kind."""
    if turn.argument not in PLACE_KINDS:
        return done(_menu(await places.of(speaker(turn, persons).id)))
    return _ask_for(turn.argument)


@core.at(PLACE_LABEL, expects=TextSaid)
async def label_given(turn: Turn) -> Decision:
    """The other place has a name: where is it?"""
    label = clean_label(turn.text)
    if label is None:
        return stay(Buttons(texts_profile.place_label_unusable(), (home_button(),)))
    return ask(PLACE, AskLocation(texts_profile.ask_place(label)), kind="other", label=label)


@core.at(PLACE, expects=LocationShared)
async def place_given(turn: Turn, persons: PersonStore, places: PlaceStore) -> Decision:
    """Keeps the place, and tells the domains that may want to offer it."""
    shared = turn.location
    person = speaker(turn, persons)
    place = Place(
        kind=turn.data["kind"],
        label=turn.data.get("label", ""),
        latitude=shared.latitude,
        longitude=shared.longitude,
        address=shared.address or shared.name,
    )
    places.save(person.id, place, turn.routed.at)
    event = PlaceSaved(
        person=person.id,
        kind=place.kind,
        label=place.label,
        latitude=place.latitude,
        longitude=place.longitude,
        at=turn.routed.at,
    )
    answer = Buttons(texts_profile.place_saved(_label(place.kind, place.label)), _further())
    return done(answer).emit(Emit(CORE_EVENTS, person.id, event))


@core.at(PLACE)
async def no_place_given(turn: Turn) -> Decision:
    """Something else than a location: asked once more, unless it means something elsewhere."""
    label = _label(turn.data["kind"], turn.data.get("label", ""))
    return unclaimed(otherwise=AskLocation(texts_profile.ask_place(label)))


@core.taps("place_remove")
async def remove_place(turn: Turn, persons: PersonStore, places: PlaceStore) -> Decision:
    """Forgets a place; one that was removed before stays removed."""
    person, kind = speaker(turn, persons), turn.argument
    place = (await places.of(person.id)).get(kind)
    if place is None:
        return done(_menu(await places.of(person.id)))
    places.remove(person.id, kind)
    event = PlaceRemoved(person=person.id, kind=kind, at=turn.routed.at)
    answer = Buttons(texts_profile.place_removed(_label(kind, place.label)), _further())
    return done(answer).emit(Emit(CORE_EVENTS, person.id, event))


def _ask_for(kind: str) -> Decision:
    if kind == "other":
        return ask(PLACE_LABEL, Buttons(texts_profile.ask_place_label(), (home_button(),)))
    location = AskLocation(texts_profile.ask_place(texts_profile.place_kind(kind)))
    return ask(PLACE, location, kind=kind, label=None)


def _menu(saved: dict[str, Place]) -> Menu:
    rows = [
        Row(
            core.tap("place", kind),
            _label(kind, saved[kind].label if kind in saved else ""),
            texts_profile.place_saved_about() if kind in saved else texts_profile.place_missing_about(),
        )
        for kind in PLACE_KINDS
    ]
    rows.append(Row(HOME, texts.home_title()))
    return Menu(texts_profile.ask_place_kind(), texts.choose(), tuple(rows))


def _shown(place: Place) -> tuple[Reply, Reply]:
    label = _label(place.kind, place.label)
    on_map = LocationContent(latitude=place.latitude, longitude=place.longitude, address=place.address)
    buttons = (
        Button(core.tap("place_change", place.kind), texts_profile.place_change()),
        Button(core.tap("place_remove", place.kind), texts_profile.place_remove()),
        home_button(),
    )
    return Raw(on_map), Buttons(texts_profile.place_shown(label), buttons)


def _further() -> tuple[Button, ...]:
    return Button(core.tap("places"), texts_profile.places_title()), home_button()


def _label(kind: str, label: str) -> Renderable:
    return label or texts_profile.place_kind(kind)
