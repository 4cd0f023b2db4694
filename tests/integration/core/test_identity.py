"""Persons and their contacts: made known, joined, readdressed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from consumers.core import inbound
from consumers.core.heard import Heard
from consumers.core.rules import Way
from consumers.domain import Decision
from consumers.runtime.records import Outcome
from schemas.content import Tapped, TextSaid
from schemas.events.conversation import Ended, Leave, TurnRouted, Unclaimed
from schemas.events.core import AddressChanged, OptedIn, OptedOut, PersonSeen, PersonsJoined
from schemas.events.whatsapp import SendMessage
from schemas.ids import uuid5_from
from tests.builders import a_text
from tests.integration.core.house import NOON, House, Phone, none_of, only

PHONE, OTHER = "250788000001", "250788000002"


async def test_a_persons_id_derives_from_the_first_event(house: House) -> None:
    phone = house.phone()
    record = house.record(phone.message(a_text("hi")), house.now)
    await house.chunk([record])
    person = await phone.person()
    assert person == str(uuid5_from(record.event.id.bytes, b"person"))
    assert PHONE not in person
    [row] = await house.rows("SELECT * FROM person")
    assert (str(row["id"]), row["created_at"], row["country"]) == (person, house.now, "RW")


async def test_a_user_id_and_a_phone_in_one_message_are_one_person(house: House) -> None:
    both = house.phone(PHONE, "RW.1")
    await both.says("hi")
    person = await both.person()
    assert await house.phone(PHONE).person() == person
    await house.phone(PHONE).says("hi")
    await house.phone(None, "RW.1").says("hi")
    [row] = await house.rows("SELECT * FROM person")
    assert (str(row["id"]), row["phone"], row["user_id"]) == (person, PHONE, "RW.1")
    assert none_of([event for _, event in house.sent], PersonsJoined, AddressChanged)


async def test_a_known_phone_gets_its_user_id_later(house: House) -> None:
    await house.phone(PHONE).says("hi")
    person = await house.phone(PHONE).person()
    events = await house.phone(PHONE, "RW.1").sends(a_text("hi"))
    assert only(events, PersonSeen).contact == "RW.1"
    assert none_of(events, AddressChanged, PersonsJoined)
    assert await house.phone(None, "RW.1").person() == person
    # And is left alone from then on.
    assert none_of(await house.phone(PHONE, "RW.1").sends(a_text("hi")), PersonSeen)


async def test_two_persons_that_turn_out_to_be_one_are_joined(house: House) -> None:
    by_phone, by_id = house.phone(PHONE), house.phone(None, "RW.1")
    await by_phone.says("book ride")
    older = await by_phone.person()
    house.passes(minutes=1)
    await by_id.says("find jobs")
    await by_id.says("and more")
    younger = await by_id.person()
    assert older != younger
    await _save_a_place(house, younger)
    house.passes(minutes=1)
    events = await house.phone(PHONE, "RW.1").sends(a_text("go on"))
    assert only(events, PersonsJoined) == PersonsJoined(kept=older, folded=younger, at=house.now)
    assert only(events, PersonSeen).contact == "RW.1"
    turn = only(events, TurnRouted)
    assert turn.person == older
    assert turn.turn == 3  # above every number that a domain may have seen of either
    assert [await p.person() for p in (by_phone, by_id)] == [older, older]
    [place] = await house.rows("SELECT person::text FROM saved_place")
    assert place["person"] == older
    # Once.
    assert none_of(await house.phone(PHONE, "RW.1").sends(a_text("go on")), PersonsJoined)


async def test_all_that_happens_within_one_chunk(house: House) -> None:
    by_phone, by_id, both = house.phone(PHONE), house.phone(None, "RW.1"), house.phone(PHONE, "RW.1")
    messages = [by_phone, by_id, both, by_id, by_phone]
    events = await house.hears(*(phone.message(a_text("book ride")) for phone in messages))
    turns = [event for event in events if isinstance(event, TurnRouted)]
    joined = only(events, PersonsJoined)
    assert {joined.kept, joined.folded} == {turns[0].person, turns[1].person}
    assert [turn.person for turn in turns[2:]] == [joined.kept] * 3
    rows = await house.rows("SELECT person::text FROM contact")
    assert [row["person"] for row in rows] == [joined.kept] * 2
    assert len(await house.rows("SELECT 1 FROM person WHERE joined_into IS NULL")) == 1


async def test_what_a_domain_says_of_a_folded_person_counts_for_the_kept_one(house: House) -> None:
    by_phone, by_id = house.phone(PHONE), house.phone(None, "RW.1")
    await by_phone.says("hi")
    house.passes(minutes=1)
    routed = only(await by_id.sends(a_text("book ride")), TurnRouted)
    folded = await by_id.person()
    both = house.phone(PHONE, "RW.1")
    only(await both.sends(a_text("help")), PersonsJoined)
    events = await house.hears(Unclaimed(domain="mobility", routed=routed))
    assert {event.person for event in events if isinstance(event, SendMessage)} == {await by_phone.person()}
    assert await by_phone.person() != folded
    only(await both.sends(a_text("book ride")), TurnRouted)
    await house.hears(Ended(person=folded, turn=9, domain="mobility"))
    [row] = await house.rows("SELECT active FROM person WHERE joined_into IS NULL")
    assert row["active"] is None


async def test_what_comes_of_the_folded_person_in_the_chunk_of_the_join_counts_for_the_kept_one(
    house: House,
) -> None:
    by_phone, by_id, both = house.phone(PHONE), house.phone(None, "RW.1"), house.phone(PHONE, "RW.1")
    await by_phone.says("hi")
    house.passes(minutes=1)
    routed = only(await by_id.sends(a_text("find jobs")), TurnRouted)
    kept = await by_phone.person()
    spoken = routed.model_copy(update={"said": Tapped(id="core:speak:fr", title="Français"), "turn": 4})
    events = await house.hears(
        both.message(a_text("book ride")),
        Ended(person=routed.person, turn=9, domain="mobility"),
        Unclaimed(domain="mobility", routed=routed.model_copy(update={"turn": 3, "intent": None})),
        spoken,
        by_id.message(a_text("downtown")),
    )
    assert only(events, PersonsJoined).folded == routed.person
    assert {event.person for event in events if isinstance(event, TurnRouted)} == {kept}
    [row] = await house.rows("SELECT id::text, active, locale, turn FROM person WHERE joined_into IS NULL")
    assert tuple(row) == (kept, "jobs", "fr", 3)


async def test_a_join_whose_message_fails_after_all_leaves_both_as_they_were(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_phone, by_id, both = house.phone(PHONE), house.phone(None, "RW.1"), house.phone(PHONE, "RW.1")
    await by_phone.says("hi")
    house.passes(minutes=1)
    routed = only(await by_id.sends(a_text("book ride")), TurnRouted)
    monkeypatch.setattr(inbound, "_follow", _refuse)
    ended = Ended(person=routed.person, turn=9, domain="mobility")
    results = await house.chunk(
        [house.record(event, house.now) for event in (both.message(a_text("hi")), ended)]
    )
    assert [result.outcome for result in results] == [Outcome.DEFERRED, Outcome.PROCESSED]
    rows = await house.rows("SELECT active, joined_into FROM person")
    assert [tuple(row) for row in rows] == [(None, None)] * 2


async def test_an_opt_out_survives_a_join(house: House) -> None:
    by_phone, by_id = house.phone(PHONE), house.phone(None, "RW.1")
    await by_phone.says("hi")
    house.passes(minutes=1)
    await by_id.says("STOP")
    events = await house.phone(PHONE, "RW.1").sends(a_text("book ride"))
    assert only(events, OptedOut).person == await by_phone.person()
    assert none_of(events, SendMessage, TurnRouted)


async def test_an_opt_out_of_either_is_told_anew_as_the_last_word_of_both(house: House) -> None:
    by_phone, by_id, both = house.phone(PHONE), house.phone(None, "RW.1"), house.phone(PHONE, "RW.1")
    await by_phone.says("STOP")
    joined_at = house.now + timedelta(minutes=1)
    house.passes(minutes=2)
    for word in ("STOP", "START"):  # by which the sender would take both for opted in
        await by_id.says(word)
    events = await house.hears(both.message(a_text("hi")), at=joined_at)
    assert only(events, OptedOut) == OptedOut(person=await by_phone.person(), at=house.now)
    [row] = await house.rows("SELECT opted_out_at FROM person WHERE joined_into IS NULL")
    assert row["opted_out_at"] == NOON


async def test_start_in_the_message_that_joins_two_is_the_only_word_of_it(house: House) -> None:
    by_phone, by_id, both = house.phone(PHONE), house.phone(None, "RW.1"), house.phone(PHONE, "RW.1")
    await by_phone.says("hi")
    house.passes(minutes=1)
    await by_id.says("STOP")
    house.passes(minutes=1)
    events = await both.sends(a_text("START"))
    assert only(events, OptedIn).person == only(events, PersonsJoined).kept
    assert none_of(events, OptedOut)


async def test_what_the_folded_person_chose_is_kept(house: House) -> None:
    by_phone, by_id = house.phone(PHONE), house.phone(None, "RW.1")
    await by_phone.says("hi")
    house.passes(minutes=1)
    await by_id.taps("core:name")
    await by_id.says("Uwera")
    await by_id.taps("core:speak:fr")
    seen = only(await house.phone(PHONE, "RW.1").sends(a_text("hi")), PersonSeen)
    assert (seen.person, seen.name, seen.locale) == (await by_phone.person(), "Uwera", "fr")


async def test_three_persons_joined_one_after_the_other(house: House) -> None:
    first, second, third = house.phone(PHONE), house.phone(None, "RW.1"), house.phone(OTHER)
    for phone in (first, second, third):
        await phone.says("hi")
        house.passes(minutes=1)
    oldest, middle, youngest = [await phone.person() for phone in (first, second, third)]
    await house.hears(
        house.phone(OTHER, "RW.1").message(a_text("hi")), house.phone(PHONE, "RW.1").message(a_text("hi"))
    )
    joined = house.of(PersonsJoined)
    assert [(event.kept, event.folded) for event in joined] == [(middle, youngest), (oldest, middle)]
    rows = await house.rows("SELECT id::text, joined_into::text FROM person WHERE joined_into IS NOT NULL")
    assert {row["id"]: row["joined_into"] for row in rows} == {middle: oldest, youngest: oldest}
    rows = await house.rows(
        "SELECT contact FROM contact WHERE person = $1 AND retired_at IS NULL", UUID(oldest)
    )
    assert {row["contact"] for row in rows} == {PHONE, "RW.1"}


async def test_a_message_of_nobody_is_not_answered(house: House) -> None:
    message = house.phone(PHONE).message(a_text("hi")).model_copy(update={"contact": "", "phone": None})
    assert await house.hears(message) == []


async def test_words_about_nobody_are_not_heeded(house: House) -> None:
    routed = TurnRouted(person="x", contact="y", turn=1, said=TextSaid(body="hi"), at=house.now, wamid="")
    for event in (
        Ended(person="no uuid", turn=1, domain="jobs"),
        Ended(person="00000000-0000-4000-8000-000000000000", turn=1, domain="jobs"),
        Unclaimed(domain="jobs", routed=routed),
        Leave(person="no uuid", turn=1),
    ):
        assert await house.hears(event) == []


async def test_two_members_that_see_a_new_contact_at_once_make_one_person(house: House) -> None:
    async def one(number: int) -> None:
        # In another order each time, and each with a message of its own.
        phones = [house.phone(f"2507880000{n:02}", f"RW.{n}") for n in range(20)]
        records = [house.record(phone.message(a_text("book ride")), house.now) for phone in phones]
        await house.chunk(records if number % 2 else records[::-1])

    await asyncio.gather(*(one(number) for number in range(4)))
    assert len(await house.rows("SELECT 1 FROM person")) == 20
    assert len(await house.rows("SELECT DISTINCT person FROM contact")) == 20
    rows = await house.rows("SELECT turn FROM person")
    assert {row["turn"] for row in rows} == {4}


async def test_a_join_beside_messages_of_both_loses_none_of_them(house: House) -> None:
    by_phone, by_id, both = house.phone(PHONE), house.phone(None, "RW.1"), house.phone(PHONE, "RW.1")
    await by_phone.says("book ride")
    house.passes(minutes=1)
    await by_id.says("book ride")

    async def one(phone: Phone) -> None:
        await house.chunk([house.record(phone.message(a_text("go on")), house.now)])

    await asyncio.gather(*(one(phone) for phone in (by_phone, by_id, both, by_phone, by_id, both)))
    [kept] = await house.rows("SELECT id, turn, window_count FROM person WHERE joined_into IS NULL")
    [folded] = await house.rows("SELECT turn, joined_into FROM person WHERE joined_into IS NOT NULL")
    assert folded["joined_into"] == kept["id"]
    rows = await house.rows("SELECT person FROM contact WHERE retired_at IS NULL")
    assert {row["person"] for row in rows} == {kept["id"]}


def _refuse(way: Way, heard: Heard) -> Decision:
    raise ValueError(way.kind, heard.said)


async def _save_a_place(house: House, person: str) -> None:
    await house.pool.execute(
        "INSERT INTO saved_place VALUES ($1::uuid, 'home', '', -1.9, 30.0, NULL, now())", person
    )
