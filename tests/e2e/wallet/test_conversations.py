"""Conversations with the wallet through the whole system: webhook, Kafka, ledger, sender, and back."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from consumers.payments.rules import standings
from infra.settings import Settings
from infra.simulator.providers import Behaviour
from infra.simulator.simulator import Simulator
from schemas import topics
from schemas.events.wallet import CreditPayment
from tests.e2e.conftest import Chats
from tests.integration.runtime.bench import Bench, event

pytestmark = pytest.mark.timeout(90)

ALINE, ERIC = "250788123456", "250788000111"


async def _pays(settings: Settings, number: str, amount_rwf: int) -> None:
    """A payment of somebody's has come in."""
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    person = await connection.fetchval("SELECT person::text FROM core.contact WHERE contact = $1", number)
    await connection.close()
    credit = CreditPayment.of("momo", uuid4().hex, amount_rwf, person)
    async with Bench(settings, "wallet") as bench:
        await bench.publish([event(topics.WALLET_COMMANDS, person, credit)])


async def test_tokens_from_one_phone_to_another(chats: Chats, settings: Settings) -> None:
    aline, eric = chats(ALINE, name="Aline"), chats(ERIC, name="Eric")
    await eric.says("wallet")
    await eric.hears_list("*0 tokens*", rows=9)
    await aline.says("hello")
    await aline.taps("Wallet")
    await aline.hears_list("*0 tokens*", rows=["Send tokens", "Top up", "MoMo QR code"])
    await _pays(settings, ALINE, 30_000)
    await aline.hears_buttons("My wallet", text="*60,000 tokens*. You have 60,000 now.")
    await aline.says("send tokens")
    await aline.hears_list("To whom?")
    await aline.says("0788000111")
    await aline.hears("How many tokens for Eric (+250****111)?")
    await aline.says("15000")
    await aline.hears_buttons("Confirm", "Cancel", text="Send *15,000 tokens* to Eric")
    await aline.taps("Confirm")
    # Eric wrote for the first time a moment ago, and so did Aline: somebody looks at it first.
    await aline.hears_buttons("My wallet", text="somebody of our team looks at this transfer first")
    await aline.says("transfer")
    await aline.says("0788000111")
    await aline.hears("You have 45,000.")
    await aline.says("500")
    await aline.hears_buttons("Transactions", text="*500 tokens* sent to Eric (+250****111)")
    await eric.hears_buttons("My wallet", text="You received *500 tokens* from Aline (+250****456)")
    await aline.taps("Transactions")
    await aline.hears("*-500* to Eric")


async def test_money_comes_in_and_goes_out_by_mtn(
    chats: Chats, system: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "LOOKS_SECONDS", (1, *standings.LOOKS_SECONDS))  # the first look is soon
    aline = chats(ALINE, name="Aline")
    system.providers.behave(ALINE, Behaviour.SUCCESS, Behaviour.SUCCESS)
    await aline.says("top up")
    await aline.hears_list("2 tokens cost RWF 1")
    await aline.taps("5,000 tokens")
    await aline.hears_buttons("MoMo prompt", "Card", text="5,000 tokens for RWF 2,500")
    await aline.taps("MoMo prompt")
    await aline.hears("approve the MoMo payment")
    await aline.hears_buttons("My wallet", text="*5,000 tokens*. You have 5,000 now.", within_seconds=30)
    await aline.says("cash out")
    await aline.hears_buttons("My number")
    await aline.taps("My number")
    await aline.hears("How many tokens")
    await aline.says("1000")
    await aline.hears_buttons("Confirm", text="20 tokens are our fee, and RWF 490 goes to 0788123456")
    await aline.taps("Confirm")
    await aline.hears("RWF 490 is on its way to 0788123456")
    await aline.hears("RWF 490 has been paid to 0788123456", within_seconds=30)
    await aline.says("my wallet")
    await aline.hears_list("*4,000 tokens*")


async def test_a_qr_code_comes_as_a_picture(chats: Chats, system: Simulator) -> None:
    aline = chats(ALINE, name="Aline")
    await aline.says("momo qr")
    await aline.hears_list("Whom does the QR code pay", rows=["My number", "Merchant code"])
    await aline.taps("Merchant code")
    await aline.hears("4 to 12 digits")
    await aline.says("12345")
    await aline.hears_buttons("Skip")
    await aline.says("2,000")
    picture = await aline.hears_a("image", "Scan to pay RWF 2,000 to 12345 by MoMo")
    assert picture.type == "image"
    await aline.hears_buttons("Another QR code", text="*182*8*1*12345*2000#")
