"""Admission: every key in order, no key twice at work, nobody in front of a crowd for long."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.runtime.admission import BACK, KEY_LIMIT, Admission, Chunk
from consumers.runtime.records import Record
from tests.unit.runtime.made import a_record

LANE = "lane"


def an_admission(*keys: bytes | None) -> tuple[Admission, list[Record]]:
    admission = Admission()
    admission.lane(LANE)
    records = [a_record(key, offset=number) for number, key in enumerate(keys)]
    for record in records:
        admission.admit(record, LANE)
    return admission, records


def offsets(chunk: Chunk) -> list[int]:
    return [record.offset for record in chunk.records]


def test_a_chunk_holds_keys_that_no_other_worker_holds() -> None:
    admission, _ = an_admission(b"a", b"b", b"a", b"c")
    first = admission.take(LANE, 2)
    assert offsets(first) == [0, 2]
    admission.admit(a_record(b"a", offset=4), LANE)
    second = admission.take(LANE, 10)
    assert offsets(second) == [1, 3]
    assert admission.take(LANE, 10).records == []
    admission.release(first.shards, 2)
    assert offsets(admission.take(LANE, 10)) == [4]


def test_records_without_a_key_have_no_order() -> None:
    admission, _ = an_admission(None, None)
    assert offsets(admission.take(LANE, 1)) == [0]
    assert offsets(admission.take(LANE, 1)) == [1]


def test_an_empty_key_is_a_key() -> None:
    admission, _ = an_admission(b"", b"")
    assert offsets(admission.take(LANE, 1)) == [0]
    assert admission.take(LANE, 1).records == []


def test_the_same_key_of_another_topic_is_another_queue() -> None:
    admission, _ = an_admission(b"a")
    admission.admit(a_record(b"a", offset=1, topic="redelivery.probe"), LANE)
    assert offsets(admission.take(LANE, 1)) == [0]
    assert offsets(admission.take(LANE, 1)) == [1]


def test_one_of_each_key_where_calls_are_made() -> None:
    admission, _ = an_admission(b"a", b"a", b"b")
    chunk = admission.take(LANE, 10, per_key=1)
    assert offsets(chunk) == [0, 2]
    admission.release(chunk.shards, 2)
    assert offsets(admission.take(LANE, 10, per_key=1)) == [1]


def test_a_crowd_is_parked_in_portions_that_wait_for_its_first_ones_and_keep_nobody_waiting() -> None:
    admission, _ = an_admission(*[b"crowd"] * (2 * KEY_LIMIT + 30), b"other")
    first = admission.take(LANE, 250)
    assert offsets(first) == [*range(KEY_LIMIT), 2 * KEY_LIMIT + 30]
    assert not any(r.crowded for r in first.records)
    assert admission.crowd == KEY_LIMIT + 30
    assert admission.take(BACK, 250).records == []
    admission.release(first.shards, KEY_LIMIT + 1)
    assert admission.take(LANE, 250).records == []
    second = admission.take(BACK, 250)
    assert offsets(second) == list(range(KEY_LIMIT, 2 * KEY_LIMIT))
    admission.admit(a_record(b"crowd", offset=999), LANE)  # behind them
    admission.release(second.shards, KEY_LIMIT)
    third = admission.take(BACK, 250)
    assert offsets(third) == [*range(2 * KEY_LIMIT, 2 * KEY_LIMIT + 30), 999]
    assert all(r.crowded for r in second.records + third.records)
    admission.release(third.shards, 31)
    assert (admission.crowd, admission.in_flight) == (0, 0)
    admission.admit(a_record(b"crowd", offset=1000), LANE)
    assert [r.crowded for r in admission.take(LANE, 250).records] == [False]


def test_the_first_of_a_crowd_are_not_parked_though_the_chunk_is_small() -> None:
    admission, _ = an_admission(*[b"crowd"] * (KEY_LIMIT + 1))
    chunk = admission.take(LANE, 10)
    assert offsets(chunk) == list(range(10))
    admission.release(chunk.shards, 10)
    assert offsets(admission.take(BACK, 250)) == list(range(10, KEY_LIMIT + 1))


def test_a_crowd_that_is_dropped_is_none_any_more() -> None:
    admission, _ = an_admission(*[b"crowd"] * (KEY_LIMIT + 30))
    taken = admission.take(LANE, 250)
    assert admission.drop_queued() == 30
    assert admission.crowd == 0
    admission.release(taken.shards, KEY_LIMIT)
    admission.admit(a_record(b"crowd", offset=KEY_LIMIT), LANE)  # fetched again
    assert not any(r.crowded for r in admission.take(LANE, 250).records)


def test_no_more_than_a_crowd_is_left_alone() -> None:
    admission, _ = an_admission(*[b"a"] * KEY_LIMIT)
    assert not any(r.crowded for r in admission.take(LANE, 250).records)


def test_what_no_worker_has_taken_is_dropped() -> None:
    admission, _ = an_admission(b"a", b"a", b"b")
    taken = admission.take(LANE, 1)
    assert admission.drop_queued() == 2
    assert admission.in_flight == 1
    admission.release(taken.shards, 1)
    assert admission.in_flight == 0
    assert admission.take(LANE, 10).records == []


def test_after_a_drop_a_key_at_work_is_still_at_work() -> None:
    admission, _ = an_admission(b"a")
    taken = admission.take(LANE, 1)
    admission.drop_queued()
    admission.admit(a_record(b"a", offset=0), LANE)  # fetched again
    assert admission.take(LANE, 10).records == []
    admission.release(taken.shards, 1)
    assert offsets(admission.take(LANE, 10)) == [0]


def test_after_a_drop_what_is_admitted_again_is_found() -> None:
    admission, _ = an_admission(b"a", b"b")
    admission.drop_queued()
    admission.admit(a_record(b"a", offset=5), LANE)
    assert offsets(admission.take(LANE, 10)) == [5]
    assert admission.take(LANE, 10).records == []


async def test_a_worker_waits_until_there_is_something() -> None:
    admission, _ = an_admission()
    waiting = asyncio.create_task(admission.wait(LANE))
    await asyncio.sleep(0)
    assert not waiting.done()
    admission.admit(a_record(b"a"), LANE)
    await asyncio.wait_for(waiting, 1)


async def test_every_worker_that_stays_with_a_key_gets_one_of_its_own() -> None:
    admission, _ = an_admission()
    workers = [asyncio.create_task(admission.next_shard(LANE)) for _ in range(3)]
    await asyncio.sleep(0)
    for number, key in enumerate((b"a", b"b", b"c")):
        admission.admit(a_record(key, offset=number), LANE)
    shards = await asyncio.wait_for(asyncio.gather(*workers), 1)
    assert {shard.queue[0].offset for shard in shards} == {0, 1, 2}


async def test_a_cancelled_worker_takes_no_wake_up_along() -> None:
    admission, _ = an_admission()
    gone, stays = (asyncio.create_task(admission.next_shard(LANE)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    admission.admit(a_record(b"a"), LANE)
    shard = await asyncio.wait_for(stays, 1)
    assert [record.key for record in shard.queue] == [b"a"]
    assert gone.cancelled()


@pytest.mark.parametrize("per_key", [None, 1])
@given(st.lists(st.integers(0, 2), max_size=200), st.integers(1, 60), st.data())
def test_every_record_comes_once_and_in_order(
    per_key: int | None, keys: list[int], limit: int, data: st.DataObject
) -> None:
    admission, records = an_admission(*(b"%d" % key for key in keys))
    at_work: list[Chunk] = []
    seen: dict[bytes | None, list[int]] = {}
    while admission.in_flight:
        back = data.draw(st.booleans())
        chunk = admission.take(BACK if back else LANE, limit, per_key=None if back else per_key)
        assert all(record.crowded == back for record in chunk.records)
        held = {record.key for other in at_work for record in other.records}
        assert not held & {record.key for record in chunk.records}
        for record in chunk.records:
            seen.setdefault(record.key, []).append(record.offset)
        if chunk.records:
            at_work.append(chunk)
        if at_work and (not chunk.records or data.draw(st.booleans())):
            done = at_work.pop(data.draw(st.integers(0, len(at_work) - 1)))
            admission.release(done.shards, len(done.records))
    assert all(order == sorted(order) for order in seen.values())
    assert sum(map(len, seen.values())) == len(records)
