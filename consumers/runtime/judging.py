"""What a chunk's events are before any handler sees them: new, repeated, gone, held back, or unreadable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from consumers.runtime.policy import Verdict
from consumers.runtime.records import Key, Outcome, Record, unpack_outputs
from consumers.runtime.tables import Processed, Tables, Waiting
from schemas.events.conversation import TurnRouted

WAITING = frozenset((Outcome.DEFERRED, Outcome.PARKED, Outcome.CLAIMED))


class Judge:
    """Looks up a chunk's events in bulk, and keeps track of its keys while the chunk is worked through."""

    def __init__(self, now: datetime, *, ordered: bool) -> None:
        self.now = now
        self.ordered = ordered
        self._processed: dict[Key, Processed] = {}
        self._live: dict[int, Waiting] = {}
        self._holds: dict[bytes, int] = {}  # per key, the first waiting row that is not of this chunk
        self._own: dict[bytes, set[int]] = defaultdict(set)  # per key, this chunk's rows that hold it back
        self._held: set[bytes] = set()  # keys of which a new event was set aside within this chunk
        self._seen: set[Key] = set()
        self._claimed: dict[Record, Waiting] = {}  # the rows of those that others found claimed

    @classmethod
    async def look_up(
        cls, tables: Tables, records: Sequence[Record], now: datetime, *, ordered: bool
    ) -> Self:
        """What is processed and what is held back, in one statement; one before it where something returns
        from its wait: whether it is still its turn."""
        judge = cls(now, ordered=ordered)
        named = [r.event.later_id for r in records if r.event.later_id is not None]
        judge._live = await tables.find_live(named)
        own = [(r.key, row) for r in records if r.event.later_id and (row := judge.waiting(r)) is not None]
        judge._processed, judge._holds = await tables.find_past(
            {r.day for r in records},
            [r.event.id for r in records],
            {r.key for r in records if r.key is not None},
            [row.id for _, row in own],
        )
        for key, row in own:
            if key is not None and (row.kind == "parked" or (ordered and row.kind == "deferred")):
                judge._own[key].add(row.id)
        return judge

    async def look_up_claimed(self, tables: Tables, records: Sequence[Record]) -> None:
        """One statement more, where another member saw one of these events while its call was under way.

        That one was recorded as claimed, and waits in `later` for its lease to end: its row is taken over.
        """
        claimed = [r for r in records if self.is_claimed(r)]
        if claimed:
            rows = await tables.find_waiting([r.event.id for r in claimed])
            self._claimed = {r: rows[r.event.id] for r in claimed if r.event.id in rows}

    def is_claimed(self, record: Record) -> bool:
        """Whether this delivery of the event is recorded as claimed by another member."""
        known = self._processed.get((record.event.id, record.event.attempt))
        return known is not None and known.outcome == Outcome.CLAIMED

    def waiting(self, record: Record) -> Waiting | None:
        """The row of `later` that this record stands for, if it still does."""
        if record in self._claimed:
            return self._claimed[record]
        row = self._live.get(record.event.later_id) if record.event.later_id is not None else None
        return row if row is not None and row.delivery == record.event.attempt else None

    def judge(self, record: Record) -> Verdict | None:
        """The verdict on a record that no handler is to see, or None."""
        event = record.event
        key = (event.id, event.attempt)
        if key in self._seen:
            return Verdict(Outcome.PROCESSED, repeated=True)
        self._seen.add(key)
        repeated = self._repeated(key)
        if repeated is not None:
            return repeated
        if event.later_id is not None and self.waiting(record) is None:
            return Verdict(Outcome.GONE, repeated=True)
        if self._is_held(record):
            return Verdict(Outcome.PARKED, reason="behind one that waits", due=self.now)
        return None

    def repeated(self, record: Record) -> Verdict | None:
        """The verdict on a call that was concluded before, or None."""
        return None if self.is_claimed(record) else self._repeated((record.event.id, record.event.attempt))

    def _repeated(self, key: Key) -> Verdict | None:
        known = self._processed.get(key)
        if known is None:
            return None
        return Verdict(Outcome(known.outcome), unpack_outputs(known.outputs), repeated=True)

    def may_run(self, record: Record) -> bool:
        """Whether a handler may come to see the record, as far as is known before the chunk is begun."""
        return (
            record.data is not None
            and (record.event.id, record.event.attempt) not in self._processed
            and (record.event.later_id is None or self.waiting(record) is not None)
        )

    def concluded(self, record: Record, outcome: Outcome) -> None:
        """Take note of what became of a record: the next one of its key may be held back by it, or freed."""
        if record.key is None:
            return
        row = self.waiting(record)
        ordered = self.ordered and not isinstance(record.data, TurnRouted)  # a conversation goes on
        holds = outcome in WAITING and (outcome is not Outcome.DEFERRED or ordered)
        if row is None or row.kind == "timer":
            if holds:
                self._held.add(record.key)
        elif holds:
            self._own[record.key].add(row.id)
        else:
            self._own[record.key].discard(row.id)

    def _is_held(self, record: Record) -> bool:
        """Whether an earlier event of the same key is waiting."""
        key = record.key
        if key is None or (record.route is not None and record.route.idempotent):
            return False  # what may be handled twice may be handled early: an opt-out must not queue up
        if record.malformed is not None:
            return False  # it dies, and its copy would have another id, by which no row would know it
        if not (self._holds or self._own or self._held):
            return False  # the short way, nearly always
        rows = self._own.get(key, set()) | ({self._holds[key]} if key in self._holds else set())
        row = self.waiting(record)
        if row is None or row.kind == "timer":
            return bool(rows) or key in self._held
        return bool(rows) and min(rows) < row.id  # new events wait behind it, whatever their place here
