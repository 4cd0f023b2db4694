"""The language a person reads."""

from __future__ import annotations

from consumers.core import texts, texts_profile
from consumers.core.domain import core
from consumers.core.installation import installation_of
from consumers.core.introduce import seen
from consumers.core.profile import speaker
from consumers.core.store import PersonStore
from consumers.domain import Decision, Intents, MenuRow, Turn, done
from consumers.replies import Menu, Row, Say


@core.starts(
    "language",
    keywords=["language", "langue", "ururimi", "lugha"],
    menu=MenuRow(texts_profile.language_title(), texts_profile.language_about(), priority=-12),
)
async def ask_language(turn: Turn) -> Decision:
    """Shows the four languages, each by its own name."""
    return done(_languages())


@core.taps("speak")
async def language_chosen(turn: Turn, persons: PersonStore, intents: Intents) -> Decision:
    """Keeps the language; the guess changes it no more."""
    locale = turn.argument
    if locale not in texts_profile.LANGUAGES:
        return done(_languages())
    person = speaker(turn, persons)
    person.locale, person.locale_source = locale, "chosen"
    known = seen(person, turn.routed.at)
    persons.save_identity(person)
    persons.save(person)
    home = installation_of(intents).home(person.country, locale)
    return done(Say(texts_profile.language_saved()), home).speaking(locale).emit(known)


def _languages() -> Menu:
    rows = (Row(core.tap("speak", code), name) for code, name in texts_profile.LANGUAGES.items())
    return Menu(texts_profile.ask_language(), texts.choose(), tuple(rows))
