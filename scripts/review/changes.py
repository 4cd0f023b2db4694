"""What has changed between two sets of schemas, and whom each change breaks. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.compatibility import Difference, Mode, UnusableSchema, check, differences, load


class What(StrEnum):
    """What became of a version."""

    NEW_EVENT = "a new event"
    NEW_VERSION = "a new version"
    ALTERED = "a published version was altered"
    REMOVED = "a published version was removed"


BROKEN_PROMISES = {
    What.ALTERED: "A published version never changes: others have compiled against it, and records name it.",
    What.REMOVED: "Records of it are in the topics, and readers look it up.",
}
# What to do instead, by words that occur in a difference's kind; the first that fits.
INSTEAD = (
    (("REQUIRED",), "Give the field a default, so that it is optional: the other version does not have it."),
    (
        ("ENUM", "CONST"),
        "Leave the values as they are, and add a field with the new meaning beside this one.",
    ),
    (
        ("TYPE", "FORMAT", "PATTERN", "COMBINED"),
        "Leave the field as it is, add another one beside it, and write both until nobody reads the old one.",
    ),
    (
        ("MAX", "MIN", "RANGE", "LENGTH", "ITEMS", "MULTIPLE"),
        "Leave the bound of the schema as it is; refuse what is too much in the domain, with a reason.",
    ),
    (("REMOVED",), "Keep the field, and go on writing it until no consumer reads it any more."),
    (("ADDED", "CLOSED"), "Leave the object open, and add the field as an optional one."),
)
WORDS = ("/$id", "/description", "/examples", "/title")
OTHERWISE = "Publish it as another event (another subject), write both, and retire the old one."


@dataclass(frozen=True, slots=True)
class Change:
    """One version of one subject that is not as it was."""

    name: str  # <subject>/v<N>
    what: What
    before: str | None  # the schema compared with, and its name
    before_name: str | None
    after: str | None
    mode: Mode = Mode.FULL_TRANSITIVE
    differences: tuple[Difference, ...] = ()
    broken: tuple[str, ...] = ()  # sentences: which promise, or which difference from which version
    published: bool = True

    @property
    def subject(self) -> str:
        """Of the version."""
        return self.name.rpartition("/")[0]

    @property
    def breaking(self) -> bool:
        """Whether somebody cannot read on."""
        return bool(self.broken)

    @property
    def further(self) -> tuple[str, ...]:
        """What is broken beside the differences from the version compared with."""
        compared = self.before_name.rpartition("/")[2] if self.before_name else None
        return tuple(each for each in self.broken if not each.startswith(f"Against {compared},"))

    def forbidden(self, difference: Difference) -> bool:
        """Whether the subject's mode forbids this difference."""
        return bool(difference.breaks & self.mode.forbids)


@dataclass(frozen=True, slots=True)
class Review:
    """All changes between a revision and the working tree."""

    base: str
    changes: tuple[Change, ...] = field(default=())

    @property
    def breaking(self) -> bool:
        """Whether any change is."""
        return any(change.breaking for change in self.changes)


def instead(difference: Difference) -> str:
    """What to do in place of a difference that breaks somebody."""
    return next((advice for words, advice in INSTEAD if any(w in difference.kind for w in words)), OTHERWISE)


def review(
    base: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    unpublished: Mapping[str, str],
    mode_of: Callable[[str], Mode],
) -> Review:
    """Compare the published schemas of `base` with those of the working tree, by `<subject>/v<N>`.

    `unpublished`: what models say that are published nowhere yet.
    """
    now = {**unpublished, **after}
    changes = [_altered(name, was, after.get(name)) for name, was in before.items() if after.get(name) != was]
    new = now.keys() - before.keys()
    changes += [_new(name, now, mode_of(_subject(name)), name in after) for name in new]
    return Review(base, tuple(sorted(changes, key=lambda change: (not change.breaking, change.name))))


def _altered(name: str, was: str, now: str | None) -> Change:
    what = What.REMOVED if now is None else What.ALTERED
    found = () if now is None else _differences(now, was)
    return Change(name, what, was, name, now, differences=found, broken=(BROKEN_PROMISES[what],))


def _new(name: str, now: Mapping[str, str], mode: Mode, published: bool) -> Change:
    subject, number = _subject(name), _number(name)
    earlier = {_number(each): text for each, text in now.items() if _subject(each) == subject}
    earlier = {n: text for n, text in earlier.items() if n < number}
    if not earlier:
        broken = _unusable(now[name])
        return Change(name, What.NEW_EVENT, None, None, now[name], mode, broken=broken, published=published)
    latest = max(earlier)
    return Change(
        name,
        What.NEW_VERSION,
        earlier[latest],
        f"{subject}/v{latest}",
        now[name],
        mode,
        _differences(now[name], earlier[latest]),
        _violations(now[name], earlier, mode),
        published,
    )


def _differences(new: str, old: str) -> tuple[Difference, ...]:
    """Those that mean something to a reader, what breaks somebody first; words are seen side by side."""
    try:
        found = differences(load(new), load(old))
    except UnusableSchema:
        return ()
    telling = (each for each in found if each.breaks or not each.pointer.endswith(WORDS))
    return tuple(sorted(telling, key=lambda each: (not each.breaks, each.pointer)))


def _violations(new: str, earlier: Mapping[int, str], mode: Mode) -> tuple[str, ...]:
    try:
        found = check(load(new), {number: load(text) for number, text in earlier.items()}, mode)
    except UnusableSchema as error:
        return (str(error),)
    return tuple(f"Against v{v.version}, {v.difference.pointer}: {v.difference.sentence}" for v in found)


def _unusable(text: str) -> tuple[str, ...]:
    try:
        load(text)
    except (UnusableSchema, json.JSONDecodeError) as error:
        return (str(error),)
    return ()


def _subject(name: str) -> str:
    return name.rpartition("/")[0]


def _number(name: str) -> int:
    return int(name.rpartition("/v")[2])
