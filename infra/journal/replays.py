"""The table of replays: what was asked for, and how far it got."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import asyncpg
import orjson

from infra.journal.spans import Span

LOCK = 7_045_104  # with the replay's number: one process at a time works on it

ADD = """
INSERT INTO runtime.replay (topic, consumer, rebuild, emits, contact, kind, spans, operator, began_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id"""

FIND = """
SELECT id, topic, consumer, rebuild, emits, contact, kind, spans, positions, counts, operator, began_on,
    finished_at IS NOT NULL AS is_finished
FROM runtime.replay WHERE id = $1"""

ADVANCE = "UPDATE runtime.replay SET positions = $2, counts = $3 WHERE id = $1"
FINISH = "UPDATE runtime.replay SET finished_at = now() WHERE id = $1"


class NoSuchReplay(Exception):
    """There is no replay of this number, or it cannot go on."""


@dataclass(slots=True)
class Replay:
    """A topic, or a part of it, on its way to one consumer once more."""

    topic: str
    consumer: str
    rebuild: bool  # everything is handled anew, not only what was not handled
    emits: bool  # what follows from it is published
    contact: str | None
    kind: str | None
    spans: Sequence[Span]
    operator: str
    began_on: date
    id: int = 0  # 0: not recorded, only counted
    positions: dict[int, int] = field(default_factory=dict)  # by partition
    counts: dict[str, int] = field(default_factory=dict)
    is_finished: bool = False

    @property
    def left(self) -> list[Span]:
        """The ranges that were not gone through yet."""
        return [
            Span(s.topic, s.partition, max(s.first, self.positions.get(s.partition, s.first)), s.end)
            for s in self.spans
        ]


async def add_replay(connection: asyncpg.Connection[Any], replay: Replay) -> None:
    """Record it; it has a number then."""
    replay.id = await connection.fetchval(
        ADD,
        replay.topic,
        replay.consumer,
        replay.rebuild,
        replay.emits,
        replay.contact,
        replay.kind,
        orjson.dumps([[s.partition, s.first, s.end] for s in replay.spans]).decode(),
        replay.operator,
        replay.began_on,
    )


async def find_replay(connection: asyncpg.Connection[Any], number: int) -> Replay:
    """The replay of this number. Raises NoSuchReplay."""
    row = await connection.fetchrow(FIND, number)
    if row is None:
        raise NoSuchReplay(f"There is no replay {number}.")
    found: Mapping[str, Any] = dict(row)
    spans = [Span(row["topic"], *numbers) for numbers in orjson.loads(row["spans"])]
    positions = {int(partition): offset for partition, offset in orjson.loads(row["positions"]).items()}
    return Replay(**{**found, "spans": spans, "positions": positions, "counts": orjson.loads(row["counts"])})


async def save_progress(connection: asyncpg.Connection[Any], replay: Replay) -> None:
    """Record how far it got."""
    positions = orjson.dumps(replay.positions, option=orjson.OPT_NON_STR_KEYS).decode()
    await connection.execute(ADVANCE, replay.id, positions, orjson.dumps(replay.counts).decode())


async def save_end(connection: asyncpg.Connection[Any], replay: Replay) -> None:
    """Record that it went through all of its ranges."""
    await connection.execute(FINISH, replay.id)
    replay.is_finished = True


@asynccontextmanager
async def working_on(connection: asyncpg.Connection[Any], number: int) -> AsyncIterator[None]:
    """Nobody else works on this replay inside. Raises NoSuchReplay where somebody does."""
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1::integer, $2::integer)", LOCK, number):
        raise NoSuchReplay(f"Replay {number} is being worked on by another process: wait for its end.")
    try:
        yield
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1::integer, $2::integer)", LOCK, number)
