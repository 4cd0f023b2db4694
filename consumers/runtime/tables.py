"""The runtime's statements: a constant number for a chunk, whatever its size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson

from consumers.runtime.records import Key
from consumers.turn import Conversation
from infra.postgres.session import BulkWrite, Session

LOCK_CONVERSATIONS = """
SELECT person, step, data, turn, locale, contact, heard_at FROM runtime.conversation
WHERE consumer = $1 AND person = ANY($2::text[]) ORDER BY person FOR UPDATE"""

ADD_CONVERSATIONS = """
INSERT INTO runtime.conversation (consumer, person)
SELECT $1, person FROM unnest($2::text[]) AS person ORDER BY person
ON CONFLICT DO NOTHING"""

FIND_LOCALES = """
SELECT person, locale FROM runtime.conversation WHERE consumer = $1 AND person = ANY($2::text[])"""

FIND_LIVE = """
SELECT id, kind, delivery, tries, name FROM runtime.later
WHERE consumer = $1 AND id = ANY($2::bigint[]) FOR UPDATE"""

FIND_WAITING = """
SELECT event_id, id, kind, delivery, tries, name FROM runtime.later
WHERE consumer = $1 AND event_id = ANY($2::uuid[]) FOR UPDATE"""

# What is remembered of the events, and what holds back their keys: two questions, one way to the database.
# Only the partitions of these days are looked at: an array of days would not do that in a plan that is kept.
FIND_PAST = """
SELECT event_id, delivery, outcome, outputs, NULL::bytea AS key, NULL::bigint AS first FROM runtime.processed
WHERE consumer = $1 AND day BETWEEN $2 AND $3 AND event_id = ANY($4::uuid[])
UNION ALL
SELECT NULL, NULL, NULL, NULL, key, min(id) FROM runtime.later
WHERE consumer = $1 AND holds AND key = ANY($5::bytea[]) AND id <> ALL($6::bigint[]) GROUP BY key"""

SAVE_CONVERSATION = BulkWrite(
    """UPDATE runtime.conversation AS c
    SET step = u.step, data = u.data, turn = u.turn, locale = u.locale, contact = u.contact,
        heard_at = u.heard_at, updated_at = now()
    FROM json_to_recordset($1::json)
        AS u (consumer text, person text, step text, data jsonb, turn int, locale text, contact text,
              heard_at timestamptz)
    WHERE c.consumer = u.consumer AND c.person = u.person""",
    key=2,
    columns=("consumer", "person", "step", "data", "turn", "locale", "contact", "heard_at"),
    table="runtime.conversation",
)

ADD_PROCESSED = BulkWrite(
    """INSERT INTO runtime.processed (day, consumer, event_id, delivery, outcome, outputs)
    SELECT * FROM unnest($1::date[], $2::text[], $3::uuid[], $4::int[], $5::text[], $6::bytea[])""",
    duplicate_is_conflict=True,
    table="runtime.processed",
)

CHANGE_PROCESSED = BulkWrite(
    """UPDATE runtime.processed AS p SET outcome = u.outcome, outputs = u.outputs, recorded_at = now()
    FROM unnest($1::date[], $2::text[], $3::uuid[], $4::integer[], $5::text[], $6::bytea[])
        AS u (day, consumer, event_id, delivery, outcome, outputs)
    WHERE p.day = u.day AND p.consumer = u.consumer AND p.event_id = u.event_id
      AND p.delivery = u.delivery""",
    key=4,
    all_or_conflict=True,
    table="runtime.processed",
)

ADD_LATER = BulkWrite(
    """INSERT INTO runtime.later
        (consumer, kind, topic, key, record, event_id, name, delivery, tries, holds, reason, due)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::uuid[],
        $7::text[], $8::int[], $9::smallint[], $10::boolean[], $11::text[], $12::timestamptz[])""",
    table="runtime.later",
)

# A timer of the same name replaces the one before.
ADD_TIMER = BulkWrite(
    """INSERT INTO runtime.later
        (consumer, name, topic, key, record, event_id, due, kind, delivery, holds, reason)
    SELECT u.*, 'timer', 0, false, 'timer'
    FROM unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::uuid[],
        $7::timestamptz[]) AS u
    ON CONFLICT (consumer, name) WHERE name IS NOT NULL DO UPDATE
    SET topic = excluded.topic, key = excluded.key, record = excluded.record, due = excluded.due,
        event_id = excluded.event_id, kind = 'timer', tries = 0, holds = false, reason = 'timer',
        delivery = runtime.later.delivery + 1, sent_at = NULL""",
    key=2,
    table="runtime.later",
)

CANCEL_TIMER = BulkWrite(
    """DELETE FROM runtime.later AS l USING unnest($1::text[], $2::text[]) AS u (consumer, name)
    WHERE l.consumer = u.consumer AND l.name = u.name""",
    key=2,
    table="runtime.later",
)

# A timer that its own handler set anew is another delivery by now: that one stays.
DROP_LATER = BulkWrite(
    """DELETE FROM runtime.later AS l USING unnest($1::bigint[], $2::integer[]) AS u (id, delivery)
    WHERE l.id = u.id AND l.delivery = u.delivery""",
    key=1,
    table="runtime.later",
)

# The row keeps its id, which is its place in the order of its key.
WAIT_AGAIN = BulkWrite(
    """UPDATE runtime.later AS l
    SET kind = u.kind, topic = u.topic, tries = u.tries, due = u.due, reason = u.reason, holds = u.holds,
        delivery = l.delivery + 1, sent_at = NULL
    FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[], $5::smallint[], $6::timestamptz[],
        $7::text[], $8::boolean[]) AS u (id, delivery, kind, topic, tries, due, reason, holds)
    WHERE l.id = u.id AND l.delivery = u.delivery""",
    key=1,
    table="runtime.later",
)

# A timer that is held back came after what holds it back, however long ago it was set: a new id.
PARK_TIMER = BulkWrite(
    """UPDATE runtime.later AS l
    SET id = DEFAULT, kind = 'parked', topic = u.topic, reason = u.reason, holds = true,
        delivery = l.delivery + 1, sent_at = NULL
    FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[]) AS u (id, delivery, topic, reason)
    WHERE l.id = u.id AND l.delivery = u.delivery""",
    key=1,
    table="runtime.later",
)


@dataclass(frozen=True, slots=True)
class Processed:
    """What is remembered of an event."""

    outcome: str
    outputs: bytes | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of `later` that a redelivery or timer stands for."""

    id: int
    kind: str
    delivery: int
    tries: int
    name: str | None = None  # of a timer


