"""WhatsApp tells that somebody has another number or user id."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from consumers.runtime.policy import RetryPolicy
from consumers.runtime.records import Outcome
from schemas import topics
from schemas.events.conversation import TurnRouted
from schemas.events.core import AddressChanged, PersonSeen, PersonsJoined
from schemas.events.whatsapp import SendMessage
from tests.builders import a_message, a_text
from tests.integration.core.house import House, none_of, only

PHONE, OTHER, THIRD = "250788000001", "250788000002", "250788000003"


def a_number_change(new: str, **more: str) -> dict[str, Any]:
    """What WhatsApp says when somebody changes numbers."""
    return a_message("system", {"type": "user_changed_number", "wa_id": new, **more})


async def test_a_changed_number_moves_the_person(house: House) -> None:
    old, new = house.phone(PHONE), house.phone(OTHER)
    await old.says("book ride")
    person = await old.person()
    house.passes(minutes=1)
    events = await old.sends(a_number_change(OTHER))
    change = only(events, AddressChanged)
    assert (change.person, change.contact, change.former) == (person, OTHER, PHONE)
    assert none_of(events, SendMessage, TurnRouted)
    house.passes(minutes=1)
    turn = only(await new.sends(a_text("go on")), TurnRouted)
    assert (turn.person, turn.phone, turn.turn) == (person, OTHER, 2)
    # The old number belongs to whoever gets it now.
    stranger = only(await old.sends(a_text("book ride")), TurnRouted)
    assert stranger.person != person
    assert stranger.turn == 1


async def test_a_number_given_up_goes_to_a_person_who_is_known_already(house: House) -> None:
    old, other = house.phone(PHONE), house.phone(None, "RW.9")
    await old.says("hi")
    await other.says("hi")
    house.passes(minutes=1)
    await old.sends(a_number_change(OTHER))
    house.passes(minutes=1)
    events = await house.phone(PHONE, "RW.9").sends(a_text("book ride"))
    assert none_of(events, PersonsJoined)
    assert only(events, TurnRouted).person == await other.person() == await house.phone(PHONE).person()


async def test_a_number_given_up_in_the_same_chunk_is_a_strangers(house: House) -> None:
    old, new = house.phone(PHONE), house.phone(OTHER)
    await old.says("book ride")
    person = await old.person()
    changed_at = house.now + timedelta(minutes=1)
    house.passes(minutes=2)
    results = await house.chunk(
        [
            house.record(old.message(a_number_change(OTHER)), changed_at),
            house.record(old.message(a_text("book ride")), house.now),
            house.record(new.message(a_text("go on")), house.now),
        ]
    )
    assert {result.outcome for result in results} == {Outcome.PROCESSED}
    assert await new.person() == person != await old.person()
    rows = await house.rows("SELECT phone, turn FROM person ORDER BY created_at")
    assert [tuple(row) for row in rows] == [(OTHER, 2), (PHONE, 1)]


async def test_a_number_given_up_in_the_same_chunk_joins_nobody_with_whom_it_belonged_to(
    house: House,
) -> None:
    old, other = house.phone(PHONE), house.phone(None, "RW.9")
    await old.says("hi")
    await other.says("hi")
    person, stranger = await old.person(), await other.person()
    changed_at = house.now + timedelta(minutes=1)
    house.passes(minutes=2)
    await house.chunk(
        [
            house.record(old.message(a_number_change(OTHER)), changed_at),
            house.record(house.phone(PHONE, "RW.9").message(a_text("hi")), house.now),
        ]
    )
    assert await house.phone(OTHER).person() == person
    assert await old.person() == await other.person() == stranger
    assert await house.rows("SELECT 1 FROM person WHERE joined_into IS NOT NULL") == []


async def test_a_changed_number_brings_a_new_user_id(house: House) -> None:
    old = house.phone(PHONE, "RW.1")
    await old.says("hi")
    house.passes(minutes=1)
    events = await old.sends(a_number_change("256772000001", user_id="UG.2", previous_user_id="RW.1"))
    change = only(events, AddressChanged)
    assert (change.contact, change.former, change.phone) == ("UG.2", "RW.1", "256772000001")
    assert only(events, PersonSeen).country == "UG"
    house.passes(minutes=1)
    seen = await house.phone("256772000001", "UG.2").sends(a_text("book ride"))
    assert none_of(seen, PersonSeen, AddressChanged)
    assert only(seen, TurnRouted).person == change.person


async def test_a_number_change_that_comes_after_the_first_message_from_the_new_number(house: House) -> None:
    old, new = house.phone(PHONE, "RW.1"), house.phone(OTHER, "RW.2")
    await old.says("book ride")
    person = await old.person()
    changed_at = house.now + timedelta(minutes=1)
    house.passes(minutes=2)
    await new.says("book ride")
    events = await house.hears(old.message(a_number_change(OTHER)), at=changed_at)
    assert only(events, PersonsJoined).kept == person
    assert only(events, AddressChanged).former == "RW.1"
    [row] = await house.rows("SELECT * FROM person WHERE joined_into IS NULL")
    assert (row["phone"], row["user_id"]) == (OTHER, "RW.2")
    assert only(await new.sends(a_text("go on")), TurnRouted).person == person


async def test_the_same_change_told_twice_is_one_change(house: House) -> None:
    old = house.phone(PHONE)
    await old.says("hi")
    house.passes(minutes=1)
    assert only(await old.sends(a_number_change(OTHER)), AddressChanged)
    assert await old.sends(a_number_change(OTHER)) == []


async def test_a_new_key_takes_no_address_away(house: House) -> None:
    phone = house.phone(PHONE, "RW.1")
    await phone.says("book ride")
    person = await phone.person()
    house.passes(minutes=1)
    told = {"type": "customer_identity_changed", "wa_id": PHONE, "identity": "x"}
    key = {**a_message("system", told), "from_user_id": "RW.1"}
    assert await phone.sends(key) == []
    house.passes(minutes=1)
    assert only(await house.phone(None, "RW.1").sends(a_text("go on")), TurnRouted).person == person
    assert await house.rows("SELECT 1 FROM contact WHERE retired_at IS NOT NULL") == []


async def test_a_user_id_that_changed_alone(house: House) -> None:
    await house.phone(None, "RW.1").says("hi")
    person = await house.phone(None, "RW.1").person()
    house.passes(minutes=1)
    message = a_message(
        "system", {"type": "user_changed_user_id", "user_id": "RW.2", "previous_user_id": "RW.1"}
    )
    change = only(await house.phone(None, "RW.1").sends(message), AddressChanged)
    assert (change.contact, change.former) == ("RW.2", "RW.1")
    assert await house.phone(None, "RW.2").person() == person


async def test_an_old_message_that_arrives_after_the_change_changes_nothing_back(house: House) -> None:
    old, sent_at = house.phone(PHONE), house.now
    await old.says("book ride")
    person = await old.person()
    house.passes(minutes=1)
    await old.sends(a_number_change(OTHER))
    house.passes(minutes=1)
    turn = only(await house.hears(old.message(a_text("go on")), at=sent_at), TurnRouted)
    assert turn.person == person
    [row] = await house.rows("SELECT contact, phone FROM person")
    assert (row["contact"], row["phone"]) == (OTHER, OTHER)


async def test_two_changes_that_arrive_in_the_wrong_order_are_made_in_the_right_one(house: House) -> None:
    first, second, third = house.phone(PHONE), house.phone(OTHER), house.phone(THIRD)
    await first.says("book ride")
    person = await first.person()
    moved_at, moved_again_at = house.now + timedelta(minutes=1), house.now + timedelta(minutes=2)
    house.passes(minutes=3)
    again = second.message(a_number_change(THIRD))
    [result] = await house.chunk([house.record(again, moved_again_at)])
    assert result.outcome is Outcome.DEFERRED
    assert [output.topic for output in result.outputs] == [topics.DEAD_LETTERS]  # nobody is told sorry
    assert only(await house.hears(first.message(a_number_change(OTHER)), at=moved_at), AddressChanged)
    [result] = await house.chunk([house.record(again, moved_again_at, attempt=1)])
    assert result.outcome is Outcome.PROCESSED
    [row] = await house.rows("SELECT id::text, contact, phone FROM person")
    assert tuple(row) == (person, THIRD, THIRD)
    assert only(await third.sends(a_text("go on")), TurnRouted).person == person


async def test_a_change_of_somebody_unknown_is_a_dead_letter_in_the_end(house: House) -> None:
    change = house.phone(PHONE).message(a_number_change(OTHER))
    house.frame = replace(house.frame, policy=RetryPolicy(delays=()))  # as after the last try
    [result] = await house.chunk([house.record(change, house.now)])
    assert result.outcome is Outcome.DEAD
    [letter] = [output for output in result.outputs if output.topic == topics.DEAD_LETTERS]
    assert any(b"somebody who is not known" in value for _, value in letter.headers)
    assert await house.rows("SELECT 1 FROM person") == []
