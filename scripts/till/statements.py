"""A provider's statement from a file, and held against our books."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from io import StringIO
from pathlib import Path
from typing import Any

import orjson

from consumers.payments import finding
from consumers.payments.rules.readings import PAYPAL
from consumers.payments.rules.reconciling import Difference, Line, NoStatement, compare, read_lines
from infra.postgres.session import Connection

BYTES_LIMIT = 64 * 1024 * 1024
LINES_LIMIT = 500_000
# A payment at the edge of the statement's time may stand in the next one: those are not missed.
EDGE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Held:
    """Where the two differ, and for people: what could not be looked at, and why."""

    differences: list[Difference]
    notes: list[str]


def read_file(path: Path, zone: tzinfo = UTC) -> list[Line]:
    """The lines of a CSV or JSON file; `zone`: of times that tell none. Raises NoStatement."""
    try:
        if path.stat().st_size > BYTES_LIMIT:
            raise NoStatement(f"{path} has more than {BYTES_LIMIT // 2**20} MB: cut it by days.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NoStatement(f"{path} cannot be read: {error}") from None
    rows = _json(text) if text.lstrip()[:1] in ("[", "{") else _csv(text)
    if len(rows) > LINES_LIMIT:
        raise NoStatement(f"{path} has more than {LINES_LIMIT:,} lines: cut it by days.")
    return read_lines(rows, zone)


def _json(text: str) -> list[Mapping[str, Any]]:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise NoStatement(f"The file is no JSON: {error}") from None
    if isinstance(content, dict):  # a list inside, as Stripe answers
        lists = [value for value in content.values() if isinstance(value, list)]
        content = content["data"] if "data" in content else lists[0] if len(lists) == 1 else None
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise NoStatement("The JSON has to be a list of payments.")
    return content


def _csv(text: str) -> list[Mapping[str, Any]]:
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    try:
        return list(csv.DictReader(StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:  # a quote that nobody closes would swallow the lines behind it
        raise NoStatement(f"The file is no CSV: {error}") from None


async def reconcile(
    connection: Connection,
    scheme: str,
    lines: list[Line],
    *,
    since: datetime | None,
    until: datetime | None,
    told: Callable[[int, int], None],
) -> Held:
    """Where the statement and our books differ; within the statement's own time unless another is given."""
    found = {}
    for start in range(0, len(lines), finding.AT_ONCE):
        some = [line.transaction for line in lines[start : start + finding.AT_ONCE]]
        found.update({each.transaction: each for each in await finding.booked(connection, scheme, some)})
        told(min(start + finding.AT_ONCE, len(lines)), len(lines))
    times = [line.at for line in lines if line.at is not None]
    begin = since or (min(times) + EDGE if times else None)
    end = until or (max(times) - EDGE if times else None)
    span = (begin, end) if begin and end and begin < end else None
    window = await finding.in_window(connection, scheme, *span) if span else []
    notes = _notes(lines, looked=span, told=bool(since and until))
    return Held(compare(lines, found, window, foreign=scheme == PAYPAL), notes)


def _notes(lines: list[Line], *, looked: tuple[datetime, datetime] | None, told: bool) -> list[str]:
    """`looked`: within this time for what is missing there; `told`: that time was given."""
    notes = []
    undated = [line.undated for line in lines if line.undated]
    if undated and not told:
        notes.append(
            f"{len(undated):,} lines have a time that cannot be read without doubt, such as {undated[0]!r}: "
            "give the statement's time by --from and --until."
        )
    if looked and not told:
        since, until = (moment.isoformat(sep=" ", timespec="minutes") for moment in looked)
        notes.append(
            f"missing_there was looked for from {since} to {until}, by the times of their lines. To have no "
            "minute between two statements left out, give each one's time by --from and --until."
        )
    if not looked:
        notes.append(
            "missing_there was not looked for: their lines tell no span of time. Give it by --from and "
            "--until."
        )
    unknown = [line.unknown for line in lines if line.unknown]
    if unknown:
        notes.append(
            f"{len(unknown):,} lines have a status that is not known, such as {unknown[0]!r}: they "
            "were not compared."
        )
    return notes
