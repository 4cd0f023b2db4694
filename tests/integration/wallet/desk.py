"""The ledger on a real database, without Kafka: what a test asks of it, as the domain's role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid4

import asyncpg

from consumers.runtime.chunks import Transactions
from consumers.wallet.rules.deciding import Outcome
from consumers.wallet.store.ledger import LedgerStore
from consumers.wallet.verifying.checking import Report, verify
from infra.postgres.pool import open_pool
from infra.postgres.session import Session
from infra.settings import Settings
from schemas.envelope import Envelope
from schemas.events.core import PersonsJoined
from schemas.events.wallet import (
    Command,
    CreditPayment,
    ExpireHold,
    Hold,
    Posted,
    Refused,
    Transfer,
)

Answer = Posted | Refused
OLD = timedelta(days=30)  # an account of that age is looked at like anybody's


class Desk:
    """Commands in, answers out."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.dsn = settings.need("postgres_dsn")
        self.statements = 0
        self.now: datetime | None = None
        self.pool: asyncpg.Pool[Any]
        self.operator: asyncpg.Connection[asyncpg.Record]

    async def __aenter__(self) -> Self:
        self.pool = await open_pool(self.settings, "wallet")
        self.operator = await asyncpg.connect(self.dsn, server_settings={"search_path": "wallet"})
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.operator.close()
        await self.pool.close()

    async def opens(self, *persons: str, tokens: int = 0, age: timedelta = OLD) -> None:
        """Accounts of people, with so many tokens each."""
        at = datetime.now(UTC) - age

        async def seen(session: Session) -> None:
            store = LedgerStore(session)
            for person in persons:
                store.open(person, at)
            await session.flush()

        await Transactions(self.pool, "wallet").run(seen)
        if tokens:
            await self.asks(*(gives(person, tokens) for person in persons))

    async def asks(self, *commands: Command | ExpireHold | PersonsJoined) -> list[Answer]:
        """The answers to a chunk of commands."""

        async def chunk(session: Session) -> list[Outcome | None]:
            store = LedgerStore(session)
            await store.load([(envelope_of(data), data, "") for data in commands])
            outcomes = [_carry_out(store, data, self.now or datetime.now(UTC)) for data in commands]
            await session.flush()
            self.statements = session.statements
            return outcomes

        outcomes = await Transactions(self.pool, "wallet").run(chunk)
        return [outcome.answer for outcome in outcomes if outcome is not None]

    async def ask(self, command: Command | ExpireHold | PersonsJoined) -> Answer:
        """The answer to one."""
        return (await self.asks(command))[0]

    async def posts(self, command: Command | ExpireHold | PersonsJoined) -> Posted:
        """The answer to one that is carried out."""
        answer = await self.ask(command)
        assert isinstance(answer, Posted), answer
        return answer

    async def refuses(self, command: Command) -> str:
        """Why it is refused."""
        answer = await self.ask(command)
        assert isinstance(answer, Refused), answer
        return answer.reason

    async def balance(self, owner: str, currency: str = "TOK") -> tuple[int, int]:
        """What an owner has, and how much of it is held."""
        row = await self.operator.fetchrow(
            """SELECT coalesce(sum(balance), 0)::bigint AS balance, coalesce(sum(held), 0)::bigint AS held
            FROM accounts WHERE owner = $1 AND currency = $2""",
            owner,
            currency,
        )
        assert row is not None
        return row["balance"], row["held"]

    async def verify(self) -> Report:
        """What a verification finds."""
        return await verify(self.dsn)

    async def is_sound(self) -> None:
        """Check that it finds nothing."""
        assert (await self.verify()).problems == []

    async def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        tables = ("commands", "transfers", "entries", "holds")
        return {name: await self.operator.fetchval(f"SELECT count(*) FROM {name}") for name in tables}  # noqa: S608


def _carry_out(store: LedgerStore, data: Any, now: datetime) -> Outcome | None:
    if isinstance(data, ExpireHold):
        return store.expire(data.hold, now)
    if isinstance(data, PersonsJoined):
        return store.join(uuid4(), data, now)
    return store.carry_out(data, now, origin="tests", key="key")


def envelope_of(data: Any) -> Envelope:
    """An envelope around it."""
    return Envelope(uuid4(), data.event_type, "/tests", "", datetime.now(UTC), "", "", "", "")


def gives(person: str, tokens: int) -> Transfer:
    """Tokens out of nothing, as a reward."""
    return Transfer(id=uuid4(), debit="system:issue", credit=person, amount=tokens, kind="reward")


def moves(debit: str, credit: str, amount: int, *, id: UUID | None = None, **fields: Any) -> Transfer:
    """A transfer to which no limits apply, unless its kind is `send`."""
    made: dict[str, Any] = {"kind": "charge"} | fields
    return Transfer(id=id or uuid4(), debit=debit, credit=credit, amount=amount, **made)


def holds(debit: str, credit: str, amount: int, *, id: UUID | None = None, **fields: Any) -> Hold:
    """A hold for an hour."""
    made: dict[str, Any] = {"kind": "ride", "expires_at": datetime.now(UTC) + timedelta(hours=1)} | fields
    return Hold(id=id or uuid4(), debit=debit, credit=credit, amount=amount, **made)


def pays(person: str, amount_rwf: int, transaction: str = "", **fields: Any) -> CreditPayment:
    """A payment that came in for somebody."""
    return CreditPayment.of("momo", transaction or uuid4().hex, amount_rwf, person, **fields)


def fresh(*names: str) -> Sequence[str]:
    """Ids of people whom no other test knows."""
    return [f"{name}-{uuid4().hex[:12]}" for name in names]
