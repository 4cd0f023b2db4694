"""A phone number is seen with another user id, and nobody told of a change: it is another human being."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from consumers.core.store import PersonStore
from consumers.runtime.records import Outcome
from infra.postgres.session import Conflict, Session
from schemas.events.conversation import Ended, TurnRouted
from schemas.events.core import AddressChanged, PersonSeen, PersonsJoined
from tests.builders import a_message, a_text
from tests.integration.core.house import House, Phone, none_of, only

PHONE, OTHER = "250788000001", "250788000002"


async def reached_at(house: House, person: str) -> tuple[str, str | None, str | None]:
    """The contact, phone and user id of a person."""
    [row] = await house.rows("SELECT contact, phone, user_id FROM person WHERE id = $1::uuid", person)
    return row["contact"], row["phone"], row["user_id"]


async def test_a_new_user_id_for_a_known_phone_is_somebody_new_who_has_the_phone_now(house: House) -> None:
    first, second = house.phone(PHONE, "RW.1"), house.phone(PHONE, "RW.2")
    await first.says("book ride")
    owner = await first.person()
    house.passes(minutes=1)
    events = await second.sends(a_text("find jobs"))
    stranger = await second.person()
    assert stranger != owner
    assert only(events, AddressChanged) == AddressChanged(
        person=owner, contact="RW.1", former=PHONE, phone=None, at=house.now
    )
    seen, turn = only(events, PersonSeen), only(events, TurnRouted)
    assert (seen.person, seen.contact, seen.phone) == (stranger, "RW.2", PHONE)
    assert (turn.person, turn.turn, turn.phone) == (stranger, 1, PHONE)
    assert await reached_at(house, owner) == ("RW.1", None, "RW.1")
    # Both go on as who they are; the phone alone stands for whoever has it now.
    house.passes(minutes=1)
    assert only(await house.phone(None, "RW.1").sends(a_text("go on")), TurnRouted).person == owner
    assert only(await house.phone(PHONE).sends(a_text("go on")), TurnRouted).person == stranger
    events = await second.sends(a_text("go on"))
    assert none_of(events, AddressChanged, PersonsJoined)
    assert only(events, TurnRouted).person == stranger


async def test_somebody_known_takes_over_the_phone_of_somebody_else(house: House) -> None:
    first, second = house.phone(PHONE, "RW.1"), house.phone(OTHER, "RW.2")
    await first.says("hi")
    await second.says("book ride")
    owner, other = await first.person(), await second.person()
    house.passes(minutes=1)
    events = await house.phone(PHONE, "RW.2").sends(a_text("go on"))
    assert none_of(events, PersonsJoined)
    assert only(events, TurnRouted).person == other
    assert await reached_at(house, owner) == ("RW.1", None, "RW.1")
    assert await reached_at(house, other) == ("RW.2", PHONE, "RW.2")
    house.passes(minutes=1)
    assert only(await house.phone(OTHER).sends(a_text("book ride")), TurnRouted).person not in (owner, other)


async def test_who_was_last_heard_by_the_phone_alone_is_reached_by_the_user_id(house: House) -> None:
    await house.phone(PHONE, "RW.1").says("hi")
    house.passes(minutes=1)
    await house.phone(PHONE).says("hi")
    owner = await house.phone(PHONE).person()
    house.passes(minutes=1)
    change = only(await house.phone(PHONE, "RW.2").sends(a_text("hi")), AddressChanged)
    assert (change.person, change.contact, change.phone) == (owner, "RW.1", None)
    assert await reached_at(house, owner) == ("RW.1", None, "RW.1")


async def test_all_of_it_within_one_chunk(house: House) -> None:
    first, second, bare = house.phone(PHONE, "RW.1"), house.phone(PHONE, "RW.2"), house.phone(PHONE)
    messages = [phone.message(a_text("book ride")) for phone in (bare, first, second, bare, second, first)]
    results = await house.chunk([house.record(message, house.now) for message in messages])
    assert {result.outcome for result in results} == {Outcome.PROCESSED}
    rows = await house.rows("SELECT user_id, turn, joined_into FROM person ORDER BY user_id")
    # The last message is the first one's again, who so has the phone back.
    assert [tuple(row) for row in rows] == [("RW.1", 3, None), ("RW.2", 3, None)]
    assert await bare.person() == await first.person() != await second.person()


async def test_a_late_message_takes_no_phone_back(house: House) -> None:
    first, second = house.phone(PHONE, "RW.1"), house.phone(PHONE, "RW.2")
    await first.says("hi")
    owner, sent_at = await first.person(), house.now + timedelta(minutes=1)
    house.passes(minutes=2)
    await second.says("hi")
    events = await house.hears(first.message(a_text("book ride")), at=sent_at)
    assert only(events, TurnRouted).person == owner
    assert none_of(events, AddressChanged, PersonsJoined)
    assert await house.phone(PHONE).person() == await second.person()
    assert await reached_at(house, owner) == ("RW.1", None, "RW.1")


async def test_a_new_user_id_that_is_told_of_afterwards_is_the_same_person_after_all(house: House) -> None:
    first, second = house.phone(PHONE, "RW.1"), house.phone(PHONE, "RW.2")
    await first.says("book ride")
    owner, changed_at = await first.person(), house.now + timedelta(minutes=1)
    house.passes(minutes=2)
    await second.says("hi")
    told = {"type": "user_changed_user_id", "user_id": "RW.2", "previous_user_id": "RW.1"}
    message = house.phone(None, "RW.1").message(a_message("system", told))
    assert only(await house.hears(message, at=changed_at), PersonsJoined).kept == owner
    assert await reached_at(house, owner) == ("RW.2", PHONE, "RW.2")
    assert only(await second.sends(a_text("go on")), TurnRouted).person == owner


async def test_a_change_to_a_number_that_was_another_ones_joins_nobody(house: House) -> None:
    old, other = house.phone(PHONE, "RW.1"), house.phone(OTHER, "RW.2")
    await other.says("hi")
    await old.says("book ride")
    person, stranger = await old.person(), await other.person()
    for more in ({}, {"user_id": "RW.3", "previous_user_id": "RW.1"}):
        house.passes(minutes=1)
        told = {"type": "user_changed_number", "wa_id": OTHER, **more}
        assert none_of(await old.sends(a_message("system", told)), PersonsJoined)
    assert await reached_at(house, stranger) == ("RW.2", None, "RW.2")
    assert await reached_at(house, person) == ("RW.3", OTHER, "RW.3")
    assert only(await house.phone(OTHER, "RW.3").sends(a_text("go on")), TurnRouted).person == person


async def test_a_change_of_somebody_unknown_gives_nobodys_account_away(house: House) -> None:
    other = house.phone(OTHER, "RW.2")
    await other.says("hi")
    house.passes(minutes=1)
    told = {"type": "user_changed_number", "wa_id": OTHER, "user_id": "RW.3", "previous_user_id": "RW.1"}
    message = house.phone(PHONE, "RW.1").message(a_message("system", told))
    [result] = await house.chunk([house.record(message, house.now)])
    assert result.outcome is Outcome.DEFERRED
    assert await reached_at(house, await other.person()) == ("RW.2", OTHER, "RW.2")


async def test_whose_phone_was_taken_over_meanwhile_is_not_written_with_it(house: House) -> None:
    first, second = house.phone(PHONE, "RW.1"), house.phone(PHONE, "RW.2")
    await first.says("hi")
    owner = await first.person()
    house.passes(minutes=1)
    ended = Ended(person=owner, turn=1, domain="jobs")
    for save in (PersonStore.save, PersonStore.save_identity):
        async with house.pool.acquire() as connection:
            session = Session(connection)
            persons = PersonStore(session)
            await persons.load([(house.record(ended, house.now).event, ended, owner)])
            person = persons.find(owner)
            assert person is not None
            await second.says("hi")
            save(persons, person)
            with pytest.raises(Conflict):
                await session.flush()
        await first.says("hi")  # has it back


async def test_messages_of_both_at_once_leave_the_phone_to_one_of_them(house: House) -> None:
    first, second = house.phone(PHONE, "RW.1"), house.phone(PHONE, "RW.2")
    await first.says("book ride")
    house.passes(minutes=1)

    async def one(phone: Phone, number: int) -> None:
        phone.name = f"Ange {number}"
        await house.chunk([house.record(phone.message(a_text("go on")), house.now)])

    by_id = house.phone(None, "RW.1")
    await asyncio.gather(*(one(phone, number) for number in range(5) for phone in (by_id, second)))
    owner, stranger = await by_id.person(), await second.person()
    assert await house.phone(PHONE).person() == stranger != owner
    assert await reached_at(house, owner) == ("RW.1", None, "RW.1")
    assert await reached_at(house, stranger) == ("RW.2", PHONE, "RW.2")
