"""What Meta delivers out of its order: core and the sender come to the same end."""

from __future__ import annotations

from datetime import timedelta

from schemas.events.core import AddressChanged, OptedIn, OptedOut, PersonSeen, PersonsJoined
from tests.builders import a_text
from tests.integration.core.house import House, only
from tests.integration.core.test_changes_of_address import OTHER, PHONE, a_number_change


async def test_a_start_that_comes_after_a_later_stop_is_the_older_word(house: House) -> None:
    phone = house.phone()
    await phone.says("hi")
    house.passes(minutes=5)
    start, started_at = phone.message(a_text("START")), house.now
    house.passes(seconds=5)
    assert only(await phone.sends(a_text("STOP")), OptedOut).at == house.now
    assert not [each for each in await house.hears(start, at=started_at) if isinstance(each, OptedIn)]
    (row,) = await house.rows("SELECT opted_out_at FROM person")
    assert row["opted_out_at"] is not None
    house.passes(minutes=5)
    assert only(await phone.sends(a_text("START")), OptedIn).at == house.now  # and brings them back for both


async def test_what_a_late_change_tells_is_the_last_word_of_both(house: House) -> None:
    old, new = house.phone(PHONE, "RW.1"), house.phone(None, "RW.2")
    await old.says("book ride")
    person = await old.person()
    changed_at = house.now + timedelta(minutes=1)
    house.passes(minutes=2)
    first = only(await new.sends(a_text("book ride")), PersonSeen)
    events = await house.hears(old.message(a_number_change(OTHER, user_id="RW.2")), at=changed_at)
    assert only(events, PersonsJoined).kept == person
    change = only(events, AddressChanged)
    assert (change.contact, change.phone) == ("RW.2", OTHER)
    assert change.at >= first.at


async def test_a_number_that_is_gone_is_named_as_gone(house: House) -> None:
    """Of somebody who hides their new number, Meta tells the new id alone."""
    old = house.phone(PHONE, "RW.1")
    await old.says("hi")
    house.passes(minutes=1)
    message = a_number_change("x", user_id="RW.2")
    del message["system"]["wa_id"]
    change = only(await old.sends(message), AddressChanged)
    assert (change.former, change.phone) == (PHONE, None)


async def test_stop_and_start_of_one_second_have_one_time(house: House) -> None:
    """The sender can tell their order by their places alone."""
    phone = house.phone()
    await phone.says("hi")
    house.passes(minutes=1)
    events = await house.hears(phone.message(a_text("STOP")), phone.message(a_text("START")))
    assert only(events, OptedIn).at == only(events, OptedOut).at
