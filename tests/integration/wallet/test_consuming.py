"""From `wallet.commands` to `wallet.events`, on the real broker: answers, timers, several members."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from consumers.runtime.service import Service
from consumers.wallet.verifying.checking import verify
from infra.kafka import topics as kafka_topics
from infra.kafka.publisher import Output
from infra.settings import Settings
from schemas import topics
from schemas.events.core import PersonSeen
from schemas.events.wallet import Command
from tests.integration.runtime.bench import Bench, event
from tests.integration.wallet.desk import fresh, gives, holds, moves, pays
from tests.waiting import eventually

DOMAINS = ["wallet", "dead_letters"]


class Till(Bench):
    """A hand on the wallet's topics and tables."""

    async def asks(self, *commands: tuple[str, Command]) -> list[UUID]:
        """Publish commands, each under its key; returns the events' ids."""
        outputs = [event(topics.WALLET_COMMANDS, key, command) for key, command in commands]
        await self.publish(outputs)
        return [UUID(dict(o.headers)["ce_id"].decode()) for o in outputs]

    async def answers(self) -> list[tuple[dict[str, Any], dict[str, bytes], bytes]]:
        """What stands on `wallet.events`: value, headers, key."""
        found = await self.records(topics.WALLET_EVENTS)
        return [(orjson.loads(each.value), dict(each.headers), each.key) for each in found]

    async def answered(self, count: int, *, seconds: float = 30) -> None:
        """Wait until so many commands were decided."""

        async def enough() -> bool:
            return int(await self.database.fetchval("SELECT count(*) FROM commands")) >= count

        await eventually(enough, limit_seconds=seconds)


@pytest.fixture
async def till(settings: Settings) -> AsyncIterator[Till]:
    """A database and topics, without members."""
    await kafka_topics.apply(settings, [*DOMAINS, "core"])
    async with Till(settings, "wallet") as till:
        yield till


def seen(person: str) -> Output:
    """Somebody wrote, long ago for the first time."""
    at = datetime.now(UTC) - timedelta(days=5)
    return event(topics.CORE_EVENTS, person, PersonSeen(person=person, contact=person, at=at))


async def test_commands_are_answered_to_whoever_asked(till: Till, settings: Settings) -> None:
    aline, eric = fresh("aline", "eric")
    async with Service(settings, DOMAINS).running():
        await till.publish([seen(aline), seen(eric)])
        await till.rows_become("SELECT FROM accounts", 2)
        hold, refused, payment = holds(aline, eric, 100), moves(aline, eric, 5_000), pays(aline, 500)
        await till.asks((aline, payment), (aline, moves(aline, eric, 300)), (aline, hold))
        await till.asks((aline, refused), (aline, payment))

        async def told_of(count: int) -> bool:
            return len(await till.answers()) >= count

        await eventually(partial(told_of, 5))
        await till.make_due()  # the timer of the hold
        await eventually(partial(told_of, 6))
        await till.nothing_waits()
    answers = await till.answers()
    assert {headers["origin"] for _, headers, _ in answers} == {b"tests"}  # also of the hold that expired
    assert {key for _, _, key in answers} == {aline.encode()}
    told = [(value["command"], value.get("reason", ""), value["repeated"]) for value, _, _ in answers]
    assert told == [
        ("wallet.credit_payment.v1", "", False),
        ("wallet.transfer.v1", "", False),
        ("wallet.hold.v1", "", False),
        ("wallet.transfer.v1", "exceeds_credits", False),
        ("wallet.credit_payment.v1", "", True),
        ("wallet.expire_hold.v1", "", False),
    ]
    assert (await verify(settings.need("postgres_dsn"))).problems == []


async def test_members_share_hot_accounts(till: Till, settings: Settings) -> None:
    people, merchant = fresh(*(f"p{number}" for number in range(30))), fresh("merchant")[0]
    async with AsyncExitStack() as members:
        first = await members.enter_async_context(Service(settings, ["wallet"]).running())
        second = await members.enter_async_context(Service(settings, ["wallet"]).running())
        await till.publish([seen(person) for person in (*people, merchant)])
        await till.rows_become("SELECT FROM accounts", len(people) + 1)
        await till.asks(*((person, gives(person, 100)) for person in people))
        await till.answered(len(people))
        # Everybody pays the same one, and the next one, who pays them at the same time; and somebody twice.
        commands = [(person, moves(person, merchant, 5)) for person in people for _ in range(6)]
        pairs = zip(people, [*people[1:], people[0]], strict=True)
        commands += [(a, moves(a, b, 2)) for a, b in pairs for _ in range(3)]
        await till.asks(*commands)
        await till.asks(*commands[::7])
        await till.answered(len(people) + len(commands))
        await till.nothing_waits()
        assert {len(first.consumers), len(second.consumers)} == {1}
    balances = await till.database.fetch("SELECT owner, balance FROM accounts WHERE shard = 0")
    found = {row["owner"]: row["balance"] for row in balances}
    assert found[merchant] == 30 * 6 * 5
    assert Counter(found[person] for person in people) == {70: 30}
    assert (await verify(settings.need("postgres_dsn"))).problems == []


async def test_a_command_that_cannot_be_read_dies_and_the_rest_goes_on(
    till: Till, settings: Settings
) -> None:
    aline, eric = fresh("aline", "eric")
    command = gives(aline, 10)
    good = event(topics.WALLET_COMMANDS, aline, command)
    fraction = good.value.replace(b'"amount":10', b'"amount":10.5') if good.value else b""
    broken = event(topics.WALLET_COMMANDS, aline, moves(aline, eric, 1, id=uuid4()))
    async with Service(settings, ["wallet"]).running():
        await till.publish([Output(broken.topic, broken.key, fraction, good.headers), seen(eric)])
        await till.asks((aline, gives(aline, 20)))
        await till.answered(1)
        await till.outcome_becomes("dead")
    (letter,) = await till.records(topics.DEAD_LETTERS)
    assert b"amount: Input should be a valid integer" in dict(letter.headers)["kafka_dlt-exception-message"]
    row = await till.database.fetchrow("SELECT balance FROM accounts WHERE owner = $1", aline)
    assert row is not None
    assert row["balance"] == 20
