"""Two persons become one; a person gets another number or name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from consumers.jobs.store import JobStore, Profile
from infra.postgres.session import Session
from schemas.events.core import AddressChanged, PersonsJoined
from tests.integration.jobs.town import Person, Town, post

HOUR = timedelta(hours=1)


async def _join(town: Town, kept: Person, folded: Person) -> None:
    await town.event(PersonsJoined(kept=kept.id, folded=folded.id, at=town.now), kept.id)


async def test_jobs_and_applications_go_over(town: Town) -> None:
    boss, new = town.person("Boss", "250788000111"), town.person("New")
    aline = town.person("Aline", "250788123456")
    job, other = await post(boss), await post(aline, "Other")
    await boss.taps_id(f"jobs:send:{other}")
    await aline.taps_id(f"jobs:send:{job}")
    await _join(town, kept=new, folded=boss)
    await _join(town, kept=new, folded=boss)  # a repeat does no harm
    new.skips()
    await new.starts("my_jobs")
    new.hears("Cook for a restaurant", "applicants: 1")
    await new.starts("my_applications")
    new.hears("Other")
    (row,) = await town.rows("SELECT phone, name FROM profile WHERE person = $1", new.id)
    assert tuple(row) == ("250788000111", "New")  # the number of the one, the name of today
    assert await town.rows("SELECT 1 FROM profile WHERE person = $1", boss.id) == []


@pytest.mark.parametrize(
    ("kept_state", "folded_state", "stays"),
    [
        ("waiting", "waiting", "kept"),
        ("waiting", "accepted", "folded"),
        ("refused", "accepted", "folded"),
        ("accepted", "refused", "kept"),
        ("accepted", "accepted", "kept"),
        ("refused", "waiting", "kept"),
    ],
)
async def test_of_two_applications_for_one_job_the_one_that_got_further_stays(
    town: Town, kept_state: str, folded_state: str, stays: str
) -> None:
    boss = town.person("Boss")
    kept, folded = town.person("Kept"), town.person("Folded")
    job = await post(boss)
    ids = {}
    for person, state in ((kept, kept_state), (folded, folded_state)):
        await person.taps_id(f"jobs:send:{job}")
        await town.pool.execute("UPDATE application SET state = $1 WHERE applicant = $2", state, person.id)
        (row,) = await town.rows("SELECT id FROM application WHERE applicant = $1", person.id)
        ids["kept" if person is kept else "folded"] = row["id"]
    await _join(town, kept, folded)
    (row,) = await town.rows("SELECT id, applicant FROM application")
    assert tuple(row) == (ids[stays], kept.id)


@pytest.mark.parametrize("kept_is_poster", [True, False])
async def test_an_application_for_what_is_now_ones_own_job_goes(town: Town, kept_is_poster: bool) -> None:
    one, two = town.person("One"), town.person("Two")
    job = await post(one)
    await two.taps_id(f"jobs:send:{job}")
    await _join(town, *((one, two) if kept_is_poster else (two, one)))
    assert await town.rows("SELECT 1 FROM application") == []
    (row,) = await town.rows("SELECT poster FROM job")
    assert row["poster"] == (one if kept_is_poster else two).id


async def test_persons_joined_one_after_the_other(town: Town) -> None:
    first, second, third = (town.person(name, "250788000111") for name in ("1", "2", "3"))
    await post(first)
    await _join(town, kept=second, folded=first)
    await _join(town, kept=third, folded=second)
    (row,) = await town.rows("SELECT poster FROM job")
    assert row["poster"] == third.id
    assert [row["person"] for row in await town.rows("SELECT person FROM profile")] == [third.id]


async def test_a_new_number_is_known_of_those_who_posted_or_applied(town: Town) -> None:
    boss, other = town.person("Boss", "250788000111"), town.person("Other")
    await post(boss)
    for person, contact, phone in (
        (boss, "250788999998", "250788999998"),
        (other, "250788000222", "250788000222"),
        (boss, "RW.1234567890", "250788999999"),  # a new number and a user id: v1 could not tell the number
        (boss, "RW.1234567891", None),
    ):
        changed = AddressChanged(person=person.id, contact=contact, phone=phone, at=town.now)
        await town.event(changed, person.id)
    rows = await town.rows("SELECT person, phone, name FROM profile")
    assert [tuple(row) for row in rows] == [(boss.id, "250788999999", "Boss")]


@pytest.mark.parametrize("intent", ["jobs_home", "my_jobs", "my_applications"])
async def test_who_comes_back_is_known_by_the_name_and_number_of_today(town: Town, intent: str) -> None:
    boss, other = town.person("Boss", "250788000111"), town.person("Other", "250788000222")
    await post(boss)
    await other.starts(intent)
    boss.name, boss.phone = "  The\nBoss ", "250788999999"
    await boss.starts(intent)
    boss.phone = None
    await boss.starts(intent)
    rows = await town.rows("SELECT person, phone, name FROM profile")
    assert [tuple(row) for row in rows] == [(boss.id, "250788999999", "The Boss")]


async def _phone(town: Town, person: Person) -> str | None:
    (row,) = await town.rows("SELECT phone FROM profile WHERE person = $1", person.id)
    phone: str | None = row["phone"]
    return phone


async def test_a_number_given_up_does_not_come_back(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    await post(boss)
    first, second = (
        AddressChanged(person=boss.id, contact=phone, phone=phone, at=town.now + hours * HOUR)
        for hours, phone in ((1, "250788000222"), (2, "250788000333"))
    )
    for changed in (first, second, first):
        await town.event(changed, boss.id)
    assert await _phone(town, boss) == "250788000333"


async def test_a_number_that_is_somebody_elses_now_is_shown_to_nobody(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    await post(boss)
    for former, phone in (("RW.1", "250788000111"), ("250788000111", None)):
        moved = AddressChanged(person=boss.id, contact="RW.2", former=former, at=town.now - HOUR)
        await town.event(moved, boss.id)
        assert await _phone(town, boss) == phone


async def test_nor_is_it_the_number_of_who_posted_with_another_since(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    before = AddressChanged(person=boss.id, contact="250788000222", phone="250788000222", at=town.now - HOUR)
    await post(boss)
    await town.event(before, boss.id)
    assert await _phone(town, boss) == "250788000111"


async def test_a_turn_of_before_brings_no_old_number_back(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    await post(boss)
    later = AddressChanged(person=boss.id, contact="250788000222", phone="250788000222", at=town.now + HOUR)
    await town.event(later, boss.id)
    await boss.starts("my_jobs")
    assert await _phone(town, boss) == "250788000222"
    await town.passes(hours=2)
    await boss.starts("my_jobs")
    assert await _phone(town, boss) == "250788000111"


async def test_of_several_words_in_one_chunk_the_latest_of_each_kind_stands(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    await post(boss)
    async with town.pool.acquire() as connection, connection.transaction():
        session = Session(connection)
        store = JobStore(session)
        for hours, profile in (
            (2, Profile(phone="250788000333")),
            (3, Profile(name="The Boss")),
            (1, Profile("250788000222", "Boss again")),
        ):
            store.refresh_profile(boss.id, profile, town.now + hours * HOUR)
        await session.flush()
    (row,) = await town.rows("SELECT phone, name, seen_at FROM profile")
    assert tuple(row) == ("250788000333", "The Boss", town.now + 3 * HOUR)


async def test_a_row_from_before_times_were_kept_gives_way(town: Town) -> None:
    boss = town.person("Boss", "250788000111")
    await post(boss)
    await town.pool.execute("UPDATE profile SET seen_at = NULL")
    changed = AddressChanged(person=boss.id, contact="250788000222", phone="250788000222", at=town.now)
    await town.event(changed, boss.id)
    assert await _phone(town, boss) == "250788000222"
