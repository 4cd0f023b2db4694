"""What operators do to letters, each act in one transaction with its line in the log.

A letter is locked before its row in `later`. Whatever handles the event holds that row's lock, too: an act
finds it either still waiting, or gone. A call to the world that is under way holds no lock, but a claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import asyncpg
import ormsgpack

from infra.postgres.session import Connection
from schemas import topics
from schemas.envelope import MalformedEvent
from schemas.publishing import Registry

LOCK_LETTERS = """
SELECT id, consumer, status, is_event, ce_type FROM letter
WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE"""

FIND_RECORD = "SELECT record FROM letter WHERE id = $1"

LOCK_WAITING = """
SELECT w.id, l.id AS letter FROM letter AS l
JOIN runtime.later AS w ON w.event_id = l.event_id AND w.consumer = l.consumer
WHERE l.id = ANY($1::bigint[]) ORDER BY w.id FOR UPDATE OF w"""

FIND_CALLS = """
SELECT l.id FROM letter AS l
JOIN runtime.claim AS c ON c.event_id = l.event_id AND c.consumer = l.consumer
WHERE l.id = ANY($1::bigint[]) AND c.lease_until > now()"""

# A dead event becomes a row of `later` again, with the number of a delivery that nobody has seen. Where order
# counts it is parked: behind whatever of its key waits by now, and before what comes later. A second redrive
# finds it waiting.
REDRIVE = """
WITH chosen AS (
    SELECT l.id, l.consumer, l.event_id, l.key, coalesce(l.corrected, l.record) AS record, l.delivery,
           l.attempts, u.topic, u.ordered AND l.key IS NOT NULL AS parks
    FROM letter AS l
    JOIN unnest($2::text[], $3::text[], $4::boolean[]) AS u (consumer, topic, ordered)
      ON u.consumer = l.consumer
    WHERE l.id = ANY($1::bigint[]) AND l.status = 'dead' AND l.is_event
), moved AS (
    UPDATE letter AS l
    SET status = 'waiting', due = now(), look_at = now() + interval '1 second'
    FROM chosen WHERE l.id = chosen.id
), waits AS (
    INSERT INTO runtime.later
        (consumer, kind, topic, key, record, event_id, delivery, tries, holds, reason, due)
    SELECT consumer, CASE WHEN parks THEN 'parked' ELSE 'deferred' END, topic, key, record, event_id,
           delivery + 1, least(attempts, 32767), parks, 'redriven', now()
    FROM chosen ORDER BY id
)
INSERT INTO log (letter, who, act, outcome) SELECT id, $5, 'redrive', 'waiting' FROM chosen
RETURNING letter"""

# What waits for its time does not wait any longer; it keeps its place. The clock, not now(): a redrive that
# began before another one and waited for it would find that one's row due in the future.
HURRY = """
WITH hurried AS (
    UPDATE runtime.later AS w SET due = now() FROM letter AS l
    WHERE l.id = ANY($1::bigint[]) AND l.status = 'waiting'
      AND w.event_id = l.event_id AND w.consumer = l.consumer
      AND w.kind = 'deferred' AND w.sent_at IS NULL AND w.due > clock_timestamp()
    RETURNING l.id
), moved AS (
    UPDATE letter AS l SET due = now(), look_at = now() + interval '1 second'
    FROM hurried WHERE l.id = hurried.id
)
INSERT INTO log (letter, who, act, outcome) SELECT id, $2, 'redrive', 'waiting' FROM hurried
RETURNING letter"""

DISCARD = """
WITH marked AS (
    UPDATE letter SET status = 'discarded', due = NULL, look_at = NULL, closed_at = now()
    WHERE id = ANY($1::bigint[])
    RETURNING id, consumer, event_id
), gone AS (
    DELETE FROM runtime.later AS w USING marked AS m
    WHERE w.event_id = m.event_id AND w.consumer = m.consumer
), freed AS (
    DELETE FROM runtime.claim AS c USING marked AS m
    WHERE c.event_id = m.event_id AND c.consumer = m.consumer AND c.lease_until <= now()
)
INSERT INTO log (letter, who, act, outcome, note) SELECT id, $2, 'discard', 'discarded', $3 FROM marked
RETURNING letter"""

# A copy that was sent already holds the old payload: another delivery takes its place.
EDIT_WAITING = """
UPDATE runtime.later AS w SET record = $2, delivery = w.delivery + 1, sent_at = NULL
FROM letter AS l WHERE l.id = $1 AND w.event_id = l.event_id AND w.consumer = l.consumer"""

EDIT = """
WITH edited AS (UPDATE letter SET corrected = $2 WHERE id = $1 RETURNING id, status)
INSERT INTO log (letter, who, act, outcome, note, record) SELECT id, $3, 'edit', status, $4, $2 FROM edited"""

NOTE_EXPORT = """
INSERT INTO log (letter, who, act, outcome) SELECT id, $2, 'export', status FROM letter
WHERE id = ANY($1::bigint[])"""

HANDLED_NOW = "is being handled right now: look again in a moment"
CLOSED = "is {} by now"
NO_EVENT = "is no event: its headers do not say which, so nobody can handle it"


class NotPossible(Exception):
    """An act that would do harm, or nothing; the message says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an act: the letters it was done to, and why not to the others."""

    done: tuple[int, ...]
    refused: Mapping[int, str] = field(default_factory=dict)


async def redrive(connection: Connection, ids: Sequence[int], who: str, ordered: Mapping[str, bool]) -> Done:
    """Have dead letters handled once more, and waiting ones now. Once in effect, however often it is asked.

    `ordered`: for each consumer that there is, whether it handles the events of a key in their order. To be
    called in a transaction, like all here.
    """
    letters = {row["id"]: row for row in await connection.fetch(LOCK_LETTERS, ids)}
    names = list(ordered)
    rows = await connection.fetch(
        REDRIVE, ids, names, [topics.redelivery(name) for name in names], list(ordered.values()), who
    )
    done = {row["letter"] for row in rows}
    if any(row["status"] == "waiting" for row in letters.values()):
        done |= {row["letter"] for row in await connection.fetch(HURRY, ids, who)}
    refused = {
        number: _why_not_redriven(letters.get(number), ordered) for number in ids if number not in done
    }
    return Done(tuple(sorted(done)), refused)


def _why_not_redriven(letter: asyncpg.Record | None, ordered: Mapping[str, bool]) -> str:
    if letter is None:
        return "is not there"
    if letter["status"] in ("waiting", "parked"):
        return "is on its way already"
    if letter["status"] != "dead":
        return CLOSED.format(letter["status"])
    if not letter["is_event"]:
        return NO_EVENT
    return f"was set aside by {letter['consumer']}, which is no consumer of this installation"


async def discard(connection: Connection, ids: Sequence[int], who: str, why: str) -> Done:
    """Give letters up for good; what waits behind them goes on."""
    free, refused = await _in_hand(connection, ids)
    rows = await connection.fetch(DISCARD, free, who, why) if free else []
    return Done(tuple(sorted(row["letter"] for row in rows)), refused)


async def edit(connection: Connection, letter: int, value: bytes, who: str, why: str) -> None:
    """Put another payload in place of a letter's own, which is kept. Raises NotPossible."""
    free, refused = await _in_hand(connection, [letter])
    if not free:
        raise NotPossible(f"Letter {letter} {refused[letter]}.")
    row = (await connection.fetch(LOCK_LETTERS, free))[0]
    check_payload(row["ce_type"] if row["is_event"] else "", value)
    _, headers = ormsgpack.unpackb(await connection.fetchval(FIND_RECORD, letter))
    record = ormsgpack.packb((value, headers))
    await connection.execute(EDIT_WAITING, letter, record)
    await connection.execute(EDIT, letter, record, who, why)


