"""The publisher of what waits: what is due, once, in the order of its key; and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from consumers.dead_letters import publisher, release
from consumers.dead_letters.publisher import publish_due
from consumers.dead_letters.release import ROWS_A_KEY, Release
from consumers.dead_letters.sending import BY_INDEX
from consumers.runtime.records import pack_record
from infra.kafka.publisher import Output
from infra.postgres.pool import open_pool
from tests.integration.runtime.bench import Bench

NOW = timedelta(0)
HOUR = timedelta(hours=1)

ADD = """
INSERT INTO runtime.later
    (consumer, kind, topic, key, record, event_id, name, delivery, holds, reason, due, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'test', now() + $10, now() - $11::interval) RETURNING id"""


class Notes:
    """Stands where the Kafka publisher would be; `meanwhile` happens while it publishes."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]] | None = None) -> None:
        self.sent: list[Output] = []
        self._meanwhile = meanwhile

    async def publish(self, outputs: Sequence[Output]) -> None:
        self.sent += outputs
        if self._meanwhile is not None:
            await self._meanwhile()


@pytest.fixture
async def pool(bench: Bench) -> AsyncIterator[asyncpg.Pool[Any]]:
    """The publisher's pool."""
    async with await open_pool(bench.settings, "dead_letters", size=2) as pool:
        yield pool


async def add(
    bench: Bench,
    kind: str,
    *,
    key: str = "a",
    value: bytes = b"{}",
    due: timedelta = NOW,
    holds: bool = False,
    sent: timedelta | None = None,
    delivery: int = 1,
    consumer: str = "probe",
) -> int:
    name = f"timer {uuid4()}" if kind == "timer" else None
    record = pack_record(value, [("ce_id", b"x"), ("easymo_attempt", b"7"), ("easymo_day", b"old")])
    topic = "redelivery.probe"
    row = (consumer, kind, topic, key.encode(), record, uuid4(), name, delivery, holds, due, sent)
    return int(await bench.database.fetchval(ADD, *row))


async def sent_values(pool: asyncpg.Pool[Any], notes: Notes | None = None) -> list[bytes | None]:
    notes = notes or Notes()
    await publish_due(pool, notes)  # type: ignore[arg-type]
    await Release(pool, notes).release()  # type: ignore[arg-type]
    return [output.value for output in notes.sent]


async def test_what_is_due_is_sent_once(bench: Bench, pool: asyncpg.Pool[Any]) -> None:
    await add(bench, "timer", value=b"due")
    await add(bench, "timer", value=b"not due", due=HOUR)
    await add(bench, "deferred", value=b"due too", due=-HOUR)
    assert await sent_values(pool) == [b"due too", b"due"]
    assert await sent_values(pool) == []


async def test_a_copy_says_what_it_stands_for(bench: Bench, pool: asyncpg.Pool[Any]) -> None:
    timer = await add(bench, "timer", delivery=0)
    deferred = await add(bench, "deferred", delivery=3)
    notes = Notes()
    await sent_values(pool, notes)
    first, second = (dict(output.headers) for output in notes.sent)
    assert first == {"ce_id": b"x", "easymo_attempt": b"0", "easymo_later": str(timer).encode()}
    today = await bench.database.fetchval("SELECT current_date::text")
    assert second == {
        "ce_id": b"x",
        "easymo_attempt": b"3",
        "easymo_later": str(deferred).encode(),
        "easymo_day": today.encode(),
    }
    assert {(output.topic, output.key) for output in notes.sent} == {("redelivery.probe", b"a")}


async def test_parked_events_go_in_their_order_and_not_all_at_once(
    bench: Bench, pool: asyncpg.Pool[Any]
) -> None:
    values = [b"%d" % number for number in range(ROWS_A_KEY + 10)]
    for value in values:
        await add(bench, "parked", value=value, holds=True)
    await add(bench, "parked", key="b", value=b"other", holds=True)
    assert await sent_values(pool) == [*values[:ROWS_A_KEY], b"other"]
    assert await sent_values(pool) == []  # the first ones are on their way
    await bench.database.execute("DELETE FROM runtime.later WHERE sent_at IS NOT NULL")
    assert await sent_values(pool) == values[ROWS_A_KEY:]


async def test_parked_events_wait_for_what_is_deferred_ahead_of_them(
    bench: Bench, pool: asyncpg.Pool[Any]
) -> None:
    await add(bench, "deferred", due=HOUR, holds=True)
    await add(bench, "parked", value=b"held", holds=True)
    await add(bench, "deferred", key="b", due=HOUR, holds=False)
    await add(bench, "parked", key="b", value=b"passes", holds=True)
    await add(bench, "parked", consumer="rival", value=b"another consumer's", holds=True)
    assert sorted(v or b"" for v in await sent_values(pool)) == [b"another consumer's", b"passes"]


