"""What people read: lazy texts, translated when the reader's language is known.

A domain's `texts.py` makes a `Catalogue` of the folder `locales/` beside it and returns `Text` values; the
English sentence is the key (gettext's way), so missing translations fall back to English by themselves.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

LOCALES = ("en", "fr", "rw", "sw")
KIGALI = ZoneInfo("Africa/Kigali")


def one_line(text: str, *, keep: str = "") -> str:
    """What somebody wrote, with single spaces for whatever is not printed: line breaks, directions of
    writing, control characters. `keep`: such characters that stay."""
    return " ".join("".join(c if c.isprintable() or c in keep else " " for c in text).split())


class Text:
    """A sentence in no language yet. `params` may hold other texts; render() translates them too."""

    __slots__ = ("catalogue", "msgid", "params")

    def __init__(self, catalogue: Catalogue, msgid: str, params: dict[str, object]) -> None:
        self.catalogue = catalogue
        self.msgid = msgid
        self.params = params

    def render(self, locale: str) -> str:
        """The sentence in `locale`, or in English where it was not translated."""
        sentence = self.catalogue.translated(locale, self.msgid)
        if not self.params:
            return sentence
        return sentence.format(**{name: render(value, locale) for name, value in self.params.items()})

    def __repr__(self) -> str:
        return f"Text({self.msgid!r}, {self.params!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and (self.msgid, self.params) == (other.msgid, other.params)

    def __hash__(self) -> int:
        return hash(self.msgid)


class Moment:
    """A point in time, shown in Kigali's time and in the reader's words."""

    __slots__ = ("at", "pattern")

    def __init__(self, at: datetime, pattern: str = "EEE d MMM, HH:mm") -> None:
        self.at = at
        self.pattern = pattern

    def render(self, locale: str) -> str:
        """Formatted by CLDR's rules for the language."""
        from babel.dates import format_datetime  # slow to import, and most processes never need it

        return format_datetime(self.at.astimezone(KIGALI), self.pattern, locale=locale)


Renderable = str | int | Text | Moment


def render(value: object, locale: str) -> str:
    """The words for a value: texts and moments in `locale`, all else as it prints itself."""
    if isinstance(value, Text | Moment):
        return value.render(locale)
    return str(value)


def rwf(amount: int) -> str:
    """An amount in Rwandan francs, which have no decimals: ``RWF 5,000``."""
    return f"RWF {amount:,}"


class Catalogue:
    """The translations of one folder: ``fr.po``, ``rw.po``, ``sw.po``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._languages: dict[str, dict[str, str]] = {}

    def __call__(self, msgid: str, **params: object) -> Text:
        return Text(self, msgid, params)

    def translated(self, locale: str, msgid: str) -> str:
        """The sentence in a language; English where there is none."""
        if locale == "en":
            return msgid
        language = self._languages.get(locale)
        if language is None:
            language = self._languages[locale] = _read_catalogue(self.folder / f"{locale}.po")
        return language.get(msgid) or msgid


@lru_cache(maxsize=256)
def _read_catalogue(path: Path) -> dict[str, str]:
    """Sentence by sentence, what a .po file says. A file that is not there translates nothing."""
    from babel.messages.pofile import read_po  # only where somebody reads another language than English

    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.stem, abort_invalid=True)
    return {str(m.id): str(m.string) for m in catalog if m.id and m.string and not m.fuzzy}
