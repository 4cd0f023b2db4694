"""Money in a chaos run: transfers among people, payments of which providers tell, often twice, and cash-outs.

Commands and requests are published as a domain would publish them; providers post to the ingress by the same
way as Meta. People are those who write in the run: only they have an address to be told at.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg

from consumers.wallet.rules.prices import cash_out_rwf
from infra.kafka.publisher import Output, Publisher
from infra.postgres.away import is_away
from infra.settings import Settings
from schemas import topics
from schemas.events.payments import DecideReview, PayOut, RequestPayment
from schemas.events.wallet import CashOut
from schemas.model import EventData
from scripts.chaos_run.notifications import PROVIDERS, Paid
from scripts.chaos_run.transfers import PEOPLE, TWICE, Transfers, published

# Of the messages a second.
COMMANDS_SHARE, PAYMENTS_SHARE, CASH_OUTS_SHARE = 0.2, 0.02, 0.005
AT_ONCE = 64  # payments and cash-outs under way, of each
AGAIN_SECONDS, ANSWER_SECONDS = 0.5, 10.0
PENDING_FIRST = 0.3
LASTS = timedelta(hours=12)  # longer than any jump of clocks
CASHED_OUT = (400, 1_000, 2_500)  # tokens
INTENTS = topics.intents("payments")
FIND_PEOPLE = "SELECT person FROM wallet.people ORDER BY since, person LIMIT $1"
FIND_REQUEST = "SELECT id FROM payments.request WHERE id = $1"
FIND_REVIEW = "SELECT transaction FROM payments.payment WHERE transaction = $1 AND state = 'review'"
FIND_ANSWER = "SELECT coalesce(reason, '') FROM wallet.commands WHERE id = $1"


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A cash-out that the ledger owes, and which payments were asked to pay."""

    pay_out: UUID
    of: UUID
    amount_rwf: int


