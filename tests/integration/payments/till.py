"""What a test of payments does from outside: ask, notify, act as an operator, look at what followed."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from infra.settings import Settings
from infra.simulator.providers import ProviderDesk
from ingress.providers.momo import MomoGateway
from ingress.providers.momo_sms import MomoSms, SmsClaim
from schemas import topics
from schemas.events.payments import DecideReview, PaymentNotified, PayOut, RequestPayment
from schemas.model import EventData
from tests.integration.runtime.bench import Bench, event
from tests.unit.payments.texts import came_in
from tests.waiting import eventually

KIGALI = ZoneInfo("Africa/Kigali")
_numbers = itertools.count(70_000_000_001)


def a_transaction() -> str:
    """A number of MTN's that no other test uses."""
    return str(next(_numbers))


def a_phone(tail: str) -> str:
    """A number with this tail that no other test uses."""
    return f"25078{next(_numbers) % 10_000:04}{tail}"


CALL_IS_OVER = """
NOT EXISTS (SELECT FROM runtime.claim AS c WHERE c.consumer = 'payments' AND c.key = convert_to($1, 'UTF8'))
AND NOT EXISTS (SELECT FROM runtime.later AS d WHERE d.consumer = 'payments' AND d.kind = 'deferred'
    AND d.key = convert_to($1, 'UTF8'))
AND EXISTS (SELECT FROM payments.request WHERE id::text = $1 AND called
    UNION ALL SELECT FROM payments.pay_out WHERE id::text = $1 AND called)"""


