"""The review as Markdown for a pull request, as one HTML page that needs nothing else, and as JSON."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schemas.compatibility import Breaks
from scripts.review.changes import Change, Review, instead
from scripts.review.people import Parties

TEMPLATES = Path(__file__).parent / "templates"
CONTEXT = 3  # lines around a change
WHOM = {
    Breaks.NEW_READER: "the new readers, of records that were written before",
    Breaks.OLD_READER: "the readers of before, of records to come",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of both schemas, side by side. `mark`: same, changed, added, removed or gap."""

    mark: str
    old_number: int | None
    old: str
    new_number: int | None
    new: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A change with all that is said of it."""

    change: Change
    writers: list[str]
    readers: list[str]
    rows: list[Row]
    example_before: str | None
    example_after: str | None
    differences: list[dict[str, Any]]


def shown(review: Review, examples: Callable[[Change], tuple[str | None, str | None]]) -> list[Shown]:
    """What both pages say of each change; `examples` gives that of before and that of now."""
    parties = Parties()
    return [
        Shown(
            change,
            parties.writers(change.subject),
            parties.readers(change.subject),
            list(side_by_side(change.before, change.after)),
            *examples(change),
            [
                {
                    "kind": each.kind,
                    "pointer": each.pointer,
                    "sentence": each.sentence,
                    "breaks": [WHOM[who] for who in sorted(each.breaks & change.mode.forbids)],
                    "instead": instead(each) if change.forbidden(each) else None,
                }
                for each in change.differences
            ],
        )
        for change in review.changes
    ]


def markdown(review: Review, changes: list[Shown]) -> str:
    """For a pull request."""
    return _environment(html=False).get_template("review.md.j2").render(review=review, changes=changes)


def html(review: Review, changes: list[Shown]) -> str:
    """One page; its style is in it."""
    return _environment(html=True).get_template("review.html.j2").render(review=review, changes=changes)


def as_json(review: Review, changes: list[Shown]) -> str:
    """For programs."""
    rows = [
        {
            "schema": each.change.name,
            "what": each.change.what.name.lower(),
            "published": each.change.published,
            "breaking": each.change.breaking,
            "broken": each.change.broken,
            "mode": each.change.mode.value,
            "against": each.change.before_name,
            "writers": each.writers,
            "readers": each.readers,
            "differences": each.differences,
        }
        for each in changes
    ]
    said = {"base": review.base, "breaking": review.breaking, "changes": rows}
    return json.dumps(said, indent=2, ensure_ascii=False)


def side_by_side(old: str | None, new: str | None) -> Iterator[Row]:
    """Both texts, their lines beside each other, without what is far from any change."""
    before, after = _lines(old), _lines(new)
    end = None
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(CONTEXT):
        if end is not None and group[0][1] > end:
            yield Row("gap", None, "⋯", None, "⋯")
        for kind, a, b, c, d in group:
            yield from _rows(kind, list(enumerate(before))[a:b], list(enumerate(after))[c:d])
        end = group[-1][2]


def _rows(kind: str, left: list[tuple[int, str]], right: list[tuple[int, str]]) -> Iterator[Row]:
    for index in range(max(len(left), len(right))):
        old = left[index] if index < len(left) else None
        new = right[index] if index < len(right) else None
        mark = "same" if kind == "equal" else "changed" if old and new else "added" if new else "removed"
        yield Row(
            mark,
            old[0] + 1 if old else None,
            old[1] if old else "",
            new[0] + 1 if new else None,
            new[1] if new else "",
        )


def _lines(text: str | None) -> list[str]:
    return text.splitlines() if text is not None else []


def _environment(*, html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=html,  # noqa: S701 - on for the page; in Markdown it would be seen
    )
