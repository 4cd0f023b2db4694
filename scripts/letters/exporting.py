"""Letters as lines of JSON: key, value and headers byte for byte, in base64."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import asyncpg
import orjson
import ormsgpack

from consumers.dead_letters import acts, finding
from consumers.dead_letters.finding import Choice
from infra.postgres.pool import transaction

AT_ONCE = 20  # a letter holds up to 4 MiB
PLAIN = (
    "id", "consumer", "event_id", "status", "ce_type", "topic", "partition", "offset", "written_at",
    "error_type", "message", "stack", "attempts", "trace_id", "first_at", "last_at",
)  # fmt: skip


async def write(pool: asyncpg.Pool[Any], *, choice: Choice, who: str, line: Callable[[bytes], object]) -> int:
    """Give each letter of the choice to `line`, and note in the log who took it out; returns how many."""
    after = count = 0
    while True:
        async with transaction(pool) as connection:
            rows = await finding.some_whole(connection, choice, after, AT_ONCE)
            await acts.note_export(connection, [row["id"] for row in rows], who)
        for row in rows:
            line(exported(row))
        if not rows:
            return count
        after, count = rows[-1]["id"], count + len(rows)


def exported(letter: asyncpg.Record) -> bytes:
    """One line."""
    value, headers = ormsgpack.unpackb(letter["record"])
    corrected = letter["corrected"]
    found = {name: letter[name] for name in PLAIN} | {
        "key": _base64(letter["key"]),
        "value": _base64(value),
        "headers": [[name, _base64(content)] for name, content in headers],
        "corrected": _base64(ormsgpack.unpackb(corrected)[0]) if corrected is not None else None,
    }
    return orjson.dumps(found, str, orjson.OPT_APPEND_NEWLINE)  # asyncpg has a UUID of its own


def _base64(content: bytes | None) -> str | None:
    return b64encode(content).decode() if content is not None else None