@dataclass(slots=True)
class Money:
    """What was put into the system, for the checker."""

    commands: dict[UUID, str] = field(default_factory=dict)  # id and kind
    paid: list[Paid] = field(default_factory=list)
    paid_out: list[PaidOut] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Till:
    """Moves money at a rate while `run` lasts; afterwards `money` is what has to be there."""

    def __init__(self, settings: Settings, webhook_url: str, rate: float, seed: int) -> None:
        self._settings = settings
        self._address = webhook_url.rpartition("/")[0]
        self._rate = rate
        self._dice = random.Random(f"money {seed}")  # noqa: S311 - a load, not a secret
        self._publisher = Publisher(settings)
        self.money = Money()
        self._transfers = Transfers(self._dice, self.money.commands, self.money.counts)
        self._count = 0

    async def run(self, seconds: float, limit_seconds: float) -> None:
        """Move money for so long, then see to it that every post is answered. Raises TimeoutError."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        await self._publisher.start()
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                asyncio.timeout(seconds + limit_seconds),
                asyncio.TaskGroup() as group,
            ):
                group.create_task(self._find_people(seconds))
                group.create_task(self._command_at_rate(seconds))
                group.create_task(self._at_rate(seconds, PAYMENTS_SHARE, lambda: self._pay(session)))
                group.create_task(self._at_rate(seconds, CASH_OUTS_SHARE, self._cash_out))
        finally:
            await self._publisher.stop()

    async def _command_at_rate(self, seconds: float) -> None:
        began, done = time.monotonic(), 0
        while (now := time.monotonic() - began) < seconds:
            due = int(now * self._rate * COMMANDS_SHARE)
            wanted = [output for _ in range(due - done) for output in self._transfers.next()]
            done = due
            if wanted:
                await self._publisher.publish(wanted)
            await asyncio.sleep(0.1)

    async def _at_rate(self, seconds: float, share: float, work: Callable[[], Awaitable[None]]) -> None:
        """Begin `work` so often once there is somebody to do it for, and wait for all of it to end."""
        room = asyncio.Semaphore(AT_ONCE)
        began, done = time.monotonic(), 0

        async def one() -> None:
            async with room:
                await work()

        async with asyncio.TaskGroup() as group:
            while (now := time.monotonic() - began) < seconds:
                due = int(now * self._rate * share)
                for _ in range(due - done if self._transfers.people else 0):
                    group.create_task(one())
                done = due
                await asyncio.sleep(0.1)

    async def _find_people(self, seconds: float) -> None:
        began, people = time.monotonic(), self._transfers.people
        while time.monotonic() - began < seconds:
            rows = await self._ask("fetch", FIND_PEOPLE, PEOPLE)
            people += [row["person"] for row in rows[len(people) :]]
            await asyncio.sleep(2.0)

    # Payments -----------------------------------------------------------------------------------------

    async def _pay(self, session: aiohttp.ClientSession) -> None:
        """Somebody is asked to pay, and pays: told by the provider until it is answered, some of it twice."""
        self._count += 1
        number = self._count  # others count on while this one waits
        provider = self._dice.choice(PROVIDERS)
        # No two of an amount: an SMS names nothing else that would tell them apart.
        amount, tail = 100 + number, f"{self._dice.randrange(1000):03}"
        phone = f"2507880{tail}{self._dice.choice('03589')}" if provider == "mtn" else f"250788000{tail}"
        wish = RequestPayment(
            id=uuid4(),
            person=self._dice.choice(self._transfers.people),
            amount_rwf=amount,
            method="mtn" if provider == "mtn" else "transfer",
            purpose="top_up",
            phone=phone,
            expires_at=datetime.now(UTC) + LASTS,
        )
        await self._tell_payments(str(wish.id), wish)
        paid = Paid(provider, f"{7_000_000_000 + number}", wish.id, amount, tail)
        if provider == "mtn":
            self.money.paid.append(paid)
            return
        await self._found(FIND_REQUEST, wish.id)
        if provider == "momo" and self._dice.random() < PENDING_FIRST:
            await self._notify(session, paid, "PENDING")
        await self._notify(session, paid, "SUCCESSFUL")
        self.money.paid.append(paid)
        if self._dice.random() < TWICE:
            await self._notify(session, paid, "SUCCESSFUL")
            self.money.counts["payments told twice"] += 1
        if provider == "paypal":
            await self._decide(paid)

    async def _decide(self, paid: Paid) -> None:
        """A person of ours says what a payment in dollars is worth."""
        await self._found(FIND_REVIEW, paid.transaction)
        name = f"paypal:{paid.transaction}"
        decision = DecideReview(
            payment=name, act="assign", operator="chaos", request=paid.request, amount_rwf=paid.amount_rwf
        )
        await self._tell_payments(name, decision)

    async def _notify(self, session: aiohttp.ClientSession, paid: Paid, status: str) -> None:
        """Post until it is answered 200, as providers do: signed anew each time."""
        while True:
            body, headers = paid.notification(self._settings, status)
            url = f"{self._address}/{paid.provider}"
            try:
                async with session.post(url, data=body, headers=headers) as answer:
                    await answer.read()
                    self.money.counts[f"{paid.provider} answered {answer.status}"] += 1
                    if answer.status == 200:
                        return
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.money.counts[f"{paid.provider} unanswered"] += 1
            await asyncio.sleep(AGAIN_SECONDS)

    # Cash-outs ----------------------------------------------------------------------------------------

    async def _cash_out(self) -> None:
        """Somebody turns tokens into money: MTN pays, refuses, keeps silent, or answers twice."""
        if not self._transfers.funded:
            return
        person, tokens = self._dice.choice(self._transfers.funded), self._dice.choice(CASHED_OUT)
        command = CashOut(id=uuid4(), debit=person, amount=tokens)
        await self._publisher.publish(self._transfers.sent(command, person))
        if await self._found(FIND_ANSWER, command.id):  # refused: nothing is owed
            return
        amount, digit = cash_out_rwf(tokens), self._dice.choice("0012359")
        phone = f"2507899{self._dice.randrange(10_000):04}{digit}"
        wish = PayOut(id=uuid4(), person=person, of=command.id, amount_rwf=amount, phone=phone)
        self.money.paid_out.append(PaidOut(wish.id, command.id, amount))
        await self._tell_payments(str(wish.id), wish)

    # What both need -----------------------------------------------------------------------------------

    async def _tell_payments(self, key: str, data: EventData) -> None:
        """Publish it, often twice."""
        asked: Output = published(INTENTS, key, data)
        await self._publisher.publish([asked, asked] if self._dice.random() < TWICE else [asked])

    async def _found(self, query: str, argument: Any) -> Any:
        """What a query finds, once it finds something; `run` limits the wait."""
        while (found := await self._ask("fetchval", query, argument)) is None:  # noqa: ASYNC110 - elsewhere
            await asyncio.sleep(AGAIN_SECONDS)
        return found

    async def _ask(self, how: str, query: str, *arguments: Any) -> Any:
        """Ask the database, again for as long as it is away."""
        while True:
            connection = None
            try:
                connection = await asyncpg.connect(self._settings.need("postgres_dsn"), timeout=5)
                return await getattr(connection, how)(query, *arguments, timeout=5)
            except Exception as error:
                if not is_away(error, connection):
                    raise
                await asyncio.sleep(AGAIN_SECONDS)
            finally:
                if connection is not None:
                    connection.terminate()  # at once: it may be what is broken
