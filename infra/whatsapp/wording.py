"""Text that WhatsApp takes: cleaned, on one line where it must be, shortened between graphemes."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

ELLIPSIS = "…"
_CONTROLS = re.compile("[\\x00-\\x08\\x0e-\\x1b\\x1f\\x7f-\\x84\\x86-\\x9f\\ud800-\\udfff]")
# Formats that join or steer what stands beside them (emoji, Indic and Arabic words) and show nothing alone.
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Cn", "Zs", "Zl", "Zp", "Mn", "Me"))
# Letters by category, blank to the eye: the fillers of Hangul, the empty Braille cell.
_BLANK_LETTERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LINE_BREAKS = str.maketrans(dict.fromkeys("\v\f\r\x1c\x1d\x1e\x85\u2028\u2029", "\n"))


def clean(text: str) -> str:
    """The text without control characters and broken surrogates, line breaks as `\\n`, its ends stripped.

    Empty when nothing of it could be seen.
    """
    if not text.isascii() or not text.isprintable():
        text = _CONTROLS.sub("", text.replace("\r\n", "\n").translate(_LINE_BREAKS))
    text = text.strip()
    return text if text.isascii() or any(map(_is_visible, text)) else ""


def one_line(text: str) -> str:
    """`clean`, with every run of white space as one space."""
    return " ".join(clean(text).split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` code points: a longer text is cut between two graphemes and ends in `…`.

    A person's sign of several code points (a letter with its accents, a family, a flag) is never cut
    apart. Where even the first one is too long, only the ellipsis is left.
    """
    if len(text) <= limit:
        return text
    kept = 0
    for match in _graphemes().finditer(text[: limit + 64]):
        if match.end() > limit - 1:
            break
        kept = match.end()
    return text[:kept].rstrip() + ELLIPSIS


def first_grapheme(text: str) -> str:
    """What a reader takes for the first sign; empty for an empty text."""
    match = _graphemes().match(text)
    return match.group() if match is not None else ""


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE and character not in _BLANK_LETTERS


@lru_cache(maxsize=1)
def _graphemes() -> regex.Pattern[str]:
    import regex  # 11 MB, and most messages are short enough

    return regex.compile(r"\X")
