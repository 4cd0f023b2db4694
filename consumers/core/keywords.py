"""Keywords: from the words of a message to the intent that most of them name. Pure.

The table is compiled once; a message costs a look-up a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from consumers.core.words import words_of

if TYPE_CHECKING:
    from consumers.domain import Intent

_Phrase = tuple[tuple[str, ...], int]  # the words after the first, and the place of the intent


class Keywords:
    """Every keyword of every intent, by its first word."""

    def __init__(self, intents: Sequence[Intent]) -> None:
        self._intents = tuple(intents)
        self._by_first_word: dict[str, list[_Phrase]] = {}
        for place, intent in enumerate(self._intents):
            phrases = {tuple(words_of(keyword)) for keyword in intent.keywords} - {()}
            for phrase in sorted(phrases | {_plural(phrase) for phrase in phrases}):
                self._by_first_word.setdefault(phrase[0], []).append((phrase[1:], place))

    def choose(self, words: Sequence[str]) -> Intent | None:
        """The intent that the words name; None when they name none.

        The domain with the most words hit wins, then the one of higher priority, then the first by name;
        within it the intent with the most words hit, then the one declared first. A keyword of several
        words hits as many.
        """
        hits: dict[int, set[int]] | None = None
        for position, word in enumerate(words):
            for rest, place in self._by_first_word.get(word, ()):
                end = position + 1 + len(rest)
                if rest and tuple(words[position + 1 : end]) != rest:
                    continue
                hits = {} if hits is None else hits
                hits.setdefault(place, set()).update(range(position, end))
        return self._best(hits) if hits else None

    def _best(self, hits: dict[int, set[int]]) -> Intent:
        if len(hits) == 1:
            return self._intents[next(iter(hits))]
        by_domain: dict[str, set[int]] = {}
        priorities: dict[str, int] = {}
        for place, positions in hits.items():
            intent = self._intents[place]
            by_domain.setdefault(intent.domain, set()).update(positions)
            priorities[intent.domain] = intent.priority
        domain = min(by_domain, key=lambda name: (-len(by_domain[name]), -priorities[name], name))
        own = (place for place in hits if self._intents[place].domain == domain)
        return self._intents[min(own, key=lambda place: (-len(hits[place]), place))]


def _plural(phrase: Iterable[str]) -> tuple[str, ...]:
    """The phrase with an s at its end: `job` also means `jobs`, as in English and French."""
    *first, last = phrase
    plain = last.isascii() and last.isalpha() and len(last) > 2 and not last.endswith("s")
    return (*first, f"{last}s" if plain else last)
