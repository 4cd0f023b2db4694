"""A provider's statement from a file, and held against our books."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from consumers.payments import finding
from consumers.payments.rules.reconciling import Difference, Line, NoStatement, compare, read_lines
from infra.postgres.session import Connection

BYTES_LIMIT = 64 * 1024 * 1024
LINES_LIMIT = 500_000
# A payment at the edge of the statement's time may stand in the next one: those are not missed.
EDGE = timedelta(minutes=5)


def read_file(path: Path) -> list[Line]:
    """The lines of a CSV or JSON file. Raises NoStatement."""
    try:
        if path.stat().st_size > BYTES_LIMIT:
            raise NoStatement(f"{path} has more than {BYTES_LIMIT // 2**20} MB: cut it by days.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NoStatement(f"{path} cannot be read: {error}") from None
    rows = _json(text) if text.lstrip()[:1] in ("[", "{") else _csv(text)
    if len(rows) > LINES_LIMIT:
        raise NoStatement(f"{path} has more than {LINES_LIMIT:,} lines: cut it by days.")
    return read_lines(rows)


def _json(text: str) -> list[Mapping[str, Any]]:
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise NoStatement(f"The file is no JSON: {error}") from None
    if isinstance(content, dict):  # a list inside, as Stripe answers
        content = next((value for value in content.values() if isinstance(value, list)), None)
    if not isinstance(content, list) or not all(isinstance(row, dict) for row in content):
        raise NoStatement("The JSON has to be a list of payments.")
    return content


def _csv(text: str) -> list[Mapping[str, Any]]:
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    return list(csv.DictReader(text.splitlines(), delimiter=separator))


async def reconcile(
    connection: Connection,
    scheme: str,
    lines: list[Line],
    *,
    since: datetime | None,
    until: datetime | None,
    told: Callable[[int, int], None],
) -> list[Difference]:
    """Where the statement and our books differ; within the statement's own time unless another is given."""
    found = {}
    for start in range(0, len(lines), finding.AT_ONCE):
        some = [line.transaction for line in lines[start : start + finding.AT_ONCE]]
        found.update({each.transaction: each for each in await finding.booked(connection, scheme, some)})
        told(min(start + finding.AT_ONCE, len(lines)), len(lines))
    times = [line.at for line in lines if line.at is not None]
    begin = since or (min(times) + EDGE if times else None)
    end = until or (max(times) - EDGE if times else None)
    window = await finding.in_window(connection, scheme, begin, end) if begin and end and begin < end else []
    return compare(lines, found, window)
