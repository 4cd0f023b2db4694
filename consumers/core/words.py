"""Words of a message: what keywords, guards and the guess of a language look at. Pure."""

from __future__ import annotations

import re
import unicodedata

CHARACTERS_LOOKED_AT = 400  # what somebody wants stands at the beginning
_WORD = re.compile(r"\w+")


def fold(text: str) -> str:
    """The text without case and accents: ``Aéroport`` and ``AEROPORT`` are the same."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """The folded words at the beginning of a text, in order. Whole words: `pay` is not in `payload`."""
    return _WORD.findall(fold(text[:CHARACTERS_LOOKED_AT]))
