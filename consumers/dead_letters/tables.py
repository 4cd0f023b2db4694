"""The statements that keep the letters: as many for a thousand as for one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from consumers.dead_letters.reading import SetAside
from consumers.dead_letters.rules import Status, look_again_at, status_of
from infra.postgres.session import BulkWrite, Session

ADD_LETTER = BulkWrite(
    """INSERT INTO letter (consumer, event_id, status, topic, partition, "offset", written_at, key, record,
        is_event, ce_type, contact, trace_id, reason, error_type, message, stack, delivery, attempts, due,
        first_at, last_at, look_at)
    SELECT u.*, u.at, CASE WHEN u.status = 'waiting' THEN now() END
    FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::integer[], $6::bigint[],
        $7::timestamptz[], $8::bytea[], $9::bytea[], $10::boolean[], $11::text[], $12::text[], $13::text[],
        $14::text[], $15::text[], $16::text[], $17::text[], $18::integer[], $19::integer[],
        $20::timestamptz[], $21::timestamptz[])
        AS u (consumer, event_id, status, topic, partition, "offset", written_at, key, record, is_event,
              ce_type, contact, trace_id, reason, error_type, message, stack, delivery, attempts, due, at)
    ON CONFLICT (consumer, event_id) DO NOTHING"""
)

# News of a delivery that is not the latest known changes nothing; what a person discarded stays so.
FAIL_AGAIN = BulkWrite(
    """UPDATE letter AS l
    SET status = CASE l.status WHEN 'discarded' THEN l.status ELSE u.status END, reason = u.reason,
        error_type = u.error_type, message = u.message, stack = u.stack, delivery = u.delivery,
        attempts = u.attempts, due = CASE l.status WHEN 'discarded' THEN NULL ELSE u.due END,
        look_at = CASE u.status WHEN 'waiting' THEN now() END, last_at = u.at,
        closed_at = CASE l.status WHEN 'discarded' THEN l.closed_at END
    FROM (SELECT m.id, v.* FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::text[], $8::integer[], $9::integer[], $10::timestamptz[], $11::timestamptz[])
            AS v (consumer, event_id, status, reason, error_type, message, stack, delivery, attempts, due, at)
        JOIN letter AS m ON m.consumer = v.consumer AND m.event_id = v.event_id
        ORDER BY m.id FOR UPDATE OF m) AS u
    WHERE l.id = u.id AND u.delivery > l.delivery""",
    key=2,
)

ADD_ATTEMPT = BulkWrite(
    """INSERT INTO log (letter, at, who, act, outcome, note, attempt_id)
    SELECT l.id, u.at, u.consumer, 'attempt', u.outcome, u.note, u.attempt_id
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::uuid[])
        AS u (consumer, event_id, at, outcome, note, attempt_id)
    JOIN letter AS l ON l.consumer = u.consumer AND l.event_id = u.event_id
    ON CONFLICT (attempt_id) DO NOTHING"""
)

# A snapshot: the row in `later` leaves in the transaction that records the outcome. Partitions that are older
# than what is known of the letter are not looked at.
FIND_TO_LOOK_AT = """
SELECT l.id, l.consumer, l.status, l.delivery, l.due, w.kind AS waits, w.due AS waits_until,
       p.outcome, p.delivery AS handled
FROM letter AS l
LEFT JOIN LATERAL (
    SELECT kind, due FROM runtime.later WHERE event_id = l.event_id AND consumer = l.consumer LIMIT 1
) AS w ON true
LEFT JOIN LATERAL (
    SELECT outcome, delivery FROM runtime.processed
    WHERE event_id = l.event_id AND consumer = l.consumer AND delivery > l.delivery AND w.kind IS NULL
      AND day >= (l.last_at - interval '1 day')::date
    ORDER BY delivery DESC LIMIT 1
) AS p ON true
WHERE l.status IN ('waiting', 'parked') AND l.look_at <= now()
ORDER BY l.look_at LIMIT $1 FOR UPDATE OF l SKIP LOCKED"""

FOLLOW = BulkWrite(
    """UPDATE letter AS l SET status = u.status, delivery = u.delivery, due = u.due, look_at = u.look_at,
        closed_at = CASE WHEN u.look_at IS NULL THEN now() END
    FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::timestamptz[], $5::timestamptz[])
        AS u (id, status, delivery, due, look_at)
    WHERE l.id = u.id""",
    key=1,
)

ADD_FOUND = BulkWrite(
    """INSERT INTO log (letter, who, act, outcome)
    SELECT letter, who, 'found', outcome FROM unnest($1::bigint[], $2::text[], $3::text[])
        AS u (letter, who, outcome)"""
)

COUNT_OPEN = """
SELECT consumer, status, count(*) AS letters FROM letter
WHERE status IN ('waiting', 'parked', 'dead') GROUP BY consumer, status"""


async def collect(session: Session, found: Sequence[SetAside]) -> None:
    """Write what was set aside, in the order in which it was; a repeat changes nothing. Three statements."""
    for each in found:
        session.write(
            ADD_LETTER, each.consumer, each.event_id, each.status, each.topic, each.partition, each.offset,
            each.written_at, each.key, each.record, each.is_event, each.ce_type, each.contact, each.trace_id,
            each.reason, each.error_type, each.message, each.stack, each.delivery, each.attempts, each.due,
            each.at,
        )  # fmt: skip
    for each in sorted(found, key=lambda each: each.delivery):
        session.write(
            FAIL_AGAIN, each.consumer, each.event_id, each.status, each.reason, each.error_type, each.message,
            each.stack, each.delivery, each.attempts, each.due, each.at,
        )  # fmt: skip
    for each in found:
        session.write(
            ADD_ATTEMPT, each.consumer, each.event_id, each.at, each.status, each.reason, each.attempt_id
        )
    await session.flush()


async def follow(session: Session, limit: int, now: datetime) -> int:
    """Look what became of up to `limit` letters whose time has come; returns how many. Three statements."""
    rows = await session.fetch(FIND_TO_LOOK_AT, limit)
    for row in rows:
        found = status_of(row["waits"], row["outcome"])
        status = found or Status(row["status"])
        still = found in (None, Status.WAITING, Status.PARKED)
        due = row["waits_until"] or row["due"] if still else None
        delivery = row["handled"] if row["handled"] is not None and not still else row["delivery"]
        session.write(FOLLOW, row["id"], status, delivery, due, look_again_at(due, now) if still else None)
        if status != row["status"]:
            session.write(ADD_FOUND, row["id"], row["consumer"], status)
    await session.flush()
    return len(rows)
