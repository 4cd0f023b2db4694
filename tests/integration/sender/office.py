"""What a test of the sender does from outside: ask for messages, tell statuses, look at the rows."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from consumers.runtime.service import Service
from consumers.sender.listening import Listening
from infra.settings import Settings
from infra.simulator.chat import Chat
from infra.simulator.simulator import Simulator
from schemas import topics
from schemas.content import Content, TextContent
from schemas.events.core import PersonSeen
from schemas.events.whatsapp import SendMessage, StatusReceived
from schemas.ids import status_id
from schemas.model import EventData
from tests.builders import a_status
from tests.integration.runtime.bench import Bench, event
from tests.waiting import eventually

_numbers = itertools.count(8_000_001)
FINAL = ("accepted", "sent", "failed", "delivered", "read", "not_sent")


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[Service]:
    """A sender, and the publisher of what waits."""
    async with Service(settings, ["sender", "dead_letters"]).running() as service:
        yield service


class Office(Bench):
    """One sender's database, topics and simulator."""

    def __init__(self, settings: Settings, simulator: Simulator) -> None:
        super().__init__(settings, "sender")
        self.simulator = simulator
        self.listening: Listening  # the sender's, once it runs

    async def meets(self, phone: str, locale: str = "en", hours_ago: float = 0) -> Chat:
        """Somebody who wrote so many hours ago: the simulator and the sender know of it. Their person is
        `person-<phone>`."""
        chat = self.simulator.chat(phone)
        await chat.says("hi")
        if hours_ago:
            await chat.was_silent(hours_ago)
        at = datetime.now(UTC) - timedelta(hours=hours_ago)
        seen = PersonSeen(person=person(phone), contact=phone, phone=phone, at=at, locale=locale)
        await self.tells(topics.CORE_EVENTS, person(phone), seen)

        async def known() -> bool:
            row = await self.address(phone)
            return row is not None and row["heard_at"] == at

        await eventually(known)
        return chat

    async def tells(self, topic: str, key: str, data: EventData, **changes: Any) -> UUID:
        """Publish one event; returns its id."""
        identity: UUID = changes.pop("id", None) or uuid4()
        await self.publish([event(topic, key, data, id=identity, **changes)])
        return identity

    async def asks(self, phone: str, content: Content | str, **fields: Any) -> UUID:
        """Ask for a message to somebody; returns the event's id."""
        said = TextContent(body=content) if isinstance(content, str) else content
        wish = SendMessage(person=person(phone), content=said, **fields)
        return await self.tells(topics.OUTBOUND, wish.person, wish)

    async def hears_status(self, phone: str, status: str, event_id: UUID | None, /, **fields: Any) -> None:
        """Meta tells what became of a message; `at` is Meta's time."""
        at: datetime = fields.pop("at", datetime.now(UTC))
        told = a_status(
            status,
            recipient_id=phone,
            timestamp=str(int(at.timestamp())),
            biz_opaque_callback_data=str(event_id) if event_id else None,
        )
        told |= fields
        named = status_id(str(told["id"]), str(told["status"]), str(told["timestamp"]))  # as the ingress does
        await self.tells(topics.STATUSES, phone, StatusReceived(contact=phone, status=told), id=named)

    async def address(self, phone: str) -> asyncpg.Record | None:
        """The row of a person."""
        return await self.database.fetchrow("SELECT * FROM sender.address WHERE person = $1", person(phone))

    async def message(self, event_id: UUID) -> asyncpg.Record | None:
        """The row of a message."""
        return await self.database.fetchrow("SELECT * FROM sender.message WHERE event_id = $1", event_id)

    async def becomes(self, event_id: UUID, *states: str) -> asyncpg.Record:
        """Wait until a message is in one of these states (any final one unless named); its row."""
        found: list[asyncpg.Record] = []

        async def there() -> bool:
            row = await self.message(event_id)
            found[:] = [row] if row is not None else []
            return row is not None and row["state"] in (states or FINAL)

        await eventually(there)
        return found[0]

    async def waits(self, event_id: UUID, reason: str, *, delivery: int = 1) -> asyncpg.Record:
        """Wait until an event waits for this reason, for this time at least; its row of `later`."""
        found: list[asyncpg.Record] = []

        async def there() -> bool:
            rows = [row for row in await self.waiting() if row["event_id"] == event_id]
            found[:] = [
                row
                for row in rows
                if reason in row["reason"] and row["sent_at"] is None and row["delivery"] >= delivery
            ]
            return bool(found)

        await eventually(there)
        return found[0]

    def bodies(self, phone: str) -> list[str]:
        """What this person has received, in order."""
        received = self.simulator.chat(phone).person.messages
        return [message.text for message in received if message.by == "business"]


def a_number() -> str:
    """A number that no other test uses."""
    return f"25078{next(_numbers):07}"


def person(phone: str) -> str:
    """The id of the person with this number, in these tests."""
    return f"person-{phone}"
