"""Core without a broker: the runtime's own transactions on real tables, the domains beside it played by hand.

What core says to itself (`intents.core`) is handled at once; what it says to others is collected.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

from consumers.domain import Intents
from consumers.runtime.chunks import Transactions, run_items
from consumers.runtime.discovery import load_domain
from consumers.runtime.frontier import Frontier
from consumers.runtime.injection import Binder
from consumers.runtime.policy import RetryPolicy
from consumers.runtime.reading import read
from consumers.runtime.records import Outcome, Record, Result
from consumers.runtime.transact import ChunkTransaction, Frame
from infra.kafka.publisher import Output
from infra.postgres.session import Session
from infra.settings import Settings
from infra.telemetry.tracing import Tracing
from schemas import topics
from schemas.content import Content
from schemas.envelope import Envelope, read_envelope
from schemas.events import conversation, core, whatsapp
from schemas.events.whatsapp import MessageReceived, SendMessage
from schemas.ids import message_id
from schemas.model import EventData, event_types
from tests.builders import a_button_reply, a_list_reply, a_location, a_message_received, a_text

ADMIN = "250788999999"  # may use commands
NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOPS_LIMIT = 10  # core talking to itself without end would be a defect
KINDS = event_types(conversation, core, whatsapp)
E = TypeVar("E", bound=EventData)


class House:
    """Core, its clock, and what it sent to everybody else."""

    def __init__(self, pool: asyncpg.Pool[Any], intents: Intents, settings: Settings) -> None:
        self.pool = pool
        self.settings = settings
        self.now = NOON
        self.sent: list[tuple[str, EventData]] = []
        self.statements: list[int] = []  # of each transaction that committed
        self.transactions = Transactions(pool, "core")
        domain = load_domain("core")
        resources = {Intents: intents, Settings: settings}
        self.frame = Frame(domain, Binder(domain), resources, Tracing(), RetryPolicy())

    def phone(self, number: str | None = "250788000001", user_id: str | None = None) -> Phone:
        """Somebody's phone."""
        return Phone(self, number, user_id)

    def passes(self, **time: float) -> None:
        """Time goes by."""
        self.now += timedelta(**time)

    async def hears(self, *events: EventData, at: datetime | None = None) -> list[EventData]:
        """What core says to others of these events, handled as one chunk, and of what it says to itself."""
        before = len(self.sent)
        records = [self.record(event, at or self.now) for event in events]
        for _ in range(HOPS_LIMIT):
            results = await self.chunk(records)
            assert {result.outcome for result in results} <= {Outcome.PROCESSED}, [r.record for r in results]
            records = self._collect(results)
            if not records:
                return [event for _, event in self.sent[before:]]
        raise AssertionError(f"core talks to itself after {HOPS_LIMIT} hops")

    async def chunk(self, records: Sequence[Record]) -> list[Result]:
        """One transaction of the runtime, or several where it has to halve the chunk."""

        async def work(session: Session, records: Sequence[Record]) -> list[Result]:
            results = await ChunkTransaction(self.frame, session, self.now).run(records)
            self.statements.append(session.statements)
            return results

        halves = await run_items(self.transactions, work, records)
        return [result for results in halves for result in results]

    def record(self, event: EventData, at: datetime, attempt: int = 0) -> Record:
        """The event as it comes from Kafka."""
        identity, topic = uuid4(), topics.INTENTS_CORE
        key = getattr(event, "person", "")
        if isinstance(event, MessageReceived):
            identity = message_id(str(event.message.get("id")), str(event.message.get("type")))
            topic, key = topics.INBOUND, event.contact
        envelope = Envelope(identity, event.event_type, "/test", key, at, event.dataschema(), "", "", "")
        headers = envelope.headers()
        if attempt:
            headers.append(("easymo_attempt", str(attempt).encode()))
        return self._as_read(Output(topic, key.encode(), event.write(), headers))

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """What the tables say."""
        return list(await self.pool.fetch(sql, *arguments))

    def turns(self, domain: str) -> list[EventData]:
        """What a domain was sent."""
        return [event for topic, event in self.sent if topic == topics.intents(domain)]

    def of(self, kind: type[E]) -> list[E]:
        """All that was sent of one kind."""
        return [event for _, event in self.sent if isinstance(event, kind)]

    def _as_read(self, output: Output) -> Record:
        record = Record(
            output.topic, 0, 0, 0, output.key, output.value, list(output.headers), Frontier()
        )  # fmt: skip
        kind = read_envelope(record.headers).type
        record.route = self.frame.domain.routes[kind]
        read(record, self.now)
        assert record.malformed is None, record.malformed
        return record

    def _collect(self, results: Sequence[Result]) -> list[Record]:
        own = []
        for output in (output for result in results for output in result.outputs):
            if output.topic == topics.INTENTS_CORE:
                own.append(self._as_read(output))
                continue
            kind = KINDS[read_envelope(output.headers).type]
            self.sent.append((output.topic, kind.read(output.value)))
        return own


class Phone:
    """What somebody types, taps and reads."""

    def __init__(self, house: House, number: str | None, user_id: str | None) -> None:
        self.house = house
        self.number = number
        self.user_id = user_id
        self.name: str | None = "Ange"

    def message(self, message: dict[str, Any]) -> MessageReceived:
        """A message of Meta's, from this phone."""
        given = {**message, "from": self.number or "", "id": f"wamid.{uuid4()}"}
        return a_message_received(
            given,
            contact=self.user_id or self.number,
            phone=self.number,
            user_id=self.user_id,
            profile_name=self.name,
        )

    async def sends(self, message: dict[str, Any], at: datetime | None = None) -> list[EventData]:
        """What core makes of a message."""
        return await self.house.hears(self.message(message), at=at)

    async def says(self, text: str, at: datetime | None = None) -> list[Content]:
        """What is answered to a text."""
        return contents(await self.sends(a_text(text), at))

    async def taps(self, identity: str, title: str = "A row") -> list[Content]:
        """What is answered to a tapped row."""
        return contents(await self.sends(a_list_reply(identity, title)))

    async def presses(self, identity: str, title: str = "A button") -> list[Content]:
        """What is answered to a tapped button."""
        return contents(await self.sends(a_button_reply(identity, title)))

    async def shares_location(self, latitude: float, longitude: float) -> list[Content]:
        """What is answered to a location."""
        return contents(await self.sends(a_location(latitude, longitude)))

    async def person(self) -> str:
        """The person this phone is known as now."""
        rows = await self.house.rows(
            "SELECT person::text FROM contact WHERE contact = $1", self.user_id or self.number
        )
        return str(rows[0]["person"])


def contents(events: Sequence[EventData]) -> list[Content]:
    """What a person gets to read of all that."""
    return [event.content for event in events if isinstance(event, SendMessage)]


def only(events: Sequence[EventData], kind: type[E]) -> E:
    """The one event of a kind."""
    found = [event for event in events if isinstance(event, kind)]
    assert len(found) == 1, [type(event).__name__ for event in events]
    return found[0]


def none_of(events: Sequence[EventData], *kinds: type[EventData]) -> bool:
    """Whether there is no event of these kinds."""
    return not any(isinstance(event, kinds) for event in events)
