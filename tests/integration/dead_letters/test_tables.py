"""The letters' tables: repeats and late news change nothing, the log is only added to, who may do what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from consumers.dead_letters import collector, forgetting, tables
from consumers.runtime.records import pack_record
from infra.postgres.pool import open_pool, transaction
from infra.postgres.session import Session
from infra.settings import Settings
from tests.integration.dead_letters.desk import NOW, Desk, a_letter

ADD_LATER = """
INSERT INTO runtime.later (consumer, kind, topic, key, record, event_id, name, delivery, holds, reason, due)
VALUES ('probe', $2, 'redelivery.probe', 'ann', $3, $1, $4, 1, false, 'test', now() + interval '1 hour')"""
ADD_PROCESSED = """
INSERT INTO runtime.processed (day, consumer, event_id, delivery, outcome)
VALUES (current_date, 'probe', $1, $2, $3)"""
ADD_CLAIM = "INSERT INTO runtime.claim VALUES ('probe', $1, 'ann', $1, now(), now() + $2::interval)"


async def follow(desk: Desk) -> None:
    await desk.look_now()
    await collector.follow(desk.pool)


async def test_a_repeat_changes_nothing(desk: Desk) -> None:
    event = uuid4()
    first, second = a_letter(event), a_letter(event, delivery=1)
    for batch in ([first, second], [first], [second, first], [second]):
        await collector.collect(desk.pool, batch)
        (letter,) = await desk.letters()
        assert (letter["delivery"], letter["attempts"]) == (1, 2)
        assert (letter["first_at"], letter["last_at"]) == (first.at, second.at)
        assert len(await desk.log(letter["id"])) == 2


async def test_a_thousand_letters_take_as_many_statements_as_one(desk: Desk) -> None:
    counts = set()
    for size in (1, 500):
        letters = [a_letter() for _ in range(size)]
        async with transaction(desk.pool) as connection:
            session = Session(connection)
            await tables.collect(session, letters)
            counts.add(("collect", session.statements))
        async with transaction(desk.pool) as connection:
            session = Session(connection)
            assert await tables.follow(session, 1_000, NOW) == size  # nothing waits: superseded
            counts.add(("follow", session.statements))
    assert counts == {("collect", 3), ("follow", 3)}


async def test_they_keep_the_order_in_which_they_came(desk: Desk) -> None:
    letters = [a_letter() for _ in range(100)]
    await collector.collect(desk.pool, letters)
    assert [row["event_id"] for row in await desk.letters()] == [letter.event_id for letter in letters]


async def test_news_that_comes_late_does_not_open_a_letter_again(
    owner: asyncpg.Connection[Any], desk: Desk
) -> None:
    event = uuid4()
    await collector.collect(desk.pool, [a_letter(event)])
    await owner.execute(ADD_PROCESSED, event, 1, "deferred")
    await owner.execute(ADD_PROCESSED, event, 2, "processed")
    await follow(desk)
    assert await desk.statuses() == ["resolved"]
    await collector.collect(desk.pool, [a_letter(event, delivery=1)])
    assert await desk.statuses() == ["resolved"]
    (letter,) = await desk.letters()
    assert [act[2] for act in await desk.log(letter["id"])] == ["waiting", "resolved", "waiting"]


@pytest.mark.parametrize(
    ("kind", "status"), [("deferred", "waiting"), ("parked", "parked"), (None, "superseded")]
)
async def test_a_letter_stands_where_its_row_does(
    owner: asyncpg.Connection[Any], desk: Desk, kind: str | None, status: str
) -> None:
    event = uuid4()
    await collector.collect(desk.pool, [a_letter(event)])
    if kind is not None:
        await owner.execute(ADD_LATER, event, kind, b"", None)
    await follow(desk)
    (letter,) = await desk.letters()
    assert letter["status"] == status
    assert (letter["due"] is None) == (kind is None)
    if kind is not None:
        assert letter["due"] > NOW + timedelta(minutes=50)
        assert letter["look_at"] == letter["due"]  # until then nobody asks again
    assert await collector.follow(desk.pool) == 0


async def test_that_it_died_is_told_by_its_own_letter(owner: asyncpg.Connection[Any], desk: Desk) -> None:
    event = uuid4()
    await collector.collect(desk.pool, [a_letter(event)])
    await owner.execute(ADD_PROCESSED, event, 1, "dead")
    await follow(desk)
    assert await desk.statuses() == ["waiting"]
    await collector.collect(desk.pool, [a_letter(event, delivery=1, dead=True)])
    assert await desk.statuses() == ["dead"]


async def test_what_was_discarded_stays_so(owner: asyncpg.Connection[Any], desk: Desk) -> None:
    event = uuid4()
    await collector.collect(desk.pool, [a_letter(event)])
    await owner.execute(ADD_LATER, event, "deferred", b"", None)
    (letter,) = await desk.letters()
    assert (await desk.discard(letter["id"])).done == (letter["id"],)
    await collector.collect(desk.pool, [a_letter(event, delivery=1)])
    assert await desk.statuses() == ["discarded"]
    assert await owner.fetchval("SELECT count(*) FROM runtime.later") == 0
    assert "discarded" in (await desk.discard(letter["id"])).refused[letter["id"]]
    assert "discarded" in (await desk.redrive(letter["id"])).refused[letter["id"]]


async def test_nothing_is_discarded_under_the_hands_of_whoever_handles_it(
    owner: asyncpg.Connection[Any], desk: Desk
) -> None:
    called, doubted, handled = uuid4(), uuid4(), uuid4()
    await collector.collect(desk.pool, [a_letter(called), a_letter(doubted), a_letter(handled)])
    for event, lease in ((called, timedelta(hours=1)), (doubted, timedelta(hours=-1))):
        await owner.execute(ADD_LATER, event, "deferred", b"", None)
        await owner.execute(ADD_CLAIM, event, lease)
    numbers = [letter["id"] for letter in await desk.letters()]
    done = await desk.discard(*numbers)
    assert done.done == (numbers[1],)
    assert set(done.refused) == {numbers[0], numbers[2]}
    assert [row["event_id"] for row in await owner.fetch("SELECT event_id FROM runtime.claim")] == [called]


async def test_a_redriven_letter_waits_with_the_number_of_its_next_delivery(
    owner: asyncpg.Connection[Any], desk: Desk
) -> None:
    letters = [a_letter(delivery=6, dead=True, key=key) for key in (b"a", b"b", None)]
    await collector.collect(desk.pool, letters)
    numbers = [letter["id"] for letter in await desk.letters()]
    done = await desk.redrive(*numbers, 999, ordered={"probe": True})
    assert (done.done, done.refused) == (tuple(numbers), {999: "is not there"})
    rows = await owner.fetch("SELECT * FROM runtime.later ORDER BY id")
    assert [row["event_id"] for row in rows] == [letter.event_id for letter in letters]
    assert {(row["delivery"], row["tries"], row["topic"]) for row in rows} == {(7, 7, "redelivery.probe")}
    # Nobody would release a parked row without a key.
    assert [(row["kind"], row["holds"]) for row in rows] == [("parked", True)] * 2 + [("deferred", False)]
    assert {row["record"] for row in rows} == {letters[0].record}
    assert (await desk.redrive(*numbers, ordered={})).done == ()


async def test_what_waits_is_hurried_once_and_keeps_its_place(
    owner: asyncpg.Connection[Any], desk: Desk
) -> None:
    event = uuid4()
    await collector.collect(desk.pool, [a_letter(event)])
    await owner.execute(ADD_LATER, event, "deferred", b"", None)
    before = await owner.fetchrow("SELECT id, delivery FROM runtime.later")
    (letter,) = await desk.letters()
    assert (await desk.redrive(letter["id"])).done == (letter["id"],)
    assert await owner.fetchrow("SELECT id, delivery FROM runtime.later WHERE due <= now()") == before
    assert (await desk.redrive(letter["id"])).refused == {letter["id"]: "is on its way already"}


async def test_an_edit_of_what_waits_replaces_the_copy_that_was_sent(
    owner: asyncpg.Connection[Any], desk: Desk
) -> None:
    event = uuid4()
    await collector.collect(desk.pool, [a_letter(event, ce_type="jobs.lapse_job.v1")])
    await owner.execute(ADD_LATER, event, "deferred", b"", None)
    await owner.execute("UPDATE runtime.later SET sent_at = now()")
    (letter,) = await desk.letters()
    value = b'{"job": "7", "open_until": "2026-05-31T08:30:00Z"}'
    await desk.edit(letter["id"], value)
    row = await owner.fetchrow("SELECT record, delivery, sent_at FROM runtime.later")
    assert row == (pack_record(value, [("ce_id", b"x")]), 2, None)


async def test_the_log_is_only_ever_added_to(owner: asyncpg.Connection[Any], desk: Desk) -> None:
    await collector.collect(desk.pool, [a_letter(dead=True)])
    for statement in ("UPDATE log SET who = 'nobody'", "DELETE FROM log", "TRUNCATE log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
            await desk.pool.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever added to"):
            await owner.execute(statement.replace("log", "dead_letters.log"))
    (letter,) = await desk.letters()
    assert len(await desk.log(letter["id"])) == 1


async def test_what_was_closed_long_ago_is_forgotten_with_its_log_in_portions(
    owner: asyncpg.Connection[Any], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "LETTERS_AT_ONCE", 2)
    monkeypatch.setattr(forgetting, "PAUSE_SECONDS", 0)
    letters = [a_letter(dead=True, key=b"%d" % number, contact=str(number)) for number in range(7)]
    await collector.collect(desk.pool, letters)
    numbers = [letter["id"] for letter in await desk.letters()]
    assert (await desk.discard(*numbers[1:])).refused == {}
    # The first is dead, for years; the second was discarded last month, the third may still be on the topic.
    await owner.execute("UPDATE dead_letters.letter SET last_at = last_at - interval '3 years'")
    await owner.execute(
        "UPDATE dead_letters.letter SET closed_at = now() - CASE id WHEN $1 THEN interval '40 days' "
        "WHEN $2 THEN interval '30 days' ELSE interval '91 days' END WHERE closed_at IS NOT NULL",
        *numbers[1:3],
    )
    assert await forgetting.forget_all(desk.pool, NOW - timedelta(days=90)) == 4
    assert [letter["id"] for letter in await desk.letters()] == numbers[:3]
    assert await owner.fetchval("SELECT count(*) FROM dead_letters.log") == 5  # an attempt each, two discards
    assert await forgetting.forget_all(desk.pool, NOW) == 1
    assert [letter["id"] for letter in await desk.letters()] == [numbers[0], numbers[2]]
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only ever added to"):
        await owner.execute("DELETE FROM dead_letters.log")


async def test_a_letter_that_opens_again_is_not_closed(owner: asyncpg.Connection[Any], desk: Desk) -> None:
    event = uuid4()
    await collector.collect(desk.pool, [a_letter(event)])
    await follow(desk)  # its row is gone, and nobody handled it: superseded
    (letter,) = await desk.letters()
    assert (letter["status"], letter["closed_at"] is None) == ("superseded", False)
    await collector.collect(desk.pool, [a_letter(event, delivery=1, dead=True)])
    (letter,) = await desk.letters()
    assert (letter["status"], letter["closed_at"]) == ("dead", None)


async def test_another_domain_sees_no_letter(
    owner: asyncpg.Connection[Any], desk: Desk, settings: Settings
) -> None:
    await collector.collect(desk.pool, [a_letter()])
    async with await open_pool(settings, "jobs", size=1) as pool:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.fetch("SELECT * FROM dead_letters.letter")
    await owner.execute("GRANT USAGE ON SCHEMA dead_letters TO easymo_jobs")
    await owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA dead_letters TO easymo_jobs")
    async with await open_pool(settings, "jobs", size=1) as pool:
        for table in ("letter", "log"):
            assert await pool.fetchval(f"SELECT count(*) FROM dead_letters.{table}") == 0  # noqa: S608 - constants
