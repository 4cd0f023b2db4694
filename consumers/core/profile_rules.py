"""What may be a name, or the label of a place. Pure."""

from __future__ import annotations

from consumers.texts import one_line

NAME_LENGTHS = range(2, 61)
LABEL_LENGTHS = range(1, 25)  # the title of a row
PLACE_KINDS = ("home", "work", "school", "other")


def clean_name(text: str) -> str | None:
    """A name as it is kept, or None if it is none: one line of 2 to 60 characters with a letter in it."""
    name = one_line(text, keep="\u200d")
    return name if len(name) in NAME_LENGTHS and any(c.isalpha() for c in name) else None


def clean_label(text: str) -> str | None:
    """A place's own name as it is kept, or None if it is none: one line of 1 to 24 characters."""
    label = one_line(text, keep="\u200d")
    return label if len(label) in LABEL_LENGTHS else None
