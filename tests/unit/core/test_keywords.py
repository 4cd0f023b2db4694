"""Which intent the words of a message name."""

from __future__ import annotations

import pytest

from consumers.core.keywords import Keywords
from consumers.core.words import CHARACTERS_LOOKED_AT, fold, words_of
from consumers.domain import Intent
from tests.unit.core.installed import DOCUMENTED, intents_of

EVERYTHING = Keywords(intents_of(*DOCUMENTED).all)


def chosen(text: str, keywords: Keywords = EVERYTHING) -> str | None:
    found = keywords.choose(words_of(text))
    return f"{found.domain}.{found.name}" if found else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("jobs", "jobs.start"),
        ("JOBS!", "jobs.start"),
        ("find jobs", "jobs.categories"),
        ("find a job", "jobs.start"),
        ("rent property", "property.start"),
        ("book ride", "mobility.start"),
        ("shop", "marketplace.start"),
        ("real estate", "property.estate"),
        ("Is there real estate?", "property.estate"),
        ("real, honest estate", None),
        ("estate", None),
        ("payload", None),
        ("pay", "wallet.start"),
        ("repay prepayments", None),
        ("I need a taxi, please", "mobility.start"),
        ("moto/taxi", "mobility.start"),
        ("l'assurance", "insurance.start"),
        ("ASSURANCE", "insurance.start"),
        ("", None),
        ("🙂", None),
        # The most words win, not the first one.
        ("work for a rental landlord", "property.start"),
        # One each: the priority decides, then the name.
        ("shop driver", "mobility.start"),
        ("support", "agents.start"),
        ("contact support", "core.support"),
    ],
)
def test_words_name_an_intent(text: str, expected: str | None) -> None:
    assert chosen(text) == expected


@pytest.mark.parametrize("word", ["Aéroport", "AEROPORT", "aeroport", "ae\u0301roport"])
def test_case_and_accents_do_not_matter(word: str) -> None:
    keywords = Keywords([Intent("mobility", "airport", ("aéroport",), 0)])
    assert chosen(word, keywords) == "mobility.airport"


@pytest.mark.parametrize(
    ("text", "expected"), [("работа", "a.x"), ("Работа!", "a.x"), ("仕事 はありますか", "a.x")]
)
def test_any_script_has_words(text: str, expected: str) -> None:
    assert chosen(text, Keywords([Intent("a", "x", ("работа", "仕事"), 0)])) == expected


def test_ties_between_domains_fall_to_the_name_and_within_one_to_the_declaration() -> None:
    keywords = Keywords(
        [
            Intent("zoo", "see", ("visit",), 5),
            Intent("art", "second", ("visit",), 5),
            Intent("art", "first", ("visit",), 5),
        ]
    )
    assert chosen("visit", keywords) == "art.second"


def test_a_domain_is_chosen_by_all_its_words_together() -> None:
    keywords = Keywords(
        [Intent("a", "one", ("red",), 0), Intent("a", "two", ("green",), 0), Intent("b", "x", ("blue",), 9)]
    )
    assert chosen("blue red green", keywords) == "a.one"


@pytest.mark.parametrize("text", ["visits", "my visits", "find homes", "buses"])
def test_plurals_are_made_of_plain_words_only(text: str) -> None:
    keywords = Keywords([Intent("a", "x", ("visit", "find home", "bus"), 0)])
    assert (chosen(text, keywords) is None) == (text == "buses")


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    assert len(words_of("word " * CHARACTERS_LOOKED_AT)) == CHARACTERS_LOOKED_AT // 5
    assert fold("É") == "e"
