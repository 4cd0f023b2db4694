"""Choices that were typed."""

from __future__ import annotations

import pytest

from consumers.jobs import texts
from consumers.jobs.choices import described, typed
from consumers.jobs.rules import Category, Kind


@pytest.mark.parametrize(
    ("text", "locale", "kind"),
    [
        ("Full time", "en", Kind.FULL_TIME),
        ("full-time", "en", Kind.FULL_TIME),
        ("gig", "en", Kind.GIG),
        ("temps plein", "fr", Kind.FULL_TIME),
        ("full time", "fr", Kind.FULL_TIME),  # English is understood everywhere
        ("Petit", "fr", Kind.GIG),
        ("ikiraka", "rw", Kind.GIG),
        ("kibarua", "sw", Kind.GIG),
        ("c", "en", Kind.CONTRACT),
        ("ride", "en", None),
        ("!", "en", None),
    ],
)
def test_a_typed_kind(text: str, locale: str, kind: Kind | None) -> None:
    assert typed(text, texts.KIND_ROWS, locale) is kind


def test_what_begins_like_two_choices_is_neither() -> None:
    assert typed("Ho", texts.CATEGORY_ROWS, "en") is None
    assert typed("Hom", texts.CATEGORY_ROWS, "en") is Category.HOME


@pytest.mark.parametrize(
    ("text", "locale", "category"),
    [
        ("mason", "en", Category.BUILDING),
        ("I am a cook.", "en", Category.HOSPITALITY),
        ("maçon à Huye", "fr", Category.BUILDING),
        ("umutetsi", "rw", Category.HOSPITALITY),
        ("driver", "sw", Category.DRIVING),
        ("cook and driver", "en", None),
        ("masonry", "en", None),
        ("!", "en", None),
    ],
)
def test_work_that_was_typed_names_its_category(text: str, locale: str, category: Category | None) -> None:
    assert described(text, texts.CATEGORY_ABOUTS, locale) is category
