"""What the sender's table says of a message, for operators: found by Meta's id, or by the event's."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

IS_THERE = "SELECT to_regclass('sender.message') IS NOT NULL"
FIND_EVENT = "SELECT event_id FROM sender.message WHERE wamid = $1"
FIND_CONTACTS = "SELECT contact FROM sender.address WHERE phone = $1 AND contact IS NOT NULL"
FIND_SENT = """
SELECT event_id, wamid, state::text AS state, state_at, error FROM sender.message
WHERE event_id = ANY($1::uuid[]) ORDER BY state_at"""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message on its way to a person, as far as Meta has told."""

    event_id: UUID
    wamid: str | None
    state: str
    state_at: datetime
    error: str | None


async def event_of(connection: asyncpg.Connection[Any], wamid: str) -> UUID | None:
    """The event of which Meta made the message `wamid`, if we sent it."""
    if not await connection.fetchval(IS_THERE):
        return None
    found: UUID | None = await connection.fetchval(FIND_EVENT, wamid)
    return found


async def contacts_of(connection: asyncpg.Connection[Any], phone: str) -> list[str]:
    """What Meta names the people of a phone number: a business-scoped user id, perhaps."""
    if not await connection.fetchval(IS_THERE):
        return []
    return [row["contact"] for row in await connection.fetch(FIND_CONTACTS, phone)]


async def sent_messages(connection: asyncpg.Connection[Any], events: Collection[UUID]) -> list[Sent]:
    """How far the messages of these events have come."""
    if not events or not await connection.fetchval(IS_THERE):
        return []
    return [Sent(**dict(row)) for row in await connection.fetch(FIND_SENT, list(events))]
