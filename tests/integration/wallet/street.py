"""People talking to the wallet without a broker: the runtime's own transactions on the real tables.

What the wallet says to itself (commands, timers) is handled at once; what it says to payments is collected.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg

from consumers.runtime.chunks import Transactions
from consumers.runtime.discovery import load_domain
from consumers.runtime.frontier import Frontier
from consumers.runtime.injection import Binder
from consumers.runtime.policy import RetryPolicy
from consumers.runtime.reading import read
from consumers.runtime.records import Outcome, Record
from consumers.runtime.transact import ChunkTransaction, Frame
from infra.kafka.publisher import Output
from infra.postgres.session import Session
from infra.settings import Settings
from infra.telemetry.tracing import Tracing
from schemas import topics
from schemas.content import Content, Said, Tapped, TextSaid
from schemas.envelope import Envelope, read_envelope
from schemas.events import conversation, core, insurance, payments, wallet, whatsapp
from schemas.events.conversation import TurnRouted, Unclaimed
from schemas.events.core import PersonSeen
from schemas.events.wallet import CreditPayment
from schemas.events.whatsapp import SendMessage
from schemas.model import EventData, event_types
from tests.shown import choices_of, words_in

HOPS_LIMIT = 10
KINDS = event_types(conversation, core, insurance, payments, wallet, whatsapp)
E = TypeVar("E", bound=EventData)


class Street:
    """The wallet, its clock, and what it sent to everybody else."""

    def __init__(self, pool: asyncpg.Pool[Any], settings: Settings) -> None:
        self.pool = pool
        self.now = datetime.now(UTC)
        self.sent: list[EventData] = []
        self.statements: list[int] = []  # of each transaction that committed
        self.people: dict[str, Person] = {}
        self.transactions = Transactions(pool, "wallet")
        domain = load_domain("wallet")
        self.frame = Frame(domain, Binder(domain), {Settings: settings}, Tracing(), RetryPolicy())

    async def person(
        self,
        name: str,
        phone: str | None = None,
        *,
        tokens: int = 0,
        age: timedelta = timedelta(days=30),
        locale: str = "en",
    ) -> Person:
        """Somebody who wrote to us for the first time so long ago."""
        person = Person(self, name, phone, locale)
        self.people[person.id] = person
        seen = PersonSeen(
            person=person.id, contact=person.id, at=self.now - age, phone=phone, name=name, locale=locale
        )
        await self.hears((person.id, seen))
        if tokens:
            payment = CreditPayment.of("momo", uuid4().hex, tokens // 2, person.id)
            await self.hears((person.id, payment), source="/consumers/payments")
            person.unread.clear()
        return person

    async def hears(
        self, *events: tuple[str, EventData], source: str = "/test", outcome: Outcome = Outcome.PROCESSED
    ) -> None:
        """Events under their keys, handled as one chunk; then what the wallet says to itself."""
        records = [self._record(key, data, source) for key, data in events]
        for _ in range(HOPS_LIMIT):
            records = await self._chunk(records, outcome)
            if not records:
                return
        raise AssertionError(f"the wallet talks to itself after {HOPS_LIMIT} hops")

    def of(self, kind: type[E]) -> list[E]:
        """All that was sent of one kind."""
        return [event for event in self.sent if isinstance(event, kind)]

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """What the tables say."""
        return list(await self.pool.fetch(sql, *arguments))

    async def _chunk(self, records: Sequence[Record], outcome: Outcome) -> list[Record]:
        async def work(session: Session) -> list[Any]:
            results = await ChunkTransaction(self.frame, session, self.now).run(records)
            self.statements.append(session.statements)
            return results

        results = await self.transactions.run(work)
        assert {result.outcome for result in results} == {outcome}, [
            (result.outcome, result.record.event.type) for result in results
        ]
        own = []
        for output in (output for result in results for output in result.outputs):
            if output.topic == topics.DEAD_LETTERS:
                continue
            data = KINDS[read_envelope(output.headers).type].read(output.value)
            self.sent.append(data)
            if output.topic == topics.WALLET_COMMANDS:
                own.append(self._as_read(output))
            elif isinstance(data, SendMessage) and data.person in self.people:
                self.people[data.person].unread.append(data.content)
            elif isinstance(data, Unclaimed) and data.otherwise is not None:
                self.people[data.routed.person].unread.append(data.otherwise)  # nobody else wants it
        return own

    def _record(self, key: str, data: EventData, source: str) -> Record:
        envelope = Envelope(uuid4(), data.event_type, source, key, self.now, data.dataschema(), "", "", "")
        return self._as_read(Output(topics.intents("wallet"), key.encode(), data.write(), envelope.headers()))

    def _as_read(self, output: Output) -> Record:
        record = Record(output.topic, 0, 0, 0, output.key, output.value, list(output.headers), Frontier())
        record.route = self.frame.domain.routes[read_envelope(record.headers).type]
        read(record, self.now)
        assert record.malformed is None, record.malformed
        return record


class Person:
    """What somebody types, taps and reads."""

    def __init__(self, street: Street, name: str, phone: str | None, locale: str) -> None:
        self.street = street
        self.id = str(uuid4())
        self.name, self.phone, self.locale = name, phone, locale
        self.turns = 0
        self.unread: list[Content] = []
        self.read: list[Content] = []

    async def starts(self, intent: str) -> None:
        """Says something in which core recognises an intent."""
        await self.sends(TextSaid(body=intent), intent)

    async def says(self, text: str) -> None:
        """Says something in the conversation under way."""
        await self.sends(TextSaid(body=text))

    async def taps(self, title: str) -> None:
        """Taps a row or button, in the latest message that has it."""
        for content in reversed([*self.read, *self.unread]):
            for identity, shown in choices_of(content):
                if shown == title:
                    await self.taps_id(identity)
                    return
        raise AssertionError(f"nothing called {title!r} to tap")

    async def taps_id(self, identity: str) -> None:
        """Taps something by its id."""
        await self.sends(Tapped(id=identity, title="?"))

    async def sends(
        self, said: Said, intent: str | None = None, outcome: Outcome = Outcome.PROCESSED
    ) -> None:
        """One turn, as core hands it over."""
        self.turns += 1
        self.read += self.unread
        self.unread.clear()
        routed = TurnRouted(
            person=self.id,
            contact=self.id,
            turn=self.turns,
            said=said,
            at=self.street.now,
            wamid=f"wamid.{uuid4()}",
            intent=intent,
            locale=self.locale,
            name=self.name,
            phone=self.phone,
        )
        await self.street.hears((self.id, routed), source="/consumers/core", outcome=outcome)

    def hears(self, *parts: str) -> Content:
        """Reads the next message, which says all of this."""
        assert self.unread, f"{self.name} heard nothing more, but {parts} was expected"
        content = self.unread.pop(0)
        self.read.append(content)
        for part in parts:
            assert part in words_in(content), f"{part!r} is not in:\n{words_in(content)}"
        return content

    def hears_nothing_more(self) -> None:
        """There is no message left."""
        assert not self.unread, [words_in(content) for content in self.unread]

    async def balance(self) -> int:
        """What the ledger says."""
        rows = await self.street.rows(
            "SELECT balance - held FROM accounts WHERE owner = $1 AND currency = 'TOK'", self.id
        )
        return int(rows[0][0])
