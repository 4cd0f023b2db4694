"""Reading records whose header names are not UTF-8, which nothing forbids a producer and nobody checks.

aiokafka raises a UnicodeDecodeError for them, drops what it had already taken out of the same fetch, and from
then on meets the same record again and again: a partition that one stranger can stop for good. So where its
reader raises, that fetch is read once more, by aiokafka's reader in pure Python, with names that can always
be read; the raw bytes of such a name are kept in a header beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy
from aiokafka.record.util import decode_varint_py
from aiokafka.structs import ConsumerRecord

from schemas.envelope import NOT_UTF8

_ESCAPED = "surrogateescape"  # what Python can turn back into the bytes that it could not read


class Unreadable(Exception):
    """A batch on the broker's disk is broken: no outage, and nothing that reading again would mend."""


class _Bytes(bytearray):
    """Whose parts decode whatever they hold."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Bytes(found) if isinstance(place, slice) else found

    def decode(self, encoding: str = "utf-8", errors: str = _ESCAPED) -> str:
        return super().decode(encoding, _ESCAPED)


class _Batch(_DefaultRecordBatchPy):  # type: ignore[misc]  # aiokafka calls it final; it has no other hook
    _buffer: bytearray

    def _read_msg(self, decode_varint: Any = decode_varint_py) -> Any:
        if not isinstance(self._buffer, _Bytes):  # by now it is uncompressed
            self._buffer = _Bytes(self._buffer)
        return super()._read_msg(decode_varint)


class _Records:
    """aiokafka's records of one fetch, and the bytes that they are read from."""

    __slots__ = ("has_next", "next_batch", "raw", "size_in_bytes")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        found = MemoryRecords(raw)
        self.has_next = found.has_next
        self.next_batch = found.next_batch
        self.size_in_bytes = found.size_in_bytes


class _Leniently(_MemoryRecordsPy):  # type: ignore[misc]  # as above
    def next_batch(self, *_: Any) -> Any:
        batch = self._next_slice
        magic = None if batch is None else batch[self.MAGIC_OFFSET]
        if magic is None or magic < 2:  # formats from before there were headers
            return super().next_batch()
        self._cache_next()
        return _Batch(batch)


class _PartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka is untyped
    _records: Any  # _Records, then _Leniently

    def _unpack_records(self) -> Iterator[ConsumerRecord[bytes, bytes]]:
        raw = self._records.raw
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            begin = self.next_fetch_offset  # what lies below was handed out
            self._records = _Leniently(raw)
            for record in super()._unpack_records():
                if record.offset >= begin:
                    yield _with_readable_names(record)
        except Exception as error:
            place = f"{self._tp.topic}/{self._tp.partition} at offset {self.next_fetch_offset}"
            raise Unreadable(
                f"{place} cannot be read: {type(error).__name__}: {error}. Have another replica lead the "
                "partition, or, if all are broken, delete its records up to there (kafka-delete-records)."
            ) from error


def _with_readable_names(record: ConsumerRecord[bytes, bytes]) -> ConsumerRecord[bytes, bytes]:
    headers: list[tuple[str, bytes]] = []
    for name, value in record.headers:
        raw = name.encode(errors=_ESCAPED)
        readable = raw.decode(errors="backslashreplace")
        headers.append((readable, value))
        if readable != name:
            headers.append((NOT_UTF8, raw))
    return replace(record, headers=tuple(headers))


def install() -> None:
    """From now on every consumer of this process reads leniently. Harmless to repeat."""
    fetcher.MemoryRecords = _Records
    fetcher.PartitionRecords = _PartitionRecords
