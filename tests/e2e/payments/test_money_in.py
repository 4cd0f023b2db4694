"""Money from a provider's post to the wallet, through everything: once, however often it is told."""

from __future__ import annotations

import hmac
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import aiohttp
import asyncpg
import orjson

from consumers.wallet.verifying.checking import verify
from infra.kafka.publisher import Publisher
from infra.settings import Settings
from infra.simulator.simulator import Simulator
from schemas import topics
from schemas.events.payments import RequestPayment
from tests.integration.runtime.bench import event
from tests.unit.payments.texts import came_in
from tests.waiting import eventually

PERSON = "0b9a8c7d-6e5f-5a4b-8c3d-2e1f0a9b8c7d"
TIMES = 3


class Payer:
    """Somebody who pays, and the providers that tell of it."""

    def __init__(self, settings: Settings, session: aiohttp.ClientSession, address: str) -> None:
        self._settings = settings
        self._session = session
        self._address = address

    async def is_asked(self, amount: int, phone: str) -> UUID:
        """A domain asks for a payment."""
        wish = RequestPayment(
            id=uuid4(), person=PERSON, amount_rwf=amount, method="transfer", purpose="top_up", phone=phone,
            expires_at=datetime.now(UTC) + timedelta(minutes=15),
        )  # fmt: skip
        publisher = Publisher(self._settings)
        await publisher.start()
        await publisher.publish([event(topics.intents("payments"), str(wish.id), wish)])
        await publisher.stop()
        return wish.id

    async def pays_by_sms(self, amount: int, tail: str, transaction: str) -> int:
        """The relay tells; the status of the answer."""
        at = datetime.now(ZoneInfo("Africa/Kigali")).strftime("%Y-%m-%d %H:%M:%S")
        text = came_in(amount=f"{amount:,}", number=f"*********{tail}", at=at, id=transaction)
        nonce = uuid4().hex
        body = orjson.dumps({"sender": "M-Money", "message": text, "nonce": nonce})
        signed = {"x-momo-timestamp": str(int(time.time())), "x-momo-nonce": nonce}
        signature = self._signed("momo_sms_secrets", body)
        return await self._post("momo-sms", body, signed | {"x-momo-signature": signature})

    async def pays_by_gateway(self, amount: int, request: UUID, transaction: str) -> int:
        """The gateway tells."""
        content = {"transactionId": transaction, "amount": amount, "currency": "RWF", "status": "SUCCESSFUL"}
        body = orjson.dumps(content | {"externalId": str(request)})
        return await self._post("momo", body, {"x-signature": self._signed("momo_webhook_secrets", body)})

    async def pays_by_card(self, amount: int, request: UUID, event_id: str) -> int:
        """Stripe tells."""
        subject = {
            "id": "pi_1", "amount_received": amount, "currency": "rwf", "metadata": {"request": str(request)},
        }  # fmt: skip
        body = orjson.dumps({"id": event_id, "type": "payment_intent.succeeded", "data": {"object": subject}})
        stamp = str(int(time.time()))
        signature = self._signed("stripe_webhook_secrets", f"{stamp}.".encode() + body)
        return await self._post("stripe", body, {"stripe-signature": f"t={stamp},v1={signature}"})

    def _signed(self, setting: str, text: bytes) -> str:
        return hmac.digest(self._settings.secrets(setting)[0], text, "sha256").hex()

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        typed = {"content-type": "application/json"} | headers
        async with self._session.post(f"{self._address}/{path}", data=body, headers=typed) as response:
            return response.status


async def test_what_every_provider_tells_again_and_again_is_credited_once(
    system: Simulator, settings: Settings
) -> None:
    address = str(system.notifier.url).rpartition("/")[0]
    dsn = settings.need("postgres_dsn")
    async with aiohttp.ClientSession() as session, asyncpg.create_pool(dsn, min_size=1, max_size=2) as pool:
        payer = Payer(settings, session, address)
        await payer.is_asked(1500, "250788123013")
        by_gateway, by_card = [await payer.is_asked(amount, "250788999999") for amount in (700, 300)]

        async def are_written_down() -> bool:
            return int(await pool.fetchval("SELECT count(*) FROM payments.request")) == 3

        await eventually(are_written_down)
        for number in range(TIMES):
            assert await payer.pays_by_sms(1500, "013", "76662021700") == 200
            assert await payer.pays_by_gateway(700, by_gateway, "T-1") == 200
            assert await payer.pays_by_card(300, by_card, f"evt_{number}") == 200

        async def all_are_judged() -> bool:
            return int(await pool.fetchval("SELECT count(*) FROM payments.notification")) >= 1 + 1 + TIMES

        async def is_credited() -> bool:
            found = await pool.fetchval("SELECT balance FROM wallet.accounts WHERE owner = $1", PERSON)
            return bool(found == 2 * (1500 + 700 + 300))

        await eventually(is_credited)
        await eventually(all_are_judged)

        async def the_wallet_has_answered() -> bool:
            return int(await pool.fetchval("SELECT count(credited_at) FROM payments.payment")) == 3

        await eventually(the_wallet_has_answered)
        states = await pool.fetch("SELECT state FROM payments.payment")
        assert [row["state"] for row in states] == ["received"] * 3
    assert (await verify(dsn)).sound
