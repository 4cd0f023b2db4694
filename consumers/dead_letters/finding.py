"""Letters by what operators ask for: some at a time, or one with all that happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from infra.postgres.session import Connection

BIGINT_MAX = 2**63 - 1

_CHOSEN = """
    ($1::bigint[] IS NULL OR id = ANY($1))
    AND ($2::text IS NULL OR consumer = $2)
    AND ($3::text IS NULL OR strpos(lower(reason), lower($3)) > 0)
    AND ($4::text IS NULL OR ce_type = $4 OR ce_type LIKE $4 || '.v%')
    AND ($5::text IS NULL OR contact = $5)
    AND ($6::text[] IS NULL OR status = ANY($6))
    AND ($7::timestamptz IS NULL OR last_at <= $7)
    AND ($8::timestamptz IS NULL OR last_at >= $8)"""

FIND_LATEST = f"""
SELECT id, consumer, event_id, status, ce_type, contact, reason, attempts, due, first_at, last_at,
       corrected IS NOT NULL AS edited
FROM letter WHERE {_CHOSEN} ORDER BY id DESC LIMIT $9"""  # noqa: S608 - constants

FIND_IDS = f"""
SELECT id FROM letter WHERE {_CHOSEN} AND id > $9 AND id <= $10 ORDER BY id LIMIT $11"""  # noqa: S608 - constants

FIND_WHOLE = f"""
SELECT * FROM letter WHERE {_CHOSEN} AND id > $9 AND id <= $10 ORDER BY id LIMIT $11"""  # noqa: S608 - constants

COUNT = f"""
SELECT consumer, ce_type, status, is_event, count(*) AS letters, max(id) AS last FROM letter
WHERE {_CHOSEN} GROUP BY consumer, ce_type, status, is_event ORDER BY 1, 2, 3, 4"""  # noqa: S608 - constants

FIND_BY_ID = "SELECT * FROM letter WHERE id = $1"
FIND_BY_EVENT = "SELECT * FROM letter WHERE consumer = ANY($1::text[]) AND event_id = $2 ORDER BY id"
FIND_CONSUMERS = "SELECT DISTINCT consumer FROM letter"
FIND_LOG = "SELECT at, who, act, outcome, note, record FROM log WHERE letter = $1 ORDER BY id"


class NoSuchLetter(Exception):
    """The message says which, and how to find one."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which letters: those that fit all that is given."""

    ids: tuple[int, ...] = ()
    consumer: str | None = None
    reason: str | None = None  # part of it, in any case
    ce_type: str | None = None  # with or without its version
    contact: str | None = None
    statuses: tuple[str, ...] = ()
    until: datetime | None = None  # failed last then, or before
    since: datetime | None = None

    def arguments(self) -> tuple[Any, ...]:
        """For the statements here."""
        return (
            list(self.ids) or None,
            self.consumer,
            self.reason,
            self.ce_type,
            self.contact,
            list(self.statuses) or None,
            self.until,
            self.since,
        )


async def latest(connection: Connection, choice: Choice, limit: int) -> list[asyncpg.Record]:
    """The last `limit` letters that were chosen, the latest first."""
    return await connection.fetch(FIND_LATEST, *choice.arguments(), limit)


async def count(connection: Connection, choice: Choice) -> list[asyncpg.Record]:
    """How many were chosen, by consumer, type and status; `last` is the highest id among them."""
    return await connection.fetch(COUNT, *choice.arguments())


async def some_ids(connection: Connection, choice: Choice, after: int, last: int, limit: int) -> list[int]:
    """The ids of the next of the chosen ones, from the oldest to `last`."""
    rows = await connection.fetch(FIND_IDS, *choice.arguments(), after, last, limit)
    return [row["id"] for row in rows]


async def some_whole(
    connection: Connection, choice: Choice, after: int, limit: int, last: int = BIGINT_MAX
) -> list[asyncpg.Record]:
    """The next of the chosen ones, complete."""
    return await connection.fetch(FIND_WHOLE, *choice.arguments(), after, last, limit)


async def one(connection: Connection, name: str) -> asyncpg.Record:
    """The letter of this number, or of this event's id. Raises NoSuchLetter."""
    rows: Sequence[asyncpg.Record] = []
    if name.isdecimal() and int(name) <= BIGINT_MAX:
        rows = await connection.fetch(FIND_BY_ID, int(name))
    elif not name.isdecimal():
        try:
            event = UUID(name)
        except ValueError:
            raise NoSuchLetter(f"{name} is neither a letter's number nor the id of an event.") from None
        consumers = [row["consumer"] for row in await connection.fetch(FIND_CONSUMERS)]
        rows = await connection.fetch(FIND_BY_EVENT, consumers, event)
    if not rows:
        raise NoSuchLetter(f"There is no letter {name}. `easymo dead-letters list --all` shows the latest.")
    if len(rows) > 1:
        numbers = ", ".join(f"{row['id']} ({row['consumer']})" for row in rows)
        raise NoSuchLetter(f"Several consumers set {name} aside. Choose a number: {numbers}.")
    return rows[0]


async def history(connection: Connection, letter: int) -> list[asyncpg.Record]:
    """All that happened to a letter, in the order of time."""
    return await connection.fetch(FIND_LOG, letter)
