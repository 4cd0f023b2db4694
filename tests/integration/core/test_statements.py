"""What a chunk costs: a constant number of statements, each of them by an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import pytest

from consumers.core import identify, store, store_places
from consumers.runtime.records import Outcome
from schemas.events.conversation import Ended, TurnRouted, Unclaimed
from schemas.model import EventData
from tests.builders import a_text
from tests.integration.core.house import NOON, House

SIZES = (1, 7, 250)
ROWS = 100_000
Make = Callable[[House, int], EventData]


def a_number(number: int) -> str:
    return f"2507{number:08}"


def by_phone(house: House, number: int) -> EventData:
    return house.phone(a_number(number)).message(a_text("book ride"))


def by_both(house: House, number: int) -> EventData:
    return house.phone(a_number(number), f"RW.{number}").message(a_text("go on"))


def greeting(house: House, number: int) -> EventData:
    return house.phone(a_number(number)).message(a_text("hello"))


async def cost(house: House, events: Sequence[EventData]) -> int:
    """The statements of one chunk with these events."""
    results = await house.chunk([house.record(event, house.now) for event in events])
    assert {result.outcome for result in results} == {Outcome.PROCESSED}
    return house.statements[-1]


@pytest.mark.parametrize("make", [by_phone, by_both, greeting])
async def test_the_statements_do_not_grow_with_the_chunk(house: House, make: Make) -> None:
    for people in ("new", "known"):
        found = set()
        for size in SIZES:
            start = size * 1000
            found.add(await cost(house, [make(house, start + number) for number in range(size)]))
        assert len(found) == 1, (people, found)


async def test_nor_when_everybody_shows_a_user_id_for_the_first_time(house: House) -> None:
    for size in SIZES:
        await cost(house, [by_phone(house, size * 1000 + number) for number in range(size)])
    found = [
        await cost(house, [by_both(house, size * 1000 + number) for number in range(size)]) for size in SIZES
    ]
    assert len(set(found)) == 1, found


async def test_nor_when_all_write_from_numbers_that_were_somebody_elses(house: House) -> None:
    for size in SIZES:
        await cost(house, [by_both(house, size * 1000 + number) for number in range(size)])
    house.passes(minutes=1)
    found = []
    for size in SIZES:
        numbers = range(size * 1000, size * 1000 + size)
        phones = [house.phone(a_number(number), f"UG.{number}") for number in numbers]
        found.append(await cost(house, [phone.message(a_text("go on")) for phone in phones]))
    assert len(set(found)) == 1, found


async def test_nor_with_the_words_of_domains(house: House) -> None:
    for size in SIZES:
        await house.hears(*(by_phone(house, size * 1000 + number) for number in range(size)))
    found = []
    for size in SIZES:
        turns = [t for t in house.turns("mobility") if isinstance(t, TurnRouted) and t.phone][-size:]
        unclaimed = [
            Unclaimed(domain="mobility", routed=turn.model_copy(update={"intent": None})) for turn in turns
        ]
        ended = [Ended(person=turn.person, turn=turn.turn, domain="mobility") for turn in turns]
        found.append(await cost(house, [*unclaimed, *ended]))
    assert len(set(found)) == 1, found


async def test_an_ordinary_chunk_takes_as_many_as_are_listed_here(house: House) -> None:
    await cost(house, [by_phone(house, number) for number in range(50)])
    core = {"contacts": 1, "persons": 1}
    runtime = {"lock the conversations": 1, "look up what is processed and held": 1, "save all": 1}
    assert await cost(house, [by_phone(house, number) for number in range(50)]) == len(core) + len(runtime)


@pytest.fixture
async def crowd(house: House) -> list[str]:
    """A hundred thousand people with their contacts and places; the ids of some."""
    owner = house.pool
    await owner.execute(
        """INSERT INTO person (id, created_at, contact, phone, user_id, locale, country, joined_into)
        SELECT md5(n::text)::uuid, $2, '2507' || n, '2507' || n, NULL, 'en', 'RW',
            CASE WHEN n % 1000 = 0 THEN md5('1')::uuid END
        FROM generate_series(1, $1::int) AS n""",
        ROWS,
        NOON,
    )
    await owner.execute(
        """INSERT INTO contact (contact, person, person_since)
        SELECT contact, id, created_at FROM person"""
    )
    await owner.execute(
        """INSERT INTO saved_place (person, kind, latitude, longitude, saved_at)
        SELECT id, 'home', -1.9, 30.0, created_at FROM person"""
    )
    connection = await asyncpg.connect(str(house.settings.need("postgres_dsn")))
    await connection.execute("ANALYZE core.person, core.contact, core.saved_place")
    await connection.close()
    rows = await house.rows("SELECT id::text FROM person WHERE joined_into IS NULL LIMIT 250")
    return [row["id"] for row in rows]


async def test_every_statement_goes_by_an_index(house: House, crowd: list[str]) -> None:
    many = len(crowd)
    contacts = [a_number(number) for number in range(many)]
    times = [NOON] * many
    phones = [[phone] for phone in contacts]
    routing = [
        crowd,
        [1] * many,
        ["jobs"] * many,
        [1] * many,
        [1] * many,
        times,
        [1] * many,
        [False] * many,
        times,
        times,
        phones,
    ]
    names = [["x"] * many] * 4
    identity = [crowd, *names, [False] * many, *names[:3], times, phones]
    a_few = [crowd[:2], crowd[2:4]]
    statements: dict[str, Sequence[Any]] = {
        store.FIND_PERSONS: [crowd],
        store.LOCK_PERSONS: [crowd[:2]],
        store.FIND_OWNERS: [contacts],
        store.SAVE_ROUTING.sql: store.SAVE_ROUTING.arguments(list(zip(*routing, strict=True))),
        store.SAVE_IDENTITY.sql: store.SAVE_IDENTITY.arguments(list(zip(*identity, strict=True))),
        store.TAKE_CONTACT.sql: [contacts, crowd, times, times],
        store.TAKE_OVER_CONTACT.sql: [contacts, crowd, times, crowd],
        store.RETIRE_CONTACT.sql: [contacts, times],
        store.FOLD_PERSON.sql: a_few,
        store.FOLD_EARLIER.sql: a_few,
        store.FOLD_CONTACTS.sql: [*a_few, times[:2]],
        store.FOLD_PLACES.sql: a_few,
        store.DROP_PLACES.sql: a_few[:1],
        identify.FIND_CONTACTS: [contacts],
        identify.FIND_JOINED: [crowd],
        store_places.FIND_PLACES: [crowd[0]],
        store_places.REMOVE_PLACE.sql: [crowd, ["home"] * many],
    }
    for sql, arguments in statements.items():
        rows = await house.rows(f"EXPLAIN {sql}", *arguments)
        plan = "\n".join(row[0] for row in rows)
        assert "Seq Scan" not in plan, f"{sql}\n{plan}"


async def test_a_change_of_routing_touches_no_index(house: House) -> None:
    """HOT: otherwise every message would write to each index of the table."""
    indexed = await house.rows(
        """SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
            AND a.attnum = ANY(i.indkey) WHERE i.indrelid = 'person'::regclass"""
    )
    assert {row["attname"] for row in indexed} == {"id", "joined_into"}
