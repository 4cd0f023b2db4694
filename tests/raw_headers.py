"""Batches of records whose header names are any bytes, which aiokafka itself does not make."""

from __future__ import annotations

import struct
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy


class Name(str):
    """The name of a header, in bytes."""

    raw: bytes

    def __new__(cls, raw: bytes) -> Name:
        name = super().__new__(cls, raw.decode(errors="backslashreplace"))
        name.raw = raw
        return name

    def encode(self, *_: Any) -> bytes:
        return self.raw


class Batch:
    """A batch in the making."""

    def __init__(self, compression: int = 0) -> None:
        self.builder = _DefaultRecordBatchBuilderPy(
            magic=2,
            compression_type=compression,
            is_transactional=0,
            producer_id=-1,
            producer_epoch=-1,
            base_sequence=-1,
            batch_size=1_000_000,
        )
        self._count = 0

    def append(self, key: bytes | None, value: bytes | None, headers: Any) -> None:
        """Add one record."""
        self.builder.append(self._count, 1_000, key, value, headers)
        self._count += 1

    def build(self, start: int = 0) -> bytes:
        """The bytes, as a broker would hand them out from the offset `start` on."""
        return struct.pack(">q", start) + bytes(self.builder.build())[8:]


async def publish_raw(producer: AIOKafkaProducer, topic: str, partition: int, records: Any) -> None:
    """Publish (key, value, headers) in one batch, with headers named by any bytes."""
    batch = producer.create_batch()
    plain = batch._builder
    batch._builder = _DefaultRecordBatchBuilderPy(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1_000_000,
    )
    assert type(plain).__name__ == "DefaultRecordBatchBuilder"
    for key, value, headers in records:
        assert batch.append(timestamp=None, key=key, value=value, headers=headers) is not None
    batch.close()
    await (await producer.send_batch(batch, topic, partition=partition))
