"""Which partition a key belongs to: one function for every producer, so that a key has one order."""

from __future__ import annotations

from zlib import crc32


def partition_of(key: bytes, count: int) -> int:
    """The partition of `key` among `count`: librdkafka's `consistent` partitioner.

    aiokafka's own (murmur2) is pure Python and takes longer than all else that sending costs.
    """
    return crc32(key) % count
