"""Messages and what became of them, and how far their statuses have been consumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from consumers.domain import Store
from consumers.sender.progress import Progress, read_progress
from infra.postgres.session import BulkWrite
from infra.whatsapp.errors import Refusal
from schemas.envelope import Envelope
from schemas.events.whatsapp import SendMessage, StatusReceived

LANE_STEP = timedelta(seconds=5)  # how far a lane moves before that is written: one row, many writers

# A message that had ended here, and was redriven, begins anew, unless Meta had taken it.
CLAIM = BulkWrite(
    """INSERT INTO message (event_id, person, state, state_at, claimed_at, again)
    SELECT event_id, person, 'claimed', at, at, again
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::jsonb[]) AS u (event_id, person, at, again)
    ON CONFLICT (event_id) DO UPDATE
    SET claimed_at = excluded.claimed_at,
        state = CASE WHEN message.wamid IS NULL THEN 'claimed' ELSE message.state END,
        error_code = CASE WHEN message.wamid IS NULL THEN NULL ELSE message.error_code END,
        error = CASE WHEN message.wamid IS NULL THEN NULL ELSE message.error END""",
    key=1,
    table="message",
)

NOT_SENT = BulkWrite(
    """INSERT INTO message AS m (event_id, person, state, state_at, claimed_at, error)
    SELECT event_id, person, 'not_sent', at, at, reason
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[]) AS u (event_id, person, at, reason)
    ON CONFLICT (event_id) DO UPDATE
    SET state = 'not_sent', state_at = excluded.state_at, error = excluded.error
    WHERE m.state = 'claimed'""",
    key=1,
    table="message",
)

ACCEPTED = BulkWrite(
    """UPDATE message AS m SET wamid = u.wamid, template = u.template,
        state_at = CASE WHEN m.state < 'accepted' THEN u.at ELSE m.state_at END,
        state = greatest(m.state, 'accepted')
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) AS u (event_id, wamid, template, at)
    WHERE m.event_id = u.event_id""",
    key=1,
    table="message",
)

REFUSED = BulkWrite(
    """UPDATE message AS m SET state = 'failed', state_at = u.at, error_code = u.code, error = u.error
    FROM unnest($1::uuid[], $2::timestamptz[], $3::int[], $4::text[]) AS u (event_id, at, code, error)
    WHERE m.event_id = u.event_id AND m.state < 'failed'""",
    key=1,
    table="message",
)

GIVEN_UP = BulkWrite(
    """UPDATE message AS m SET state = 'failed', state_at = u.at, error = u.error
    FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS u (event_id, at, error)
    WHERE m.event_id = u.event_id AND m.state = 'claimed'""",
    key=1,
    table="message",
)

REPEATED = BulkWrite(
    """UPDATE message AS m SET repeats = m.repeats + 1
    FROM unnest($1::uuid[]) AS u (event_id) WHERE m.event_id = u.event_id""",
    key=1,
    table="message",
)

# Of several statuses of one message the furthest stands, in whatever order they came. The wamid is taken from
# the first status where nobody recorded it (see `find_out` in sending.py).
MOVE = BulkWrite(
    """UPDATE message AS m SET wamid = coalesce(m.wamid, u.wamid), state = u.state, state_at = u.at,
        error_code = u.code, error = u.error
    FROM (
        SELECT DISTINCT ON (event_id) event_id, wamid, state::message_state, at, code, error
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::int[], $6::text[])
            AS s (event_id, wamid, state, at, code, error)
        ORDER BY event_id, state::message_state DESC, at
    ) AS u
    WHERE m.event_id = u.event_id AND m.state < u.state""",
    table="message",
)

FIND_CALLS = "SELECT event_id, state, claimed_at, repeats FROM message WHERE event_id = ANY($1::uuid[])"

FIND_FAILED = "SELECT event_id, person, state, state_at, again FROM message WHERE event_id = ANY($1::uuid[])"

FIND_LANES = "SELECT lane, seen_at FROM status_lane"

MOVE_LANE = BulkWrite(
    """INSERT INTO status_lane AS l (lane, seen_at) SELECT * FROM unnest($1::smallint[], $2::timestamptz[])
    ON CONFLICT (lane) DO UPDATE SET seen_at = greatest(l.seen_at, excluded.seen_at)""",
    key=1,
)

# In order and without waiting: somebody else may be at it.
PRUNE = """
WITH old AS (
    SELECT event_id FROM message WHERE claimed_at < $1 ORDER BY claimed_at LIMIT $2 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM message USING old WHERE message.event_id = old.event_id RETURNING 1
)
SELECT count(*) AS count FROM gone"""


@dataclass(frozen=True, slots=True)
class LastCall:
    """What is known of the last call for a message: what a doubt is settled by."""

    state: str
    claimed_at: datetime
    repeats: int

    @property
    def went_out(self) -> bool:
        """Whether a status has told of it, or Meta's answer was recorded after all."""
        return self.state not in ("claimed", "not_sent")

    @property
    def stands(self) -> bool:
        """Whether it went out and did not fail: to send it again would be to send it twice."""
        return self.went_out and self.state != "failed"


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """What a late failure is judged by."""

    person: str
    state: str
    state_at: datetime
    again: SendMessage | None


