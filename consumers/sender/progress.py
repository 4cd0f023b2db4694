"""What a delivery status says about one of our messages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from infra.kafka.partition import partition_of
from infra.whatsapp.errors import Refusal, read_failure
from schemas import topics

LANES = next(topic.partitions for topic in topics.SHARED_TOPICS if topic.name == topics.STATUSES)
TOLD_STATES = frozenset(("sent", "delivered", "read", "played", "failed"))


@dataclass(frozen=True, slots=True)
class Progress:
    """One status: how far a message has come, by Meta's clock."""

    event_id: UUID  # of the SendMessage
    wamid: str
    state: str
    at: datetime
    failure: Refusal | None = None  # of a failed one


def lane_of(key: bytes) -> int:
    """Which partition of the statuses those of a contact are in: they are read in order within one."""
    return partition_of(key, LANES)


def read_progress(status: Mapping[str, Any]) -> Progress | None:
    """The progress that a status tells of; None where it is not about a message of ours."""
    event_id = _read_id(status.get("biz_opaque_callback_data"))
    wamid, state, at = status.get("id"), status.get("status"), read_time(status)
    if event_id is None or at is None or state not in TOLD_STATES or not isinstance(wamid, str):
        return None
    return Progress(event_id, wamid, state, at, read_failure(status) if state == "failed" else None)


def read_time(status: Mapping[str, Any]) -> datetime | None:
    """When it happened: Meta's Unix seconds, as a string."""
    try:
        return datetime.fromtimestamp(int(status.get("timestamp", "")), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def _read_id(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
