"""Sending rows of `later`: published and marked as sent within one transaction, under its locks."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import ormsgpack

from infra.kafka.publisher import Output, Publisher
from infra.postgres.session import Connection
from infra.telemetry import metrics
from schemas.envelope import ATTEMPT, LATER_ID, SENT_DAY

# Statistics are minutes old: told that hardly anything is due, the planner collects all that is and sorts it,
# in each round. The index gives it in its order, and asyncpg keeps the plan of a prepared query.
BY_INDEX = "SET LOCAL enable_bitmapscan = off"

# A copy may have been handled by now, and its row wait for another delivery, which has not been sent.
MARK_SENT = """
UPDATE runtime.later AS l SET sent_at = now() FROM unnest($1::bigint[], $2::integer[]) AS u (id, delivery)
WHERE l.id = u.id AND l.delivery = u.delivery"""


async def send(connection: Connection, publisher: Publisher, rows: list[asyncpg.Record]) -> int:
    """Publish rows and mark them as sent; returns how many. Raises what asyncpg raises."""
    if not rows:
        return 0
    today = datetime.now(UTC).date().isoformat().encode()
    await publisher.publish([_output(row, today) for row in rows])
    await connection.execute(MARK_SENT, [row["id"] for row in rows], [row["delivery"] for row in rows])
    for row in rows:
        metrics.LATER_SENT.labels(row["kind"]).inc()
    return len(rows)


def _output(row: asyncpg.Record, today: bytes) -> Output:
    value, headers = ormsgpack.unpackb(row["record"])
    own = (ATTEMPT, LATER_ID, SENT_DAY)
    kept = [(name, content) for name, content in headers if name not in own]
    kept += [(ATTEMPT, str(row["delivery"]).encode()), (LATER_ID, str(row["id"]).encode())]
    if row["kind"] != "timer":  # a timer's day is the day on which it is due
        kept.append((SENT_DAY, today))
    return Output(row["topic"], row["key"], value, kept)
