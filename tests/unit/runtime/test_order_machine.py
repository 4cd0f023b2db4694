"""The order of one key in an ordered consumer, whatever happens in whatever order.

The runtime's own judgement and conclusions run on tables in memory; what they publish comes back late, twice,
or after its row was discarded. `later`'s publisher is played by its two rules: what is deferred is sent when
it is due, what is parked only while the first row of its key is parked and not on its way.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from consumers.decision import Retry
from consumers.runtime.concluding import Conclusions
from consumers.runtime.judging import Judge
from consumers.runtime.policy import RetryPolicy, Verdict
from consumers.runtime.reading import read
from consumers.runtime.records import Key, Outcome, Record
from consumers.runtime.tables import Processed, Wait, Waiting, Waits
from tests.unit.runtime.made import NOW, a_domain, a_record, an_envelope

KEY = b"ann"


@dataclass(frozen=True)
class Row:
    """A row of `later`; `number` says which event it holds."""

    waiting: Waiting
    event: UUID
    sent: bool = False


class Tables:
    """The tables of one key, with the statements that judging and concluding use."""

    def __init__(self) -> None:
        self.processed: dict[Key, Processed] = {}
        self.later: dict[int, Row] = {}
        self.next_id = 1

    async def find_past(
        self, days: set[date], events: Sequence[UUID], keys: Iterable[bytes], besides: Sequence[int]
    ) -> tuple[dict[Key, Processed], dict[bytes, int]]:
        processed = {key: row for key, row in self.processed.items() if key[0] in events}
        return processed, self._holds(keys, besides)

    async def find_live(self, ids: Sequence[int]) -> dict[int, Waiting]:
        return {number: self.later[number].waiting for number in ids if number in self.later}

    def _holds(self, keys: Iterable[bytes], besides: Sequence[int]) -> dict[bytes, int]:
        rows = [number for number in self.later if number not in besides]
        return {KEY: min(rows)} if rows else {}

    def add_processed(self, day: date, event: UUID, delivery: int, outcome: str, outputs: Any) -> None:
        assert (event, delivery) not in self.processed
        self.processed[event, delivery] = Processed(outcome, outputs)

    def add_later(self, kind: str, waits: Waits, **_: Any) -> None:
        row = Waiting(self.next_id, kind, waits.delivery, waits.tries)
        self.later[self.next_id] = Row(row, waits.event_id)
        self.next_id += 1

    def wait_again(self, row: Waiting, *, kind: str, topic: str, tries: int, wait: Wait) -> None:
        stands = self.later.get(row.id)
        if stands is not None and stands.waiting.delivery == row.delivery:
            waiting = replace(row, kind=kind, tries=tries, delivery=row.delivery + 1)
            self.later[row.id] = Row(waiting, stands.event)

    def drop_later(self, row: Waiting) -> None:
        stands = self.later.get(row.id)
        if stands is not None and stands.waiting.delivery == row.delivery:
            del self.later[row.id]


class OneKey(RuleBasedStateMachine):
    """Events of one key, their numbers in the order in which they were published."""

    @initialize()
    def begin(self) -> None:
        self.tables = Tables()
        self.ids: list[UUID] = []  # by number
        self.fresh: list[int] = []  # on the topic, not read
        self.copies: list[tuple[int, UUID, int]] = []  # on the redelivery topic: row, event, delivery
        self.effects: list[int] = []
        self.discarded: set[int] = set()
        self.old: list[Record] = []  # read before: a member that crashed reads them again

    # What comes in ------------------------------------------------------------------------------------

    @rule(count=st.integers(1, 4))
    def publish(self, count: int) -> None:
        for _ in range(count):
            self.ids.append(UUID(int=len(self.ids) + 1))
            self.fresh.append(len(self.ids) - 1)

    @precondition(lambda self: self.fresh)
    @rule(count=st.integers(1, 6), fails=st.sets(st.integers(0, 5)))
    def handle_new(self, count: int, fails: set[int]) -> None:
        self._handle([self._new(number) for number in self._take(self.fresh, count)], fails)

    @precondition(lambda self: self.copies)
    @rule(count=st.integers(1, 6), fails=st.sets(st.integers(0, 5)))
    def handle_copies(self, count: int, fails: set[int]) -> None:
        self._handle([self._copy(*copy) for copy in self._take(self.copies, count)], fails)

    @precondition(lambda self: self.copies and self.fresh)
    @rule(
        new=st.integers(1, 4), back=st.integers(1, 4), fails=st.sets(st.integers(0, 7)), first=st.booleans()
    )
    def handle_both(self, new: int, back: int, fails: set[int], first: bool) -> None:
        ours = [self._new(number) for number in self._take(self.fresh, new)]
        theirs = [self._copy(*copy) for copy in self._take(self.copies, back)]
        self._handle(ours + theirs if first else theirs + ours, fails)

    @precondition(lambda self: self.old)
    @rule(data=st.data(), count=st.integers(1, 5))
    def read_again(self, data: st.DataObject, count: int) -> None:
        start = data.draw(st.integers(0, len(self.old) - 1))
        again = self.old[start : start + count]
        self._handle([a_record_like(record) for record in again], set(), remember=False)

    # What waits ---------------------------------------------------------------------------------------

    @rule()
    def send_what_is_due(self) -> None:
        for number, row in sorted(self.tables.later.items()):
            if row.waiting.kind == "deferred" and not row.sent:
                self._send(number)

    @rule(count=st.integers(1, 4))
    def release(self, count: int) -> None:
        later = self.tables.later
        first = later[min(later)] if later else None
        if first is not None and first.waiting.kind == "parked" and not first.sent:
            parked = [n for n, row in sorted(later.items()) if row.waiting.kind == "parked" and not row.sent]
            for number in parked[:count]:
                self._send(number)

    @precondition(lambda self: any(row.sent for row in self.tables.later.values()))
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        """A copy is believed lost, or the publisher crashed before it said so."""
        self._send(data.draw(st.sampled_from([n for n, row in self.tables.later.items() if row.sent])))

    @precondition(lambda self: self.tables.later)
    @rule(data=st.data())
    def discard(self, data: st.DataObject) -> None:
        row = self.tables.later.pop(data.draw(st.sampled_from(sorted(self.tables.later))))
        self.discarded.add(self.ids.index(row.event))

    @precondition(lambda self: self.tables.later)
    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.tables.later)))
        row = self.tables.later[number]
        waiting = replace(row.waiting, delivery=row.waiting.delivery + 1)
        self.tables.later[number] = Row(waiting, row.event)

    # What must hold -----------------------------------------------------------------------------------

    @invariant()
    def nothing_takes_effect_after_a_later_one(self) -> None:
        effects = getattr(self, "effects", [])
        assert effects == sorted(set(effects)), effects

    def teardown(self) -> None:
        """With nothing failing any more, all that was not discarded has its effect, and nothing waits."""
        if not hasattr(self, "tables"):
            return
        for _ in range(10 * len(self.ids) + 10):
            if not (self.fresh or self.copies or self.tables.later):
                break
            self._handle([self._new(number) for number in self._take(self.fresh, 9)], set())
            self._handle([self._copy(*copy) for copy in self._take(self.copies, 9)], set())
            self.send_what_is_due()
            self.release(4)
        assert not self.tables.later
        self.nothing_takes_effect_after_a_later_one()
        assert set(self.effects) | self.discarded == set(range(len(self.ids)))

    # How it is done -----------------------------------------------------------------------------------

    def _take(self, queue: list[Any], count: int) -> list[Any]:
        taken = queue[:count]
        del queue[:count]
        return taken

    def _send(self, number: int) -> None:
        row = self.tables.later[number]
        self.copies.append((number, row.event, row.waiting.delivery))
        self.tables.later[number] = replace(row, sent=True)

    def _new(self, number: int) -> Record:
        return made_ready(a_record(KEY, envelope=an_envelope(self.ids[number])))

    def _copy(self, row: int, event: UUID, delivery: int) -> Record:
        envelope = an_envelope(event, attempt=delivery, later_id=row, sent_day=NOW.date())
        return made_ready(a_record(KEY, envelope=envelope, topic="redelivery.probe"))

    def _handle(self, records: list[Record], fails: set[int], *, remember: bool = True) -> None:
        """One chunk; `fails`: the places of those whose handlers raise."""
        tables: Any = self.tables
        judge = _at_once(Judge.look_up(tables, records, NOW, ordered=True))
        conclusions = Conclusions(a_domain(ordered=True), tables, judge, RetryPolicy(), NOW)
        for place, record in enumerate(records):
            verdict = judge.judge(record)
            if verdict is None and place in fails:
                verdict = conclusions.failed(record, Retry("as asked", counts=False))
            if verdict is None:
                self.effects.append(self.ids.index(record.event.id))
                verdict = Verdict(Outcome.PROCESSED)
            conclusions.add(record, verdict)
        conclusions.write()
        if remember:
            self.old += records


def _at_once(look_up: Coroutine[Any, Any, Judge]) -> Judge:
    """The result of what never waits: a loop for each chunk would take most of the time."""
    try:
        look_up.send(None)
    except StopIteration as end:
        judge: Judge = end.value
        return judge
    raise AssertionError("tables in memory do not wait")


def made_ready(record: Record) -> Record:
    read(record, NOW)
    return record


def a_record_like(record: Record) -> Record:
    """The same record, read from Kafka once more."""
    return made_ready(a_record(KEY, envelope=record.event, topic=record.topic))


TestOneKey = OneKey.TestCase
TestOneKey.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
