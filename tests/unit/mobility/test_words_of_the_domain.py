"""Texts, keywords and routes of mobility, checked as a whole."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import consumers.mobility
from consumers.core.keywords import Keywords
from consumers.core.words import words_of
from consumers.mobility.flows import mobility
from consumers.mobility.rules.calendar import Recurrence, When
from consumers.mobility.rules.people import Role
from consumers.mobility.rules.vehicles import Vehicle
from consumers.mobility.texts import charging, planning, seeking, subscribing, trips, words
from consumers.runtime.injection import Binder
from consumers.texts import LOCALES, Text

FOLDER = Path(consumers.mobility.__file__).parent
TRANSLATED = [locale for locale in LOCALES if locale != "en"]
BUTTON, TITLE, DESCRIPTION = 20, 24, 72


def sentences() -> set[str]:
    """Every English sentence in texts/."""
    found = set()
    for path in (FOLDER / "texts").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "texts":
                found.add(ast.literal_eval(node.args[0]))
    return found


def placeholders(sentence: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_sentence_is_translated_with_its_placeholders(locale: str) -> None:
    with (FOLDER / "locales" / f"{locale}.po").open("rb") as file:
        catalog = {str(m.id): str(m.string) for m in read_po(file, locale=locale) if m.id}
    assert set(catalog) == sentences()
    for english, translated in catalog.items():
        assert translated.strip(), english
        assert placeholders(english) == placeholders(translated), english


def buttons() -> Iterator[Text]:
    own = (words.see_drivers, words.other_drivers, words.see_passengers, words.search_again)
    yield from (title() for title in own)
    yield from (words.schedule_trip(), words.my_trips(), words.change_vehicle(), words.same_place())
    yield from (words.skip(), words.go_online(), words.go_offline(), words.choose())
    yield from (trips.accept(), trips.decline(), trips.withdraw(), trips.cancel(), trips.cancel_and_pay())
    yield from (trips.keep(), trips.i_am_there(), trips.start(), trips.complete(), trips.see_trip())
    yield from (trips.open_chat(), charging.top_up(), charging.try_again())
    yield from (subscribing.subscribe(), subscribing.renew(), subscribing.my_subscription())
    yield from (planning.role(role) for role in Role)
    yield from (planning.recurrence(again) for again in Recurrence)


def titles() -> Iterator[Text]:
    yield from (words.vehicle(vehicle) for vehicle in Vehicle)
    yield from (planning.when(when) for when in When)
    yield seeking.as_last_time()
    for intent, _ in mobility.intents.values():
        if intent.menu and isinstance(intent.menu.title, Text):
            yield intent.menu.title


def descriptions() -> Iterator[Text]:
    for vehicle in Vehicle:
        yield seeking.as_last_time_description(vehicle)
        yield from (planning.plan_row(vehicle, again) for again in Recurrence)
    yield from (trips.rating_word(stars) for stars in range(1, 6))
    yield from (trips.stands("K7Q2M", state) for state in trips._STANDS)
    for intent, _ in mobility.intents.values():
        if intent.menu and isinstance(intent.menu.description, Text):
            yield intent.menu.description


@pytest.mark.parametrize("locale", LOCALES)
def test_whatsapp_takes_every_title(locale: str) -> None:
    """Limits: facts/whatsapp.md."""
    for texts, limit in ((buttons(), BUTTON), (titles(), TITLE), (descriptions(), DESCRIPTION)):
        for text in texts:
            assert len(text.render(locale)) <= limit, (locale, text.render(locale))


@pytest.mark.parametrize("locale", LOCALES)
def test_buttons_that_stand_together_differ(locale: str) -> None:
    together = [words.see_drivers(), words.schedule_trip(), words.my_trips()]
    assert len({text.render(locale) for text in together}) == 3
    assert len({planning.recurrence(again).render(locale) for again in Recurrence}) == 3


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("book ride", "book_ride"),
        ("ride", "book_ride"),
        ("trips", "book_ride"),
        ("I need a taxi", "book_ride"),
        ("delivery", "book_ride"),
        ("nearby", "nearby_drivers"),
        ("drivers near me", "nearby_drivers"),
        ("nearby passengers", "nearby_passengers"),
        ("schedule a trip", "schedule_trip"),
        ("schedule a ride for tomorrow", "schedule_trip"),
        ("go online", "go_online"),
        ("my trips", "my_trips"),
        ("Réserver un trajet", "book_ride"),
        ("planifier un trajet", "schedule_trip"),
        ("mes trajets", "my_trips"),
        ("ndashaka urugendo", "book_ride"),
        ("guteganya urugendo", "schedule_trip"),
        ("ingendo zanjye", "my_trips"),
        ("nahitaji usafiri", "book_ride"),
        ("panga safari", "schedule_trip"),
        ("safari zangu", "my_trips"),
        ("My subscription", "subscription"),
        ("Mon abonnement", "subscription"),
        ("Ifatabuguzi ryanjye", "subscription"),
        ("Usajili wangu", "subscription"),
    ],
)
def test_what_people_type_is_understood(text: str, intent: str) -> None:
    keywords = Keywords([found for found, _ in mobility.intents.values()])
    chosen = keywords.choose(words_of(text))
    assert chosen is not None
    assert chosen.name == intent


def test_every_handler_can_be_called() -> None:
    """Each parameter has a type that the runtime provides."""
    provided = {"Turn", "Context"} | {store.__name__ for store in Binder(mobility).stores}
    events = {route.model.__name__ for route in mobility.routes.values()}
    assert {kind.__name__ for kind in Binder(mobility).types} <= provided | events


def test_every_tap_that_is_offered_is_handled() -> None:
    """Ids are written as literals beside the buttons: none leads nowhere."""
    offered = set()
    for path in (FOLDER / "flows").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = {"button": 1, "tap": 0, "vehicle_menu": 1}.get(name)
            action = node.args[place] if place is not None and len(node.args) > place else None
            if isinstance(action, ast.Constant):
                offered.add(action.value)
    assert offered
    assert offered <= set(mobility.actions)