class Till(Bench):
    """Payments, its topics and tables, and the providers' stand-in."""

    def __init__(self, settings: Settings, desk: ProviderDesk) -> None:
        super().__init__(settings, "payments")
        self.desk = desk

    async def tells(self, topic: str, key: str, data: EventData, **changes: Any) -> UUID:
        """Publish one event; returns its id."""
        identity: UUID = changes.pop("id", None) or uuid4()
        await self.publish([event(topic, key, data, id=identity, **changes)])
        return identity

    async def asks(
        self, amount: int, *, method: str = "transfer", minutes: float = 15, **fields: Any
    ) -> UUID:
        """Ask for a payment; returns its id once it is written down."""
        wish = RequestPayment(
            id=uuid4(),
            person=fields.pop("person", f"person-{uuid4().hex[:8]}"),
            amount_rwf=amount,
            method=method,
            purpose=fields.pop("purpose", "top_up"),
            expires_at=datetime.now(UTC) + timedelta(minutes=minutes),
            **fields,
        )
        await self.tells(topics.intents("payments"), str(wish.id), wish)
        await self.request_becomes(wish.id)
        return wish.id

    async def pays_out(self, amount: int, phone: str, of: UUID | None = None, person: str = "") -> UUID:
        """Owe somebody money; returns the id."""
        who = person or f"person-{phone}"
        wish = PayOut(id=uuid4(), person=who, of=of or uuid4(), amount_rwf=amount, phone=phone)
        await self.tells(topics.intents("payments"), str(wish.id), wish)
        return wish.id

    async def hears_sms(self, *, sender: str = "M-Money", text: str = "", **changes: str) -> UUID:
        """The relay forwards an SMS, by way of what the ingress makes of it."""
        at = datetime.now(KIGALI).strftime("%Y-%m-%d %H:%M:%S")
        body = orjson.dumps({"sender": sender, "message": text or came_in(**{"at": at} | changes)})
        (found,) = MomoSms([b"x"]).updates(SmsClaim(b"", 0.0, "", ""), body, datetime.now(UTC))
        return await self._notify(found)

    async def hears_momo(self, **content: Any) -> UUID:
        """The gateway posts."""
        values = {"amount": 500, "currency": "RWF", "status": "SUCCESSFUL"} | content
        (found,) = MomoGateway([b"x"]).updates(b"", orjson.dumps(values), datetime.now(UTC))
        return await self._notify(found)

    async def hears_stripe(self, content: Any) -> UUID:
        """Stripe posts."""
        body = orjson.dumps(content).decode()
        told = PaymentNotified(provider="stripe", payment="x", body=body, received_at=datetime.now(UTC))
        return await self.tells(topics.PAYMENTS_INBOUND, "stripe:x", told)

    async def hears_paypal(self, transaction: str, value: str, currency: str = "USD", **fields: Any) -> UUID:
        """PayPal posts, of a capture unless another `kind` is given."""
        kind = fields.pop("kind", "PAYMENT.CAPTURE.COMPLETED")
        resource = {"id": transaction, "amount": {"value": value, "currency_code": currency}} | fields
        content = {"id": f"WH-{uuid4()}", "event_type": kind, "resource": resource}
        body = orjson.dumps(content).decode()
        told = PaymentNotified(provider="paypal", payment="x", body=body, received_at=datetime.now(UTC))
        return await self.tells(topics.PAYMENTS_INBOUND, "paypal:x", told)

    async def hint(self, content: Any) -> None:
        """MTN calls back, or somebody who says so."""
        body = orjson.dumps(content).decode()
        told = PaymentNotified(provider="mtn", payment="x", body=body, received_at=datetime.now(UTC))
        await self.tells(topics.PAYMENTS_INBOUND, "mtn:x", told)

    async def until(self, condition: Callable[[], bool | Awaitable[bool]]) -> None:
        """Wait for a condition, which may be awaited."""

        async def holds() -> bool:
            found = condition()
            return found if isinstance(found, bool) else await found

        await eventually(holds)

    async def _notify(self, update: Any) -> UUID:
        told = PaymentNotified.read(update.value)
        await self.tells(topics.PAYMENTS_INBOUND, update.key, told, id=update.id, time=update.time)
        return UUID(str(update.id))

    async def decides(self, payment: str, act: str, **fields: Any) -> UUID:
        """An operator decides."""
        decision = DecideReview(payment=payment, act=act, operator="alice", **fields)
        return await self.tells(topics.intents("payments"), payment, decision)

    async def outcome_of(self, decision: UUID) -> str:
        """What came of a decision."""
        return str(await self._becomes("SELECT outcome FROM decision WHERE event_id = $1", decision))

    async def payment_becomes(self, transaction: str, *states: str) -> asyncpg.Record:
        """Wait until a payment is in one of these states; its row."""
        found: list[asyncpg.Record] = []

        async def there() -> bool:
            row = await self.database.fetchrow("SELECT * FROM payment WHERE transaction = $1", transaction)
            found[:] = [row] if row is not None else []
            return row is not None and row["state"] in states

        await eventually(there)
        return found[0]

    async def request_becomes(self, request: UUID, *states: str) -> asyncpg.Record:
        """Wait until a request is in one of these states (any, unless named); its row."""
        found: list[asyncpg.Record] = []

        async def there() -> bool:
            row = await self.database.fetchrow("SELECT * FROM request WHERE id = $1", request)
            found[:] = [row] if row is not None else []
            return row is not None and (not states or row["state"] in states)

        await eventually(there)
        return found[0]

    async def pay_out_becomes(self, pay_out: UUID, state: str) -> asyncpg.Record:
        """Wait until a payment out is in this state; its row."""
        await self._becomes("SELECT 1 FROM pay_out WHERE id = $1 AND state = $2", pay_out, state)
        row = await self.database.fetchrow("SELECT * FROM pay_out WHERE id = $1", pay_out)
        assert row is not None
        return row

    async def is_kept(self, notification: UUID) -> str:
        """Wait until a notification is kept; its kind."""
        return str(await self._becomes("SELECT kind FROM notification WHERE event_id = $1", notification))

    async def _becomes(self, sql: str, *arguments: Any) -> Any:
        found: list[Any] = []

        async def there() -> bool:
            value = await self.database.fetchval(sql, *arguments)
            found[:] = [value]
            return value is not None

        await eventually(there)
        return found[0]

    async def balance(self, person: str, currency: str = "TOK") -> int:
        """What the wallet's own ledger says."""
        return int(
            await self.database.fetchval(
                "SELECT coalesce(sum(balance), 0) FROM wallet.accounts WHERE owner = $1 AND currency = $2",
                person,
                currency,
            )
        )

    async def balance_becomes(self, person: str, amount: int, currency: str = "TOK") -> None:
        """Wait for a balance."""

        async def there() -> bool:
            return await self.balance(person, currency) == amount

        await eventually(there)

    async def facts(self, kind: str, **fields: Any) -> list[dict[str, Any]]:
        """What was told on `payments.events` of a kind, such as `payments.received.v1`."""
        records = await self.records(topics.PAYMENTS_EVENTS)
        unique = {dict(record.headers)["ce_id"]: record for record in records}.values()
        data = [orjson.loads(r.value) for r in unique if dict(r.headers)["ce_type"] == kind.encode()]
        return [each for each in data if fields.items() <= each.items()]

    async def until_told(self, event_type: str, fields: dict[str, Any]) -> None:
        """Wait for a fact with these fields."""

        async def there() -> bool:
            return any(fields.items() <= fact.items() for fact in await self.facts(event_type))

        await eventually(there)

    async def dies(self, subject: UUID) -> None:
        """Look into a call as often as it takes until it is given up."""
        letters = "SELECT count(*) FROM dead_letters.letter WHERE key = convert_to($1, 'UTF8')"

        async def dead() -> bool:
            await self.database.execute(
                """UPDATE runtime.later SET due = now() - interval '1 s'
                WHERE sent_at IS NULL AND consumer = 'payments' AND due > now() AND kind = 'deferred'
                    AND key = convert_to($1, 'UTF8')""",
                str(subject),
            )
            return bool(await self.database.fetchval(letters, str(subject)))

        await eventually(dead)

    async def look_now(self, subject: UUID) -> None:
        """The timer of the next look at the provider goes off; the end of a call would set it anew."""
        await self._goes_off(f"name = 'look:' || $1 AND {CALL_IS_OVER}", subject)

    async def look_later(self, subject: UUID) -> None:
        """The timer of the next look goes off in an hour: whoever looks before was told to."""
        await self._goes_off(f"name = 'look:' || $1 AND {CALL_IS_OVER}", subject, "+ interval '1 hour'")

    async def doubt_now(self, subject: UUID) -> None:
        """A call in doubt is looked into."""
        await self._goes_off("key = convert_to($1, 'UTF8') AND kind = 'deferred'", subject)

    async def _goes_off(self, which: str, subject: UUID, when: str = "- interval '1 s'") -> None:
        async def due() -> bool:
            status = await self.database.execute(
                f"UPDATE runtime.later SET due = now() {when} "  # noqa: S608 - constants only
                f"WHERE sent_at IS NULL AND consumer = 'payments' AND due > now() AND {which}",
                str(subject),
            )
            return bool(int(status.rpartition(" ")[2]))

        await eventually(due)
