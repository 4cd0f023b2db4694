"""The offsets of a member: what may be committed, and what an old assignment cannot commit any more."""

from __future__ import annotations

import asyncio

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError
from aiokafka.structs import OffsetAndMetadata

from consumers.runtime.frontier import Frontier
from consumers.runtime.offsets import Offsets

TOPIC = "t"
FIRST, SECOND = TopicPartition(TOPIC, 0), TopicPartition(TOPIC, 1)


class Committed:
    """Stands where aiokafka's consumer would be: notes what is committed."""

    def __init__(self) -> None:
        self.commits: list[dict[TopicPartition, int]] = []
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.commits.append({partition: each.offset for partition, each in offsets.items()})

    def highwater(self, partition: TopicPartition) -> int | None:
        return 10 if partition == FIRST else None


def admitted(offsets: Offsets, offset: int, partition: int = 0) -> Frontier:
    frontier = offsets.admit(TOPIC, partition, offset, 0.0)
    assert frontier is not None
    return frontier


async def test_every_partition_is_committed_as_far_as_it_is_done() -> None:
    offsets, kafka = Offsets("probe"), Committed()
    offsets.assign([FIRST, SECOND])
    first = [admitted(offsets, offset) for offset in (5, 6, 9)]
    second = admitted(offsets, 3, 1)
    first[0].finish(5)
    first[2].finish(9)
    second.finish(3)
    await offsets.commit(kafka)
    assert kafka.commits == [{FIRST: 6, SECOND: 4}]
    await offsets.commit(kafka)
    assert len(kafka.commits) == 1
    assert offsets.lags(kafka) == {FIRST: 4}


async def test_a_commit_that_failed_is_made_up_for() -> None:
    offsets, kafka = Offsets("probe"), Committed()
    offsets.assign([FIRST])
    admitted(offsets, 0).finish(0)
    kafka.error = CommitFailedError()
    await offsets.commit(kafka)
    kafka.error = None
    await offsets.commit(kafka)
    assert kafka.commits == [{FIRST: 1}]


async def test_a_record_of_another_member_is_not_admitted() -> None:
    offsets = Offsets("probe")
    offsets.assign([FIRST])
    assert offsets.admit(TOPIC, 1, 0, 0.0) is None


async def test_what_ends_after_its_assignment_commits_nothing() -> None:
    offsets, kafka = Offsets("probe"), Committed()
    offsets.assign([FIRST])
    old = admitted(offsets, 4)
    offsets.assign([FIRST])
    new = admitted(offsets, 4)
    old.finish(4)
    await offsets.commit(kafka)
    assert kafka.commits == []
    new.finish(4)
    await offsets.commit(kafka)
    assert kafka.commits == [{FIRST: 5}]


async def test_a_commit_under_way_during_a_rebalance_says_nothing_of_the_new_assignment() -> None:
    offsets, kafka = Offsets("probe"), Committed()
    offsets.assign([FIRST])
    admitted(offsets, 4).finish(4)
    kafka.gate.clear()
    commit = asyncio.create_task(offsets.commit(kafka))
    await asyncio.sleep(0)
    offsets.assign([FIRST])
    kafka.gate.set()
    await commit
    admitted(offsets, 2).finish(2)  # set back: the commit was not seen by the group
    await offsets.commit(kafka)
    assert kafka.commits == [{FIRST: 5}, {FIRST: 3}]


async def test_a_topic_made_anew_begins_anew() -> None:
    offsets, kafka = Offsets("probe"), Committed()
    offsets.assign([FIRST])
    old = admitted(offsets, 100)
    new = admitted(offsets, 0)
    old.finish(100)
    new.finish(0)
    await offsets.commit(kafka)
    assert kafka.commits == [{FIRST: 1}]


async def test_the_widest_partition_is_known() -> None:
    offsets = Offsets("probe")
    offsets.assign([FIRST, SECOND])
    for offset in range(5):
        admitted(offsets, offset)
    admitted(offsets, 0, 1)
    assert offsets.wider_than(4) == {FIRST}