async def test_parked_events_wait_for_a_call_under_way(bench: Bench, pool: asyncpg.Pool[Any]) -> None:
    await add(bench, "parked", value=b"held", holds=True)
    claim = "INSERT INTO runtime.claim VALUES ('probe', $1, 'a', $1, now(), now())"
    await bench.database.execute(claim, uuid4())
    assert await sent_values(pool) == []
    await bench.database.execute("DELETE FROM runtime.claim")
    assert await sent_values(pool) == [b"held"]


async def test_a_copy_that_got_lost_is_sent_again(bench: Bench, pool: asyncpg.Pool[Any]) -> None:
    await add(bench, "deferred", value=b"lost", sent=2 * HOUR)
    await add(bench, "deferred", value=b"on its way", sent=HOUR / 2)
    assert await sent_values(pool) == [b"lost"]
    assert await sent_values(pool) == []


@pytest.mark.parametrize("kind", ["parked", "deferred"])
async def test_a_copy_handled_before_it_is_marked_as_sent(
    bench: Bench, pool: asyncpg.Pool[Any], kind: str
) -> None:
    """The consumer was quicker, and the row waits for another delivery: that one has not been sent."""
    number = await add(bench, kind, holds=True)

    async def handle() -> None:
        if kind == "parked":  # the others are locked until they are marked
            await bench.database.execute("UPDATE runtime.later SET delivery = delivery + 1")

    await sent_values(pool, Notes(handle))
    row = await bench.database.fetchrow("SELECT delivery, sent_at FROM runtime.later WHERE id = $1", number)
    assert row is not None
    assert (row["sent_at"] is None) == (kind == "parked")
    assert len(await sent_values(pool)) == (kind == "parked")


async def test_two_replicas_do_not_send_the_same(bench: Bench, pool: asyncpg.Pool[Any]) -> None:
    for number in range(10):
        await add(bench, "deferred", value=b"due")
        await add(bench, "parked", key=f"p{number}", value=b"parked", holds=True)
    others: list[bytes | None] = []

    async def other_replica() -> None:
        others.extend(await sent_values(pool))

    mine = await sent_values(pool, Notes(other_replica))
    assert sorted(value or b"" for value in [*mine, *others]) == [b"due"] * 10 + [b"parked"] * 10


async def test_all_keys_come_round_however_many_are_held_back(
    bench: Bench, pool: asyncpg.Pool[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn looks at some keys only: those behind them have theirs in the next one."""
    monkeypatch.setattr(release, "FIND_KEYS", release.FIND_KEYS.replace("place < 500", "place < 10"))
    monkeypatch.setattr(release, "KEYS_LOOKED_AT", 10)
    monkeypatch.setattr(release, "KEYS_RELEASED", 3)
    for number in range(25):
        if number != 23:
            await add(bench, "deferred", key=f"p{number:02}", due=HOUR, holds=True)
        await add(bench, "parked", key=f"p{number:02}", value=b"p%02d" % number, holds=True)
    notes = Notes()
    turns = Release(pool, notes)  # type: ignore[arg-type]
    assert [await turns.turn() for _ in range(3)] == [release.LOOK_ON_SECONDS, release.LOOK_ON_SECONDS, 0.0]
    assert [output.value for output in notes.sent] == [b"p23"]
    await bench.database.execute("DELETE FROM runtime.later WHERE kind = 'deferred' OR sent_at IS NOT NULL")
    while await turns.turn() is not None:
        pass
    assert [output.value for output in notes.sent[1:]] == [b"p%02d" % n for n in range(25) if n != 23]
    assert await turns.turn() is None


async def test_the_queries_stay_cheap_whatever_the_statistics_say(
    bench: Bench, pool: asyncpg.Pool[Any]
) -> None:
    """Planned for an empty table, as each process plans them when it starts: no sort of all that is due, no
    look at every row of a key."""
    queries: list[tuple[str, tuple[object, ...]]] = [
        (publisher.FIND_DUE, ()),
        (publisher.FIND_LOST, ()),
        (release.FIND_KEYS, release.BEGINNING),
        (release.FIND_PARKED, (["probe"], [b"a"])),
    ]
    for query, values in queries:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(BY_INDEX)
            plan = "\n".join(row[0] for row in await connection.fetch("EXPLAIN " + query, *values))
        assert "Seq Scan" not in plan
        assert "Bitmap" not in plan
        assert "Unique" not in plan
        assert "Hash" not in plan
