"""What an event is before any handler sees it: new, repeated, gone, or held back by another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from consumers.runtime.concluding import Conclusions
from consumers.runtime.judging import Judge
from consumers.runtime.policy import RetryPolicy, Verdict
from consumers.runtime.reading import read
from consumers.runtime.records import Key, Outcome, Record, pack_outputs
from consumers.runtime.tables import Processed, Waiting
from infra.kafka.publisher import Output
from tests.unit.runtime.made import NOW, a_domain, a_record, an_envelope

PASS = "handled"


class Rows:
    """Stands where the runtime's tables would be."""

    def __init__(self) -> None:
        self.processed: dict[Key, Processed] = {}
        self.later: dict[int, tuple[bytes, Waiting]] = {}
        self.written: list[str] = []

    async def find_past(
        self, days: set[date], events: Sequence[UUID], keys: Iterable[bytes], besides: Sequence[int]
    ) -> tuple[dict[Key, Processed], dict[bytes, int]]:
        processed = {key: row for key, row in self.processed.items() if key[0] in events}
        return processed, self._holds(keys, besides)

    async def find_live(self, ids: Sequence[int]) -> dict[int, Waiting]:
        return {number: self.later[number][1] for number in ids if number in self.later}

    def _holds(self, keys: Iterable[bytes], besides: Sequence[int]) -> dict[bytes, int]:
        found: dict[bytes, int] = {}
        for number, (key, row) in sorted(self.later.items()):
            if key in set(keys) and number not in besides and row.kind == "parked":
                found.setdefault(key, number)
        return found

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: self.written.append(name)


def new(key: bytes = b"ann", **changes: Any) -> Record:
    return made_ready(a_record(key, **changes))


def sent(rows: Rows, row: Waiting, key: bytes = b"ann") -> Record:
    """The record that a row of `later` became, and the row."""
    rows.later[row.id] = (key, row)
    return made_ready(
        a_record(key, envelope=an_envelope(attempt=row.delivery, later_id=row.id, sent_day=NOW.date()))
    )


def made_ready(record: Record) -> Record:
    read(record, NOW)
    return record


def parked(number: int, delivery: int = 1) -> Waiting:
    return Waiting(number, "parked", delivery, 0)


def deferred(number: int, delivery: int = 1) -> Waiting:
    return Waiting(number, "deferred", delivery, 1)


async def outcomes(
    rows: Rows,
    records: Sequence[Record],
    *,
    ordered: bool = False,
    ends: dict[int, Outcome] | None = None,
) -> list[str]:
    """What becomes of the records in their order; `ends` says how handlers end, by place in the chunk."""
    judge = await Judge.look_up(rows, records, NOW, ordered=ordered)  # type: ignore[arg-type]
    conclusions = Conclusions(a_domain(ordered=ordered), rows, judge, RetryPolicy(), NOW)  # type: ignore[arg-type]
    found = []
    for place, record in enumerate(records):
        verdict = judge.judge(record)
        if verdict is None:
            outcome = (ends or {}).get(place, Outcome.PROCESSED)
            conclusions.add(record, Verdict(outcome, due=NOW))
            found.append(PASS if outcome is Outcome.PROCESSED else str(outcome))
        else:
            conclusions.add(record, verdict)
            found.append(f"{verdict.outcome} again" if verdict.repeated else str(verdict.outcome))
    conclusions.write()
    return found


async def test_new_events_are_handled() -> None:
    assert await outcomes(Rows(), [new(), new(), new(b"bob")]) == [PASS, PASS, PASS]


async def test_a_repeat_brings_its_outputs_again() -> None:
    rows, record = Rows(), new()
    output = Output("t", b"k", b"v", [("a", b"b")])
    rows.processed[record.event.id, 0] = Processed("processed", pack_outputs([output]))
    judge = await Judge.look_up(rows, [record], NOW, ordered=False)  # type: ignore[arg-type]
    verdict = judge.judge(record)
    assert verdict is not None
    assert (verdict.repeated, verdict.outputs) == (True, [output])


async def test_a_repeat_within_the_chunk_is_handled_once() -> None:
    rows, envelope = Rows(), an_envelope()
    twice = [new(envelope=envelope), new(envelope=envelope)]
    assert await outcomes(rows, twice) == [PASS, "processed again"]
    assert rows.written == ["add_processed"]


async def test_a_repeat_of_what_waits_holds_nothing_back_any_more() -> None:
    rows, record = Rows(), new()
    rows.processed[record.event.id, 0] = Processed("parked", None)
    assert await outcomes(rows, [record, new()], ordered=True) == ["parked again", PASS]


