"""The profile: what we know of a person, and their name.

Core's own conversations reach it as any domain's do, by a turn on intents.core. That is one hop more than
answering at once, but it keeps one way of locking, resuming and leaving a conversation; what cannot wait
(home, help, consent) is answered where the message is routed.
"""

from __future__ import annotations

from consumers.core import texts, texts_profile
from consumers.core.answers import home_button
from consumers.core.domain import core
from consumers.core.installation import installation_of
from consumers.core.introduce import seen
from consumers.core.person import Person
from consumers.core.profile_rules import clean_name
from consumers.core.store import PersonStore
from consumers.core.store_places import PlaceStore
from consumers.core.taps import HOME
from consumers.domain import Decision, Intents, MenuRow, Reject, Turn, ask, done, stay
from consumers.replies import Buttons, Menu, Row
from infra.telemetry.masking import mask_phone
from schemas.content import TextSaid

NAME = "name"

# What other domains keep of a person, shown here where they are installed: (domain, intent, row).
ELSEWHERE = (
    ("mobility", "my_vehicles", texts_profile.vehicles_title),
    ("marketplace", "my_businesses", texts_profile.businesses_title),
    ("wallet", "balance", texts_profile.tokens_title),
)


def speaker(turn: Turn, persons: PersonStore) -> Person:
    """The person of a turn. Raises Reject for one whom core never met."""
    person = persons.find(turn.conversation.person)
    if person is None:
        raise Reject("a turn of somebody whom core does not know")
    return person


@core.starts(
    "profile",
    keywords=[
        "profile",
        "my profile",
        "account",
        "profil",
        "compte",
        "umwirondoro",
        "konti",
        "wasifu",
        "akaunti",
    ],
    menu=MenuRow(texts_profile.profile_title(), texts_profile.profile_about(), priority=-10),
)
async def show_profile(turn: Turn, persons: PersonStore, places: PlaceStore, intents: Intents) -> Decision:
    """Shows what we know, and what can be changed."""
    person = speaker(turn, persons)
    saved = await places.of(person.id)
    installation = installation_of(intents)
    body = texts_profile.profile(
        person.name or texts_profile.nameless(),
        mask_phone(person.phone) if person.phone else texts_profile.hidden_phone(),
        texts_profile.LANGUAGES.get(person.locale, person.locale),
        len(saved),
    )
    rows = [
        Row(core.tap("name"), texts_profile.name_title()),
        Row(core.tap("language"), texts_profile.language_title()),
        Row(core.tap("places"), texts_profile.places_title()),
        *(Row(f"{d}:{i}", title()) for d, i, title in ELSEWHERE if installation.offers(d, i)),
        Row(HOME, texts.home_title()),
    ]
    return done(Menu(body, texts.choose(), tuple(rows)))


@core.taps("name")
async def change_name(turn: Turn) -> Decision:
    """Asks for the name."""
    return ask(NAME, Buttons(texts_profile.ask_name(), (home_button(),)))


@core.at(NAME, expects=TextSaid)
async def name_given(turn: Turn, persons: PersonStore) -> Decision:
    """Keeps the name; the one in WhatsApp changes it no more."""
    name = clean_name(turn.text)
    if name is None:
        return stay(Buttons(texts_profile.name_unusable(), (home_button(),)))
    person = speaker(turn, persons)
    person.name, person.name_chosen = name, True
    known = seen(person, turn.routed.at)
    persons.save_identity(person)
    persons.save(person)
    return done(Buttons(texts_profile.name_saved(name), (home_button(),))).emit(known)
