"""Core's sentences: in every language, with the same placeholders, within WhatsApp's limits."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from consumers.core import texts, texts_profile

LOCALES = Path(texts.__file__).parent / "locales"
PLACEHOLDER = re.compile(r"{(\w+)}")
BUTTONS = (
    texts.home_button(),
    texts.home_title(),
    texts.choose(),
    texts.support_title(),
    texts.support_link(),
    texts_profile.language_title(),
    texts_profile.places_title(),
    texts_profile.place_change(),
    texts_profile.place_remove(),
)
ROWS = (
    *BUTTONS[:2],
    texts_profile.profile_title(),
    texts_profile.name_title(),
    texts_profile.vehicles_title(),
    texts_profile.businesses_title(),
    texts_profile.tokens_title(),
    *(texts_profile.place_kind(kind) for kind in ("home", "work", "school", "other")),
)


def sentences() -> set[str]:
    """Every msgid in the two modules of texts."""
    found = set()
    for module in (texts, texts_profile):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "texts":
                found.add(ast.literal_eval(node.args[0]))
    return found


@pytest.mark.parametrize("locale", ["fr", "rw", "sw"])
def test_every_sentence_is_translated_and_no_other(locale: str) -> None:
    with (LOCALES / f"{locale}.po").open("rb") as file:
        catalogue = read_po(file, locale=locale, abort_invalid=True)
    translated = {str(m.id): str(m.string) for m in catalogue if m.id}
    assert set(translated) == sentences()
    for sentence, translation in translated.items():
        assert translation.strip(), sentence
        assert sorted(PLACEHOLDER.findall(translation)) == sorted(PLACEHOLDER.findall(sentence)), sentence


@pytest.mark.parametrize("locale", ["en", "fr", "rw", "sw"])
def test_buttons_and_rows_fit(locale: str) -> None:
    assert [b.msgid for b in BUTTONS if len(b.render(locale)) > 20] == []
    assert [r.msgid for r in ROWS if len(r.render(locale)) > 24] == []
    assert len(texts_profile.profile_about().render(locale)) <= 72
    assert len(texts_profile.language_about().render(locale)) <= 72