@pytest.mark.parametrize("row", [None, parked(7, delivery=2)])
async def test_a_copy_whose_row_has_gone_on_is_gone(row: Waiting | None) -> None:
    rows = Rows()
    record = sent(rows, parked(7, delivery=1))
    del rows.later[7]
    if row is not None:
        rows.later[7] = (b"ann", row)
    assert await outcomes(rows, [record]) == ["gone again"]
    assert rows.written == []


async def test_new_events_park_behind_what_waits() -> None:
    rows = Rows()
    rows.later[3] = (b"ann", parked(3))
    assert await outcomes(rows, [new(), new(b"bob"), new()]) == ["parked", PASS, "parked"]


async def test_what_was_parked_goes_in_its_order() -> None:
    rows = Rows()
    records = [sent(rows, parked(number)) for number in (3, 4, 5)]
    assert await outcomes(rows, records) == [PASS, PASS, PASS]


async def test_what_was_parked_waits_for_what_was_parked_before() -> None:
    rows = Rows()
    rows.later[2] = (b"ann", parked(2))
    assert await outcomes(rows, [sent(rows, parked(3))]) == ["parked"]


async def test_an_old_copy_of_a_parked_event_frees_nobody() -> None:
    """The row still waits, though the record that names it stands for it no more."""
    rows = Rows()
    old = sent(rows, parked(3, delivery=1))
    rows.later[3] = (b"ann", parked(3, delivery=2))
    assert await outcomes(rows, [old, new()]) == ["gone again", "parked"]


async def test_new_events_that_stand_first_in_the_chunk_do_not_hold_back_older_ones() -> None:
    """Else a contact that goes on writing would bounce what it wrote before, for ever."""
    rows = Rows()
    records = [new(), sent(rows, parked(3)), sent(rows, parked(4)), new()]
    assert await outcomes(rows, records) == ["parked", PASS, PASS, "parked"]


async def test_a_conversation_goes_on_while_a_turn_is_deferred() -> None:
    rows = Rows()
    assert await outcomes(rows, [new(), new()], ends={0: Outcome.DEFERRED}) == ["deferred", PASS]
    assert await outcomes(rows, [new(), sent(rows, deferred(3)), new()]) == [PASS, PASS, PASS]


async def test_in_an_ordered_consumer_nothing_passes_a_deferred_event() -> None:
    rows = Rows()
    records = [new(), new(b"bob"), new()]
    ends = {0: Outcome.DEFERRED}
    assert await outcomes(rows, records, ordered=True, ends=ends) == ["deferred", PASS, "parked"]


async def test_in_an_ordered_consumer_what_fails_again_keeps_its_place() -> None:
    rows = Rows()
    records = [sent(rows, deferred(3)), sent(rows, parked(4)), new()]
    ends = {0: Outcome.DEFERRED}
    assert await outcomes(rows, records, ordered=True, ends=ends) == ["deferred", "parked", "parked"]


async def test_in_an_ordered_consumer_what_succeeds_at_last_frees_the_others() -> None:
    rows = Rows()
    records = [sent(rows, deferred(3)), sent(rows, parked(4)), new()]
    assert await outcomes(rows, records, ordered=True) == [PASS, PASS, PASS]


async def test_a_call_in_doubt_holds_back_its_key_in_any_consumer() -> None:
    rows = Rows()
    assert await outcomes(rows, [new(), new()], ends={0: Outcome.CLAIMED}) == ["claimed", "parked"]


async def test_a_timer_waits_like_a_new_event() -> None:
    rows = Rows()
    timer = sent(rows, Waiting(1, "timer", 0, 0))
    assert await outcomes(rows, [timer, new()]) == [PASS, PASS]
    rows.later[9] = (b"ann", parked(9))
    assert await outcomes(rows, [sent(rows, Waiting(1, "timer", 0, 0))]) == ["parked"]


async def test_a_timer_that_is_parked_does_not_bounce_what_was_parked_before() -> None:
    rows = Rows()
    rows.later[9] = (b"ann", parked(9))
    timer, waits = sent(rows, Waiting(1, "timer", 0, 0)), sent(rows, parked(10))
    del rows.later[9]
    rows.later[11] = (b"ann", parked(11))
    assert await outcomes(rows, [timer, waits]) == ["parked", PASS]


async def test_records_without_a_key_hold_back_nobody() -> None:
    records = [made_ready(a_record(None)), made_ready(a_record(None))]
    ends = {0: Outcome.DEFERRED}
    assert await outcomes(Rows(), records, ordered=True, ends=ends) == ["deferred", PASS]


async def test_what_cannot_be_read_waits_for_nobody() -> None:
    rows = Rows()
    rows.later[3] = (b"ann", parked(3))
    unreadable = made_ready(a_record(b"ann", headers=[]))
    assert unreadable.malformed
    assert await outcomes(rows, [unreadable, new()], ordered=True) == [PASS, "parked"]
