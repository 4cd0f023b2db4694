"""Deterministic ids (UUIDv5): whatever is the same event has the same id, however often it arrives."""

from __future__ import annotations

import hashlib
from uuid import UUID

from asyncpg.pgproto import pgproto

# Fixed for ever: another value would make every repeat of an old event look new.
NAMESPACE = UUID("6f1e2c1a-6c1b-5d0f-9d51-0f2a4f1f3a77").bytes


def read_id(text: str) -> UUID:
    """The id that a header names. Raises ValueError.

    asyncpg's class is a `uuid.UUID` (equal, equally hashed) in C: 0.1 µs to make instead of 0.9, and the
    runtime makes four for each event.
    """
    return pgproto.UUID(text)


def uuid5_from(namespace: bytes, name: bytes) -> UUID:
    """RFC 9562 UUIDv5 of `name` under the 16 bytes of `namespace`.

    The same value as `uuid.uuid5`, in a fraction of the time.
    """
    digest = hashlib.sha1(namespace + name, usedforsecurity=False).digest()
    version, variant = digest[6] & 0x0F | 0x50, digest[8] & 0x3F | 0x80
    return pgproto.UUID(b"%b%c%b%c%b" % (digest[:6], version, digest[7:8], variant, digest[9:16]))


def message_id(wamid: str, kind: str) -> UUID:
    """The id of an inbound message: an edit or a deletion of a message is another event than itself."""
    return uuid5_from(NAMESPACE, f"message:{wamid}:{kind}".encode())


def status_id(wamid: str, status: str, timestamp: str) -> UUID:
    """The id of a delivery status."""
    return uuid5_from(NAMESPACE, f"status:{wamid}:{status}:{timestamp}".encode())


def notification_id(provider: str, name: str) -> UUID:
    """The id of a payment provider's notification, by the provider's own name for it."""
    return uuid5_from(NAMESPACE, f"notification:{provider}:{name}".encode())


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