async def note_export(connection: Connection, ids: Sequence[int], who: str) -> None:
    """Write down who took letters out."""
    await connection.execute(NOTE_EXPORT, ids, who)


async def _in_hand(connection: Connection, ids: Sequence[int]) -> tuple[list[int], dict[int, str]]:
    """Lock letters; returns those that nobody handles, or can come to handle, and why not the others."""
    letters = {row["id"]: row for row in await connection.fetch(LOCK_LETTERS, ids)}
    waiting = {row["letter"] for row in await connection.fetch(LOCK_WAITING, ids)}
    called = {
        row["id"] for row in await connection.fetch(FIND_CALLS, ids)
    }  # after the locks: no more to come
    free, refused = [], {}
    for number in ids:
        status = letters[number]["status"] if number in letters else None
        if status is None:
            refused[number] = "is not there"
        elif status not in ("waiting", "parked", "dead"):
            refused[number] = CLOSED.format(status)
        elif number in called or (status != "dead" and number not in waiting):
            refused[number] = HANDLED_NOW
        else:
            free.append(number)
    return free, refused


def check_payload(ce_type: str, value: bytes) -> None:
    """Raise NotPossible unless the value fits the published schema of its type."""
    registry = Registry()
    models = {model.event_type: model for model in registry.models.values()}
    model = models.get(ce_type)
    if not ce_type:
        raise NotPossible(f"It {NO_EVENT}. Discard it, and mend whoever published it.")
    if model is None or not registry.path(model.dataschema()).exists():
        raise NotPossible(f"There is no published schema of {ce_type}, so the payload cannot be checked.")
    if len(value) > topics.RECORD_BYTES_LIMIT - 64 * 1024:
        raise NotPossible(f"The payload of {len(value)} bytes is too large to publish.")
    try:
        model.read(value)
    except MalformedEvent as error:
        raise NotPossible(
            f"The payload does not fit: {error}. `easymo schemas show {model.dataschema()}` shows what does."
        ) from None
