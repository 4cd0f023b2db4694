"""What core tells of persons comes in any order, and several things within one second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consumers.sender.store.addresses import AddressStore
from infra.postgres.session import Session
from schemas import topics
from schemas.content import TextContent
from schemas.events.core import AddressChanged, OptedIn, OptedOut, PersonSeen, PersonsJoined
from schemas.events.whatsapp import SendMessage
from schemas.model import EventData
from tests.integration.sender.office import Office, a_number, person
from tests.waiting import eventually

NOW = datetime.now(UTC).replace(microsecond=0)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


async def hears(office: Office, data: EventData, key: str, who: str, **then: object) -> None:
    """Core tells something; wait until the row of somebody is so."""
    await office.tells(topics.CORE_EVENTS, key, data)
    await is_so(office, who, **then)


async def is_so(office: Office, who: str, **then: object) -> None:
    async def there() -> bool:
        row = await office.address(who)
        return row is not None and all(row[name] == value for name, value in then.items())

    await eventually(there)


@pytest.mark.parametrize("out_last", [True, False])
async def test_of_stop_and_start_in_one_second_the_last_counts(session: Session, out_last: bool) -> None:
    store = AddressStore(session)
    for n in range(40):
        store.opted(f"other-{n}", NOW, out=True)
    store.opted("person-x", NOW, out=not out_last)
    store.opted("person-x", NOW, out=out_last)
    await session.flush()
    row = await session.fetch_row("SELECT opted_out FROM address WHERE person = 'person-x'")
    assert row is not None
    assert row["opted_out"] is out_last


async def test_of_two_changes_in_one_second_the_last_counts(session: Session) -> None:
    store = AddressStore(session)
    for phone in ("250788000002", "250788000003"):
        store.changed(AddressChanged(person="person-x", contact=phone, former=None, phone=phone, at=NOW))
    await session.flush()
    row = await session.fetch_row("SELECT phone FROM address WHERE person = 'person-x'")
    assert row is not None
    assert row["phone"] == "250788000003"


async def test_start_of_the_folded_person_that_is_heard_of_after_the_join(
    office: Office, aline: str, eric: str
) -> None:
    kept, folded = person(aline), person(eric)
    await office.meets(aline)
    await office.meets(eric)
    at = datetime.now(UTC)
    await hears(office, OptedOut(person=folded, at=at), folded, eric, opted_out=True)
    join = PersonsJoined(kept=kept, folded=folded, at=at + 2 * SECOND)
    await hears(office, join, kept, eric, joined_into=kept)
    await is_so(office, aline, opted_out=True)
    await hears(office, OptedIn(person=folded, at=at + SECOND), folded, aline, opted_out=False)


async def test_a_chain_of_joins_that_is_heard_of_in_the_other_order(
    office: Office, aline: str, eric: str
) -> None:
    """Eric into Aline, then Aline into Claude, who says STOP."""
    claude = a_number()
    for who in (claude, aline, eric):
        await office.meets(who)
    at = datetime.now(UTC)
    last = PersonsJoined(kept=person(claude), folded=person(aline), at=at)
    await hears(office, last, person(claude), aline, joined_into=person(claude))
    first = PersonsJoined(kept=person(aline), folded=person(eric), at=at)
    await hears(office, first, person(aline), eric, joined_into=person(claude))
    out = OptedOut(person=person(claude), at=at + MINUTE)
    await hears(office, out, person(claude), claude, opted_out=True)
    row = await office.becomes(await office.asks(eric, "after STOP"))
    assert (row["state"], row["error"]) == ("not_sent", "opted_out")


@pytest.mark.parametrize("reply_first", [False, True])
async def test_a_late_change_of_somebody_who_is_known_by_the_new_id(
    office: Office, aline: str, reply_first: bool
) -> None:
    """Her former number was given up: it is a stranger's."""
    new = a_number()
    new_id, old = f"RW.{new}", person(aline)
    first = f"person-{new_id}"
    for who in (aline, new):
        await office.simulator.chat(who).says("hi")
    known = PersonSeen(person=old, contact=f"RW.{aline}", phone=aline, at=NOW - 5 * MINUTE)
    await hears(office, known, old, aline, phone=aline)
    if reply_first:  # it carries no number
        wish = SendMessage(
            person=first, content=TextContent(body="hi"), contact=new_id, heard_at=NOW - 3 * MINUTE
        )
        await office.becomes(await office.tells(topics.OUTBOUND, first, wish))
    else:
        seen = PersonSeen(person=first, contact=new_id, phone=None, at=NOW - 3 * MINUTE)
        await office.tells(topics.CORE_EVENTS, first, seen)
        await office.rows_become(f"SELECT FROM address WHERE person = '{first}'")
    changed_at = NOW - 4 * MINUTE
    await office.tells(topics.CORE_EVENTS, old, PersonsJoined(kept=old, folded=first, at=changed_at))
    last = PersonSeen(person=old, contact=new_id, phone=new, at=changed_at, locale="fr")
    await office.tells(topics.CORE_EVENTS, old, last)
    await is_so(office, aline, contact=new_id)
    await office.becomes(await office.asks(aline, "you have 5,000 tokens"))
    assert office.bodies(aline) == []


async def test_an_answer_to_what_came_after_start_does_not_wait_for_the_opt_in(
    office: Office, aline: str
) -> None:
    await office.meets(aline)
    at = datetime.now(UTC)
    await hears(office, OptedOut(person=person(aline), at=at), person(aline), aline, opted_out=True)
    wish = await office.asks(aline, "the menu", contact=aline, heard_at=at + 4 * SECOND)
    assert (await office.becomes(wish))["error"] is None