class Tables:
    """Reads and writes of one chunk's transaction, for one consumer."""

    def __init__(self, session: Session, consumer: str) -> None:
        self.session = session
        self.consumer = consumer

    async def lock_conversations(self, persons: Iterable[str]) -> dict[str, Conversation]:
        """The persons' conversations, locked in sorted order, and read after the lock."""
        wanted = sorted(set(persons))
        rows = await self.session.fetch(LOCK_CONVERSATIONS, self.consumer, wanted)
        if len(rows) < len(wanted):
            found = {row["person"] for row in rows}
            missing = [person for person in wanted if person not in found]
            await self.session.fetch(ADD_CONVERSATIONS, self.consumer, missing)
            rows += await self.session.fetch(LOCK_CONVERSATIONS, self.consumer, missing)
        return {
            row["person"]: Conversation(
                person=row["person"],
                step=row["step"],
                data=orjson.loads(row["data"]),
                turn=row["turn"],
                locale=row["locale"],
                contact=row["contact"],
                heard_at=row["heard_at"],
            )
            for row in rows
        }

    async def find_locales(self, persons: Iterable[str]) -> dict[str, str]:
        """The languages in which this domain last heard these persons."""
        rows = await self.session.fetch(FIND_LOCALES, self.consumer, sorted(set(persons)))
        return {row["person"]: row["locale"] for row in rows}

    async def find_past(
        self, days: set[date], events: Sequence[UUID], keys: Iterable[bytes], besides: Sequence[int]
    ) -> tuple[dict[Key, Processed], dict[bytes, int]]:
        """Which of these events were handled before, and with what outputs; and for each of the keys that has
        rows waiting (besides those given), the first of them."""
        first, last = min(days), max(days)  # nearly always the same
        rows = await self.session.fetch(FIND_PAST, self.consumer, first, last, events, list(keys), besides)
        processed, holds = {}, {}
        for row in rows:
            if row["event_id"] is None:
                holds[row["key"]] = row["first"]
            else:
                processed[row["event_id"], row["delivery"]] = Processed(row["outcome"], row["outputs"])
        return processed, holds

    async def find_live(self, ids: Sequence[int]) -> dict[int, Waiting]:
        """The rows of `later` that still stand, of those that a chunk's redeliveries name."""
        if not ids:
            return {}
        rows = await self.session.fetch(FIND_LIVE, self.consumer, ids)
        return {row["id"]: Waiting(*row) for row in rows}

    async def find_waiting(self, events: Sequence[UUID]) -> dict[UUID, Waiting]:
        """The rows of `later` that hold these events."""
        rows = await self.session.fetch(FIND_WAITING, self.consumer, events)
        return {row["event_id"]: Waiting(*list(row)[1:]) for row in rows}

    def save_conversation(self, conversation: Conversation) -> None:
        """Buffer the new state of a conversation."""
        self.session.write(
            SAVE_CONVERSATION,
            self.consumer,
            conversation.person,
            conversation.step,
            orjson.Fragment(orjson.dumps(conversation.data)),
            conversation.turn,
            conversation.locale,
            conversation.contact,
            conversation.heard_at,
        )

    def add_processed(
        self, day: date, event: UUID, delivery: int, outcome: str, outputs: bytes | None
    ) -> None:
        """Buffer the outcome of an event."""
        self.session.write(ADD_PROCESSED, day, self.consumer, event, delivery, outcome, outputs)

    def change_processed(
        self, day: date, event: UUID, delivery: int, outcome: str, outputs: bytes | None
    ) -> None:
        """Buffer how an event that was recorded as claimed has ended."""
        self.session.write(CHANGE_PROCESSED, day, self.consumer, event, delivery, outcome, outputs)

    def add_later(self, kind: str, waits: Waits, *, due: datetime, reason: str, holds: bool) -> None:
        """Buffer an event that waits from now on."""
        row = (waits.topic, waits.key, waits.record, waits.event_id, None, waits.delivery, waits.tries)
        self.session.write(ADD_LATER, self.consumer, kind, *row, holds, reason, due)

    def add_timer(self, name: str, waits: Waits, due: datetime) -> None:
        """Buffer a timer."""
        self.session.write(
            ADD_TIMER, self.consumer, name, waits.topic, waits.key, waits.record, waits.event_id, due
        )

    def cancel_timer(self, name: str) -> None:
        """Buffer the end of a timer, if there is one of this name."""
        self.session.write(CANCEL_TIMER, self.consumer, name)

    def drop_later(self, row: Waiting) -> None:
        """Buffer the leaving of a row."""
        self.session.write(DROP_LATER, row.id, row.delivery)

    def wait_again(self, row: Waiting, *, kind: str, topic: str, tries: int, wait: Wait) -> None:
        """Buffer that a row waits once more."""
        if row.kind == "timer" and kind == "parked":
            self.session.write(PARK_TIMER, row.id, row.delivery, topic, wait.reason)
            return
        self.session.write(
            WAIT_AGAIN, row.id, row.delivery, kind, topic, tries, wait.due, wait.reason, wait.holds
        )


@dataclass(frozen=True, slots=True)
class Waits:
    """What is to wait: a packed record, and where it goes when it is due."""

    topic: str
    key: bytes | None
    record: bytes
    event_id: UUID
    delivery: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Until when, why, and whether it holds back its key."""

    due: datetime
    reason: str
    holds: bool
