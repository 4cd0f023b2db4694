"""Claims of calls to the world: their rows, and a call from its claim to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from consumers.domain import Route
from consumers.runtime.judging import WAITING
from consumers.runtime.records import Outcome, Record
from infra.postgres.session import BulkWrite

LEASE_MARGIN = timedelta(seconds=10)  # the lease outlives the call's time limit by this

ENDED = frozenset(Outcome) - WAITING

FIND_CLAIMS = """
SELECT event_id, key, token, claimed_at, lease_until, delivery FROM runtime.claim
WHERE consumer = $1 AND key = ANY($2::bytea[]) ORDER BY event_id FOR UPDATE"""

FIND_TOKENS = """
SELECT event_id, token FROM runtime.claim
WHERE consumer = $1 AND event_id = ANY($2::uuid[]) ORDER BY event_id FOR UPDATE"""

ADD_CLAIM = BulkWrite(
    """INSERT INTO runtime.claim (consumer, event_id, key, token, claimed_at, lease_until, delivery)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::uuid[], $5::timestamptz[],
        $6::timestamptz[], $7::integer[])""",
    key=2,
    duplicate_is_conflict=True,
    table="runtime.claim",
)

RENEW_CLAIM = BulkWrite(
    """UPDATE runtime.claim AS c
    SET token = u.token, claimed_at = u.claimed_at, lease_until = u.lease_until, delivery = u.delivery
    FROM unnest($1::text[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
        AS u (consumer, event_id, token, claimed_at, lease_until, delivery)
    WHERE c.consumer = u.consumer AND c.event_id = u.event_id""",
    key=2,
    table="runtime.claim",
)

END_LEASE = BulkWrite(
    """UPDATE runtime.claim AS c SET lease_until = u.lease_until
    FROM unnest($1::text[], $2::uuid[], $3::timestamptz[]) AS u (consumer, event_id, lease_until)
    WHERE c.consumer = u.consumer AND c.event_id = u.event_id""",
    key=2,
    table="runtime.claim",
)

DROP_CLAIM = BulkWrite(
    """DELETE FROM runtime.claim AS c USING unnest($1::text[], $2::uuid[]) AS u (consumer, event_id)
    WHERE c.consumer = u.consumer AND c.event_id = u.event_id""",
    key=2,
    table="runtime.claim",
)


@dataclass(slots=True, eq=False)
class Call:
    """One claimed call: what it needs, and in the end how it went."""

    record: Record
    route: Route
    token: UUID
    lease_until: datetime
    prepared: Any = None
    result: Any = None
    error: Exception | None = None  # what it raised

    @property
    def failure(self) -> Exception | None:
        """Why its end cannot be recorded."""
        return self.record.failure

    @failure.setter
    def failure(self, error: Exception | None) -> None:
        self.record.failure = error


@dataclass(slots=True)
class Claim:
    """A call that may be under way: one at a time for a key."""

    event_id: UUID
    key: bytes
    token: UUID
    claimed_at: datetime
    lease_until: datetime
    delivery: int


def key_of(record: Record) -> bytes:
    """What calls are kept apart by; a record without a key stands alone."""
    return record.key if record.key is not None else record.event.id.bytes
