"""What somebody typed instead of tapping: the choice whose title it is, in their language or in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from consumers.jobs.rules import plain
from consumers.texts import Text, render

Choice = TypeVar("Choice")


def typed(text: str, choices: Mapping[Choice, Text], locale: str) -> Choice | None:
    """The choice of that title, or the only one with a title that begins so."""
    wanted = plain(text)
    if not wanted:
        return None
    titles = [
        (choice, plain(render(title, language)))
        for choice, title in choices.items()
        for language in dict.fromkeys((locale, "en"))
    ]
    exact = {choice for choice, title in titles if title == wanted}
    begun = {choice for choice, title in titles if title.startswith(wanted)}
    for found in (exact, begun):
        if len(found) == 1:
            return found.pop()
    return None


def described(text: str, abouts: Mapping[Choice, Text], locale: str) -> Choice | None:
    """The only choice that has one of the things that it is about, in full, among the words typed."""
    wanted = f" {plain(text)} "
    found = {
        choice
        for choice, about in abouts.items()
        for language in (locale, "en")
        for thing in render(about, language).split(",")
        if f" {plain(thing)} " in wanted
    }
    return found.pop() if len(found) == 1 else None
