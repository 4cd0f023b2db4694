"""Deterministic ids (UUIDv5): whatever is the same event has the same id, however often it arrives."""

from __future__ import annotations

import hashlib
from uuid import UUID

# Fixed for ever: another value would make every repeat of an old event look new.
NAMESPACE = UUID("6f1e2c1a-6c1b-5d0f-9d51-0f2a4f1f3a77").bytes


def uuid5_from(namespace: bytes, name: bytes) -> UUID:
    """RFC 9562 UUIDv5 of `name` under the 16 bytes of `namespace`.

    The same value as `uuid.uuid5`, without building a UUID for the namespace first.
    """
    digest = hashlib.sha1(namespace + name, usedforsecurity=False).digest()
    return UUID(bytes=digest[:16], version=5)


def message_id(wamid: str, kind: str) -> UUID:
    """The id of an inbound message: an edit or a deletion of a message is another event than itself."""
    return uuid5_from(NAMESPACE, f"message:{wamid}:{kind}".encode())


def status_id(wamid: str, status: str, timestamp: str) -> UUID:
    """The id of a delivery status."""
    return uuid5_from(NAMESPACE, f"status:{wamid}:{status}:{timestamp}".encode())


def content_id(kind: str, content: bytes) -> UUID:
    """The id of an update that names none of its own: the hash of what it says."""
    return uuid5_from(NAMESPACE, kind.encode() + b":" + hashlib.sha256(content).digest())


def output_id(consumer: str, parent: UUID, index: int) -> UUID:
    """The id of the `index`-th output that `consumer` made of the event `parent`."""
    return uuid5_from(parent.bytes, f"{consumer}:{index}".encode())


def rebuilt_id(event: UUID, replay: int) -> UUID:
    """Stands for the event where a replay handles it anew: what follows from it has ids of its own."""
    return uuid5_from(event.bytes, f"replay:{replay}".encode())


def set_aside_id(consumer: str, parent: UUID, attempt: int) -> UUID:
    """The id of the dead-letter record for one attempt of `consumer` at the event `parent`."""
    return uuid5_from(parent.bytes, f"{consumer}:attempt:{attempt}".encode())


def raw_record_id(topic: str, partition: int, offset: int, value: bytes | None) -> UUID:
    """The id of a record that carries none, or one that cannot be read.

    The value is part of it because a topic that is deleted and made anew uses its offsets again.
    """
    digest = hashlib.sha256(value or b"").digest()
    return uuid5_from(NAMESPACE, f"record:{topic}:{partition}:{offset}:".encode() + digest)
