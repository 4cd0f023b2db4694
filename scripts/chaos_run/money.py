"""Money in a chaos run: transfers and holds among people, and payments of which providers tell, often twice.

Commands and requests are published as a domain would publish them; providers post to the ingress by the same
way as Meta. People are those who write in the run: only they have an address to be told at.
"""

from __future__ import annotations

import asyncio
import hmac
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
import orjson

from consumers.wallet.rules.accounts import ISSUE
from infra.kafka.publisher import Output, Publisher
from infra.settings import Settings
from schemas import topics
from schemas.events.payments import RequestPayment
from schemas.events.wallet import Capture, Command, Hold, Release, Transfer
from schemas.model import EventData
from scripts.benchmarks.records import event

SOURCE = "/consumers/chaos"  # of what a run publishes itself
PEOPLE = 500
GIFT = 1_000_000
COMMANDS_SHARE, PAYMENTS_SHARE = 0.2, 0.02  # of the messages a second
AT_ONCE = 64  # payments under way
AGAIN_SECONDS, ANSWER_SECONDS, WRITTEN_SECONDS = 0.5, 10.0, 120.0
TWICE, PENDING_FIRST = 0.4, 0.3
LASTS = timedelta(hours=12)  # longer than any jump of clocks
KIGALI = ZoneInfo("Africa/Kigali")
SMS = (
    "You have received {amount:,} RWF from Aline UWASE (*********{tail}) on your mobile money account at "
    "{at}. Message from sender:  . Your new balance:12000 RWF. Financial Transaction Id: {id}."
)
Told = Literal["momo", "momo-sms", "stripe", "mtn"]
PROVIDERS: tuple[Told, ...] = ("momo", "momo-sms", "stripe", "mtn")
FIND_PEOPLE = "SELECT person FROM wallet.people ORDER BY since, person LIMIT $1"
IS_WRITTEN = "SELECT EXISTS (SELECT FROM payments.request WHERE id = $1)"


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that a provider told of, and was answered 200; of MTN one that was asked for."""

    provider: Told
    transaction: str
    request: UUID
    amount_rwf: int


@dataclass(slots=True)
class Money:
    """What was put into the system, for the checker."""

    commands: dict[UUID, str] = field(default_factory=dict)  # id and kind
    paid: list[Paid] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Till:
    """Moves money at a rate while `run` lasts; afterwards `money` is what has to be there."""

    def __init__(self, settings: Settings, webhook_url: str, rate: float, seed: int) -> None:
        self._settings = settings
        self._address = webhook_url.rpartition("/")[0]
        self._rate = rate
        self._dice = random.Random(f"money {seed}")  # noqa: S311 - a load, not a secret
        self._publisher = Publisher(settings)
        self._people: list[str] = []
        self._funded: list[str] = []
        self._holds: list[tuple[UUID, str]] = []
        self._count = 0
        self.money = Money()

    async def run(self, seconds: float, limit_seconds: float) -> None:
        """Move money for so long, then see to it that every post is answered. Raises TimeoutError."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        await self._publisher.start()
        try:
            async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as group:
                async with asyncio.timeout(seconds + limit_seconds):
                    group.create_task(self._find_people(seconds))
                    group.create_task(self._command_at_rate(seconds))
                    await self._pay_at_rate(session, seconds)
        finally:
            await self._publisher.stop()

    # Commands -----------------------------------------------------------------------------------------

    async def _command_at_rate(self, seconds: float) -> None:
        began, done = time.monotonic(), 0
        while (now := time.monotonic() - began) < seconds:
            wanted = [
                output
                for _ in range(int(now * self._rate * COMMANDS_SHARE) - done)
                for output in self._next_commands()
            ]
            done = int(now * self._rate * COMMANDS_SHARE)
            if wanted:
                await self._publisher.publish(wanted)
            await asyncio.sleep(0.1)

    def _next_commands(self) -> list[Output]:
        """One command, with its repeats: the same record, or the same id under another event."""
        command, key = self._command()
        if command is None:
            return []
        self.money.commands[command.id] = command.event_type
        found = [_event(topics.WALLET_COMMANDS, key, command)]
        if self._dice.random() < TWICE:
            found.append(
                found[0] if self._dice.random() < 0.5 else _event(topics.WALLET_COMMANDS, key, command)
            )
            self.money.counts["commands repeated"] += 1
        return found

    def _command(self) -> tuple[Command | None, str]:
        """What somebody asks of the ledger, and who; nothing before two people have money."""
        dice = self._dice
        more = len(self._funded) < min(len(self._people), PEOPLE)
        if more and (len(self._funded) < 2 or dice.random() < 0.5):
            person = self._people[len(self._funded)]
            self._funded.append(person)
            gift = Transfer(id=uuid4(), debit=ISSUE, credit=person, amount=GIFT, kind="reward")
            return gift, person
        if len(self._funded) < 2:
            return None, ""
        debit, credit = dice.sample(self._funded, 2)
        what = dice.random()
        if what < 0.3 and self._holds:
            hold, key = dice.choice(self._holds)  # perhaps one that has ended: that is refused
            return dice.choice((Capture, Release))(id=uuid4(), hold=hold), key
        if what < 0.5:
            return self._hold(debit, credit), debit
        kind = dice.choice(("charge", "charge", "charge", "send"))  # what is sent is limited, and looked at
        amount = dice.choice((1, 10, 500, 2 * GIFT))  # the last one is too much
        return Transfer(id=uuid4(), debit=debit, credit=credit, amount=amount, kind=kind), debit

    def _hold(self, debit: str, credit: str) -> Hold:
        identity, amount = uuid4(), self._dice.randint(1, 5_000)
        until = datetime.now(UTC) + timedelta(seconds=self._dice.choice((5, 3600)))
        self._holds = [*self._holds[-200:], (identity, debit)]
        return Hold(id=identity, debit=debit, credit=credit, amount=amount, kind="ride", expires_at=until)

    async def _find_people(self, seconds: float) -> None:
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            rows = await self._ask("fetch", FIND_PEOPLE, PEOPLE)
            self._people += [row["person"] for row in rows[len(self._people) :]]
            await asyncio.sleep(2.0)

    # Payments -----------------------------------------------------------------------------------------

    async def _pay_at_rate(self, session: aiohttp.ClientSession, seconds: float) -> None:
        room = asyncio.Semaphore(AT_ONCE)
        began, done = time.monotonic(), 0
        async with asyncio.TaskGroup() as group:
            while (now := time.monotonic() - began) < seconds:
                for _ in range(int(now * self._rate * PAYMENTS_SHARE) - done if self._people else 0):
                    group.create_task(self._pay(session, room))
                done = int(now * self._rate * PAYMENTS_SHARE)
                await asyncio.sleep(0.1)

    async def _pay(self, session: aiohttp.ClientSession, room: asyncio.Semaphore) -> None:
        """Somebody is asked to pay, and pays: told by the provider until it is answered, some of it twice."""
        async with room:
            self._count += 1
            number = self._count  # others count on while this one waits
            provider = self._dice.choice(PROVIDERS)
            # No two of an amount: an SMS names nothing else that would tell them apart.
            amount, tail = 100 + number, f"{self._dice.randrange(1000):03}"
            phone = f"2507880{tail}{self._dice.choice('03589')}" if provider == "mtn" else f"250788000{tail}"
            wish = RequestPayment(
                id=uuid4(),
                person=self._dice.choice(self._people),
                amount_rwf=amount,
                method="mtn" if provider == "mtn" else "transfer",
                purpose="top_up",
                phone=phone,
                expires_at=datetime.now(UTC) + LASTS,
            )
            asked = _event(topics.intents("payments"), str(wish.id), wish)
            await self._publisher.publish([asked, asked] if self._dice.random() < TWICE else [asked])
            paid = Paid(provider, f"{7_000_000_000 + number}", wish.id, amount)
            if provider == "mtn":
                self.money.paid.append(paid)
                return
            async with asyncio.timeout(WRITTEN_SECONDS):
                while not await self._ask("fetchval", IS_WRITTEN, wish.id):  # noqa: ASYNC110 - elsewhere
                    await asyncio.sleep(AGAIN_SECONDS)
            if provider == "momo" and self._dice.random() < PENDING_FIRST:
                await self._tell(session, paid, tail, "PENDING")
            await self._tell(session, paid, tail, "SUCCESSFUL")
            self.money.paid.append(paid)
            if self._dice.random() < TWICE:
                await self._tell(session, paid, tail, "SUCCESSFUL")
                self.money.counts["payments told twice"] += 1

    async def _tell(self, session: aiohttp.ClientSession, paid: Paid, tail: str, status: str) -> None:
        """Post until it is answered 200, as providers do: signed anew each time."""
        while True:
            body, headers = self._notification(paid, tail, status)
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

    def _notification(self, paid: Paid, tail: str, status: str) -> tuple[bytes, dict[str, str]]:
        stamp, typed = str(int(time.time())), {"content-type": "application/json"}
        if paid.provider == "momo":
            body = orjson.dumps(
                {
                    "transactionId": paid.transaction, "amount": paid.amount_rwf, "currency": "RWF",
                    "status": status, "externalId": str(paid.request),
                }
            )  # fmt: skip
            return body, typed | {"x-signature": self._signed("momo_webhook_secrets", body)}
        if paid.provider == "momo-sms":
            at = datetime.now(KIGALI).strftime("%Y-%m-%d %H:%M:%S")
            text = SMS.format(amount=paid.amount_rwf, tail=tail, at=at, id=paid.transaction)
            nonce = uuid4().hex
            body = orjson.dumps({"sender": "M-Money", "message": text, "nonce": nonce})
            signed = {"x-momo-timestamp": stamp, "x-momo-nonce": nonce}
            return body, typed | signed | {"x-momo-signature": self._signed("momo_sms_secrets", body)}
        subject = {
            "id": f"pi_{paid.transaction}", "amount_received": paid.amount_rwf, "currency": "rwf",
            "metadata": {"request": str(paid.request)},
        }  # fmt: skip
        told = {"id": f"evt_{uuid4().hex}", "type": "payment_intent.succeeded", "data": {"object": subject}}
        body = orjson.dumps(told)
        signature = self._signed("stripe_webhook_secrets", f"{stamp}.".encode() + body)
        return body, typed | {"stripe-signature": f"t={stamp},v1={signature}"}

    def _signed(self, setting: str, text: bytes) -> str:
        return hmac.digest(self._settings.secrets(setting)[0], text, "sha256").hex()

    async def _ask(self, how: str, query: str, *arguments: Any) -> Any:
        """Ask the database, again for as long as it is away."""
        while True:
            try:
                connection = await asyncpg.connect(self._settings.need("postgres_dsn"), timeout=5)
                try:
                    return await getattr(connection, how)(query, *arguments, timeout=5)
                finally:
                    await connection.close(timeout=5)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
                await asyncio.sleep(AGAIN_SECONDS)


def _event(topic: str, key: str, data: EventData) -> Output:
    return event(topic, key, data, source=SOURCE, origin="chaos")
