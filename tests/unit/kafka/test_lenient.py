"""Records whose header names are no text are read like any others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiokafka.consumer import fetcher
from aiokafka.structs import ConsumerRecord, TopicPartition

from infra.kafka import lenient
from schemas.envelope import NOT_UTF8
from tests.raw_headers import Batch, Name

Headers = list[tuple[str, bytes | None]]

GOOD: Headers = [("ce_id", b"1"), ("é", b"\xff"), ("null", None)]
BAD: Headers = [(Name(b"\xff\xfe"), b"1"), ("ce_id", b"2"), (Name(b"x\x80"), None)]


@pytest.fixture(autouse=True)
def installed() -> None:
    lenient.install()


def read(*batches: bytes, at: int = 0) -> Iterator[ConsumerRecord[bytes, bytes]]:
    records = fetcher.MemoryRecords(b"".join(batches))
    return fetcher.PartitionRecords(  # type: ignore[no-any-return]
        TopicPartition("t", 0), records, None, at, None, None, True, fetcher.READ_UNCOMMITTED
    )


def batch(*headers: Headers, start: int = 0, compression: int = 0) -> bytes:
    made = Batch(compression=compression)
    for place, each in enumerate(headers):
        made.append(b"key", b"value %d" % (start + place), each)
    return made.build(start)


@pytest.mark.parametrize("compression", [0, 1])
def test_a_name_that_is_no_text_is_shown_and_kept(compression: int) -> None:
    found = list(read(batch(GOOD, BAD, GOOD, compression=compression)))
    assert [(record.offset, record.key, record.value) for record in found] == [
        (n, b"key", b"value %d" % n) for n in range(3)
    ]
    assert found[0].headers == found[2].headers == tuple(GOOD)
    assert found[1].headers == (
        (r"\xff\xfe", b"1"),
        (NOT_UTF8, b"\xff\xfe"),
        ("ce_id", b"2"),
        (r"x\x80", None),
        (NOT_UTF8, b"x\x80"),
    )


def test_nothing_comes_twice_and_nothing_is_left_out() -> None:
    first, second, third = batch(GOOD, GOOD), batch(GOOD, BAD, start=2), batch(BAD, GOOD, start=4)
    assert [record.offset for record in read(first, second, third)] == list(range(6))
    assert [record.offset for record in read(second, third, at=3)] == [3, 4, 5]


def test_the_position_moves_on() -> None:
    records = read(batch(GOOD, BAD))
    list(records)
    assert records.next_fetch_offset == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("headers", [(GOOD, GOOD), (GOOD, BAD)])
def test_what_is_corrupt_is_an_error_that_names_the_place(headers: tuple[Headers, Headers]) -> None:
    raw = bytearray(batch(*headers, start=2))
    raw[-1] ^= 1
    with pytest.raises(lenient.Unreadable, match="t/0 at offset 2 cannot be read: CorruptRecordException"):
        list(read(batch(GOOD, GOOD), bytes(raw)))
