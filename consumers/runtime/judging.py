"""What a chunk's events are before any handler sees them: new, repeated, gone, held back, or unreadable."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from consumers.runtime.policy import Verdict
from consumers.runtime.records import Key, Outcome, Record, unpack_outputs
from consumers.runtime.tables import Processed, Tables, Waiting

WAITING = frozenset((Outcome.DEFERRED, Outcome.PARKED, Outcome.CLAIMED))


class Judge:
    """Looks up a chunk's events in bulk, and keeps track of its keys while the chunk is worked through."""

    def __init__(self, now: datetime, *, ordered: bool) -> None:
        self.now = now
        self.ordered = ordered
        self._processed: dict[Key, Processed] = {}
        self._live: dict[int, Waiting] = {}
        self._holds: dict[bytes, int] = {}  # per key, the first waiting row that is not of this chunk
        self._own: dict[bytes, set[int]] = defaultdict(set)  # per key, this chunk's rows that still wait
        self._held: set[bytes] = set()  # keys of which an event was set aside within this chunk
        self._seen: set[Key] = set()

    @classmethod
    async def look_up(
        cls, tables: Tables, records: Sequence[Record], now: datetime, *, ordered: bool
    ) -> Self:
        """Three statements: what is processed, what is still waiting for its turn, what is held back."""
        judge = cls(now, ordered=ordered)
        judge._processed = await tables.find_processed(
            {r.day for r in records}, [r.event.id for r in records]
        )
        named = [r.event.later_id for r in records if r.event.later_id is not None]
        judge._live = await tables.find_live(named)
        keys = {r.key for r in records if r.key is not None}
        judge._holds = await tables.find_holds(keys, list(judge._live))
        for record in records:
            waiting = judge.waiting(record)
            if waiting is not None and waiting.kind != "timer" and record.key is not None:
                judge._own[record.key].add(waiting.id)
        return judge

    def waiting(self, record: Record) -> Waiting | None:
        """The row of `later` that this record stands for, if it still does."""
        row = self._live.get(record.event.later_id) if record.event.later_id is not None else None
        return row if row is not None and row.delivery == record.event.attempt else None

    def judge(self, record: Record) -> Verdict | None:
        """The verdict on a record that no handler is to see, or None."""
        event = record.event
        key = (event.id, event.attempt)
        if key in self._seen:
            return Verdict(Outcome.PROCESSED, repeated=True)
        self._seen.add(key)
        known = self._processed.get(key)
        if known is not None:
            return Verdict(Outcome(known.outcome), unpack_outputs(known.outputs), repeated=True)
        if event.later_id is not None and self.waiting(record) is None:
            return Verdict(Outcome.GONE, repeated=True)
        if self._is_held(record):
            return Verdict(Outcome.PARKED, reason="behind one that waits", due=self.now)
        return None

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
        waiting = self.waiting(record)
        if outcome not in WAITING:
            if waiting is not None:
                self._own[record.key].discard(waiting.id)
        elif outcome is not Outcome.DEFERRED or self.ordered:
            self._held.add(record.key)
        elif waiting is not None:
            self._own[record.key].discard(waiting.id)

    def _is_held(self, record: Record) -> bool:
        """Whether an earlier event of the same key is waiting."""
        key = record.key
        if key is None:
            return False
        if key in self._held:
            return True
        first = self._holds.get(key)
        own = self._own.get(key)
        waiting = self.waiting(record)
        if waiting is None or waiting.kind == "timer":
            return first is not None or bool(own)
        return (first is not None and first < waiting.id) or (bool(own) and min(own or ()) < waiting.id)