class MessageStore(Store):
    """The tables `message` and `status_lane`."""

    _sends: tuple[UUID, ...] = ()
    _calls: dict[UUID, LastCall] | None = None
    _failures: tuple[UUID, ...] = ()
    _failed: dict[UUID, FailedMessage] | None = None
    _lanes: dict[int, datetime] | None = None

    async def load(self, events: Sequence[tuple[Envelope, Any, str]]) -> None:
        """Note which messages are to be sent, and which are told to have failed; those of a kind are read
        when the first one is asked for."""
        self._sends = tuple(envelope.id for envelope, data, _ in events if isinstance(data, SendMessage))
        told = (read_progress(data.status) for _, data, _ in events if isinstance(data, StatusReceived))
        self._failures = tuple({p.event_id for p in told if p is not None and p.failure is not None})

    # Sending ------------------------------------------------------------------------------------------

    def claim(self, event: UUID, person: str, now: datetime, again: SendMessage | None) -> None:
        """The message is about to be sent."""
        self.session.write(CLAIM, event, person, now, again.write().decode() if again else None)

    def not_sent(self, event: UUID, person: str, now: datetime, reason: str) -> None:
        """The message ends here, by our own decision."""
        self.session.write(NOT_SENT, event, person, now, reason)

    def accepted(self, event: UUID, wamid: str, template: str | None, now: datetime) -> None:
        """Meta took it."""
        self.session.write(ACCEPTED, event, wamid, template, now)

    def refused(self, event: UUID, refusal: Refusal, now: datetime) -> None:
        """Meta will not deliver it, now or ever."""
        self.session.write(REFUSED, event, now, refusal.code or None, str(refusal))

    def given_up(self, event: UUID, reason: str, now: datetime) -> None:
        """It is not tried any more; what Meta had said of it stands."""
        self.session.write(GIVEN_UP, event, now, reason.replace("\x00", "\ufffd"))

    def repeated(self, event: UUID) -> None:
        """It is sent again, although it may have gone out before."""
        self.session.write(REPEATED, event)

    async def call(self, event: UUID) -> LastCall | None:
        """What is known of the last call for a message; None where there is no such message."""
        if self._calls is None:
            rows = await self.session.fetch(FIND_CALLS, sorted({*self._sends, event}))
            self._calls = {
                row["event_id"]: LastCall(row["state"], row["claimed_at"], row["repeats"]) for row in rows
            }
        return self._calls.get(event)

    # Statuses -----------------------------------------------------------------------------------------

    def move(self, progress: Progress) -> None:
        """A status told how far the message has come; an older word changes nothing."""
        failure = progress.failure
        if failure is not None and self._failed and progress.event_id in self._failed:
            before = self._failed[progress.event_id]
            self._failed[progress.event_id] = replace(before, state="failed", state_at=progress.at)
        self.session.write(
            MOVE,
            progress.event_id,
            progress.wamid,
            progress.state,
            progress.at,
            (failure.code or None) if failure else None,
            str(failure) if failure else None,
        )

    async def failed(self, event: UUID) -> FailedMessage | None:
        """A message that was told to have failed, as it stood before; None where it is not ours."""
        if self._failed is None:
            rows = await self.session.fetch(FIND_FAILED, sorted({*self._failures, event}))
            self._failed = {
                row["event_id"]: FailedMessage(
                    row["person"],
                    row["state"],
                    row["state_at"],
                    SendMessage.read(row["again"].encode()) if row["again"] else None,
                )
                for row in rows
            }
        return self._failed.get(event)

    async def seen_at(self, lanes: Iterable[int]) -> datetime | None:
        """How far the statuses of all these lanes have been consumed; None while nothing is known of one."""
        known = await self._known_lanes()
        times = [known.get(lane) for lane in lanes]
        told = [time for time in times if time is not None]
        return min(told) if told and len(told) == len(times) else None

    async def move_lane(self, lane: int, at: datetime) -> None:
        """A status of this time has been consumed."""
        known = await self._known_lanes()
        if lane not in known or at > known[lane] + LANE_STEP:
            known[lane] = at
            self.session.write(MOVE_LANE, lane, at)

    async def _known_lanes(self) -> dict[int, datetime]:
        if self._lanes is None:
            self._lanes = {row["lane"]: row["seen_at"] for row in await self.session.fetch(FIND_LANES)}
        return self._lanes

    # Forgetting ---------------------------------------------------------------------------------------

    async def prune(self, before: datetime, limit: int) -> int:
        """Forget up to `limit` messages claimed before; returns how many."""
        row = await self.session.fetch_row(PRUNE, before, limit)
        return row["count"] if row is not None else 0
