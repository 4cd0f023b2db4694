"""What people hear of their payments: once, and in their language."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson

from infra.simulator.providers import Behaviour
from schemas import topics
from schemas.events.core import PersonSeen
from tests.integration.payments.till import Till, a_phone, a_transaction


async def heard(till: Till, person: str) -> list[str]:
    """The messages to a person."""
    found = await till.records(topics.OUTBOUND)
    unique = {dict(record.headers)["ce_id"]: orjson.loads(record.value) for record in found}
    return [each["content"]["body"] for each in unique.values() if each["person"] == person]


async def speaks(till: Till, person: str, locale: str) -> None:
    """Core tells of somebody."""
    seen = PersonSeen(person=person, contact=person, at=datetime.now(UTC), locale=locale)
    await till.tells(topics.CORE_EVENTS, person, seen)
    await till.until(lambda: _is_known(till, person))


async def _is_known(till: Till, person: str) -> bool:
    return bool(await till.database.fetchval("SELECT 1 FROM people WHERE person = $1", person))


async def test_a_payer_hears_that_it_came_once(till: Till) -> None:
    await speaks(till, "p-8001", "fr")
    await till.asks(8001, phone=a_phone("801"), person="p-8001")
    transaction = a_transaction()
    for words in ("one", "two"):
        await till.hears_sms(amount="8001", number="*********801", id=transaction, message=words)
    await till.balance_becomes("p-8001", 16_002)

    async def said() -> bool:
        return len(await heard(till, "p-8001")) >= 1

    await till.until(said)
    (word,) = await heard(till, "p-8001")
    assert word.startswith("✅ Nous avons reçu RWF 8,001.")


async def test_whoever_was_to_pay_or_be_paid_hears_that_it_failed(till: Till) -> None:
    till.desk.next_behaviours.append(Behaviour.REJECT)
    await till.asks(8002, method="mtn", phone=a_phone("000"), person="p-8002")
    till.desk.next_behaviours.append(Behaviour.REJECT)
    phone = a_phone("000")
    await till.pays_out(493, phone)

    async def both_said() -> bool:
        return bool(await heard(till, "p-8002") and await heard(till, f"person-{phone}"))

    await till.until(both_said)
    assert "the number has no Mobile Money account" in (await heard(till, "p-8002"))[0]
    assert "RWF 493 could not be sent to you" in (await heard(till, f"person-{phone}"))[0]
