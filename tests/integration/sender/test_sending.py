"""Messages go out: once, in order, to the right place, in the form that is allowed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from schemas import topics
from schemas.content import MediaContent, TemplateContent, TextContent
from schemas.events.core import AddressChanged, AddressChangedV1, OptedIn, OptedOut, PersonsJoined
from schemas.events.whatsapp import SendMessage
from schemas.model import EventData
from tests.integration.sender.office import Office, person
from tests.waiting import eventually

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 100).decode()


async def test_a_reply_goes_out_once(office: Office, aline: str) -> None:
    chat = await office.meets(aline)
    wish = await office.asks(aline, "Muraho!")
    heard = await chat.hears("Muraho!")
    row = await office.becomes(wish)
    assert (row["state"], row["wamid"], row["person"]) == ("accepted", heard.id, person(aline))
    assert heard.callback_data == str(wish)


async def test_a_repeat_of_the_wish_changes_nothing(office: Office, aline: str) -> None:
    await office.meets(aline)
    wish = await office.asks(aline, "once")
    await office.becomes(wish)
    again = SendMessage(person=person(aline), content=TextContent(body="once"))
    await office.tells(topics.OUTBOUND, person(aline), again, id=wish)
    await office.becomes(await office.asks(aline, "after"))
    assert office.bodies(aline) == ["once", "after"]


async def test_messages_to_one_person_keep_their_order(office: Office, aline: str) -> None:
    await office.meets(aline)
    wishes = [await office.asks(aline, f"number {n}") for n in range(20)]
    await office.becomes(wishes[-1])
    assert office.bodies(aline) == [f"number {n}" for n in range(20)]


async def test_somebody_known_from_the_turn_alone_is_reached(office: Office, eric: str) -> None:
    await office.simulator.chat(eric).says("hi")
    wish = await office.asks(eric, "Karibu", contact=eric, heard_at=datetime.now(UTC))
    await office.becomes(wish)
    row = await office.address(eric)
    assert row is not None
    assert row["contact"] == eric
    await office.becomes(await office.asks(eric, "once more"))  # and is known from now on


async def test_somebody_who_hides_the_number_is_reached_by_their_id(office: Office, eric: str) -> None:
    chat = office.simulator.chat(user_id="RW.1234567")
    await chat.says("hi")
    wish = await office.asks(eric, "Karibu", contact="RW.1234567", heard_at=datetime.now(UTC))
    await office.becomes(wish)
    await chat.hears("Karibu")


async def test_a_file_is_uploaded_first(office: Office, aline: str) -> None:
    chat = await office.meets(aline)
    picture = MediaContent(media="image", data=PNG, mime_type="image/png", caption="Scan me")
    await office.becomes(await office.asks(aline, picture))
    assert (await chat.hears("Scan me")).media_id


async def test_whoever_opted_out_hears_the_confirmation_and_nothing_more(office: Office, aline: str) -> None:
    await office.meets(aline)
    out = OptedOut(person=person(aline), at=datetime.now(UTC))
    await office.tells(topics.CORE_EVENTS, person(aline), out)
    await eventually(lambda: _opted_out(office, aline, expected=True))
    await office.becomes(await office.asks(aline, "You hear no more of us", despite_opt_out=True))
    row = await office.becomes(await office.asks(aline, "an offer"))
    assert (row["state"], row["error"]) == ("not_sent", "opted_out")
    back = OptedIn(person=person(aline), at=datetime.now(UTC))
    await office.tells(topics.CORE_EVENTS, person(aline), back)
    await office.tells(topics.CORE_EVENTS, person(aline), out)  # a repeat, late
    await eventually(lambda: _opted_out(office, aline, expected=False))
    await office.becomes(await office.asks(aline, "Welcome back"))
    assert office.bodies(aline) == ["You hear no more of us", "Welcome back"]


async def _opted_out(office: Office, aline: str, *, expected: bool) -> bool:
    row = await office.address(aline)
    return row is not None and row["opted_out"] is expected


@pytest.mark.parametrize(
    ("locale", "heard", "sent"),
    [
        ("fr", "Votre trajet RAA approche.", "reminder/fr"),
        ("rw", "Your trip RAA is near.", "reminder/en"),  # not translated
    ],
)
async def test_after_24_hours_a_template_goes_out(
    office: Office, locale: str, heard: str, sent: str, aline: str
) -> None:
    chat = await office.meets(aline, locale, hours_ago=25)
    wish = await office.asks(aline, "free text", template="reminder", template_variables=("RAA",))
    row = await office.becomes(wish)
    assert row["template"] == sent
    await chat.hears_next(heard)


async def test_when_meta_alone_knows_that_the_window_is_closed(office: Office, aline: str) -> None:
    chat = await office.meets(aline, "fr")
    await chat.was_silent()
    wish = await office.asks(aline, "free text", template="reminder", template_variables=("RAA",))
    assert (await office.becomes(wish))["template"] == "reminder/fr"
    await chat.hears_next("Votre trajet RAA approche.")


async def test_after_24_hours_without_a_template_nothing_is_sent(office: Office, aline: str) -> None:
    await office.meets(aline, hours_ago=25)
    row = await office.becomes(await office.asks(aline, "free text"))
    assert (row["state"], row["error"]) == ("not_sent", "outside_window")
    assert office.bodies(aline) == []


async def test_what_waited_for_a_day_is_not_sent_any_more(office: Office, aline: str) -> None:
    await office.meets(aline)
    wish = SendMessage(person=person(aline), content=TextContent(body="old"))
    asked = datetime.now(UTC) - timedelta(hours=25)
    row = await office.becomes(await office.tells(topics.OUTBOUND, wish.person, wish, time=asked))
    assert (row["state"], row["error"]) == ("not_sent", "expired")


async def test_a_template_that_does_not_exist_is_dead(office: Office, aline: str) -> None:
    await office.meets(aline)
    wish = await office.asks(aline, TemplateContent(name="nothing", language="fr"))
    await office.ends(wish, "dead")
    row = await office.message(wish)
    assert row is not None
    assert (row["state"], row["error_code"]) == ("failed", 132001)
    assert office.bodies(aline) == []


async def test_the_pair_s_rate_holds_back_that_person_alone(office: Office, aline: str, eric: str) -> None:
    await office.meets(aline)
    await office.meets(eric)
    far = datetime.now(UTC) + timedelta(hours=1)
    await office.database.execute(
        "UPDATE sender.address SET pair_spoken_for = $1 WHERE person = $2", far, person(aline)
    )
    first = await office.asks(aline, "first")
    row = await office.waits(first, "pair_rate")
    assert row["tries"] == 0
    second = await office.asks(aline, "second")
    await office.waits(second, "")
    await office.becomes(await office.asks(eric, "to Eric"))
    await office.database.execute("UPDATE sender.address SET pair_spoken_for = NULL")
    await office.make_due()
    await office.becomes(second)
    assert office.bodies(aline) == ["first", "second"]


async def test_a_message_takes_from_the_pair_s_rate(office: Office, aline: str) -> None:
    await office.meets(aline)
    before = datetime.now(UTC)
    for n in range(3):
        await office.becomes(await office.asks(aline, f"{n}"))
    row = await office.address(aline)
    assert row is not None
    taken = (row["pair_spoken_for"] - before).total_seconds()
    assert 18 <= taken <= 18 + (datetime.now(UTC) - before).total_seconds()


@pytest.mark.parametrize("version", [1, 2])
async def test_a_number_that_changed_is_used(office: Office, aline: str, eric: str, version: int) -> None:
    await office.meets(aline)
    await office.simulator.chat(eric).says("hi")
    at = datetime.now(UTC)
    change: EventData = AddressChanged(person=person(aline), contact=eric, former=aline, phone=eric, at=at)
    if version == 1:  # lifted, as in a replay
        change = AddressChangedV1(person=person(aline), contact=eric, former=aline, at=at)
    await office.tells(topics.CORE_EVENTS, person(aline), change)

    async def changed() -> bool:
        row = await office.address(aline)
        return row is not None and (row["contact"], row["phone"]) == (eric, eric)

    await eventually(changed)
    await office.becomes(await office.asks(aline, "to the new number"))
    assert office.bodies(eric) == ["to the new number"]
    assert office.bodies(aline) == []


async def test_what_was_asked_from_a_new_number_goes_there_before_anybody_heard_of_the_change(
    office: Office, aline: str, eric: str
) -> None:
    """All within one second, as Meta tells it; and what was asked from the former one a moment earlier."""
    await office.meets(aline)
    await office.simulator.chat(eric).says("hi")
    row = await office.address(aline)
    assert row is not None
    second = row["contact_at"]
    await office.becomes(await office.asks(aline, "from the new number", contact=eric, heard_at=second))
    assert (office.bodies(eric), office.bodies(aline)) == (["from the new number"], [])
    change = AddressChanged(person=person(aline), contact=eric, former=aline, phone=eric, at=second)
    await office.tells(topics.CORE_EVENTS, person(aline), change)

    async def changed() -> bool:
        row = await office.address(aline)
        return row is not None and row["contact_at"] > second

    await eventually(changed)
    await office.becomes(await office.asks(aline, "from the former one", contact=aline, heard_at=second))
    assert (len(office.bodies(eric)), office.bodies(aline)) == (2, [])


async def test_two_persons_who_are_one_are_reached_at_the_newer_address(
    office: Office, aline: str, eric: str
) -> None:
    await office.meets(aline, hours_ago=2)
    await office.meets(eric)
    joined = PersonsJoined(kept=person(aline), folded=person(eric), at=datetime.now(UTC))
    for _ in range(2):  # a repeat does no harm
        await office.tells(topics.CORE_EVENTS, person(aline), joined)

    async def folded() -> bool:
        row = await office.address(eric)
        return row is not None and row["joined_into"] == person(aline)

    await eventually(folded)
    row = await office.becomes(await office.asks(aline, "one"))
    other = await office.becomes(await office.asks(eric, "two"))
    assert {row["person"], other["person"]} == {person(aline)}
    assert office.bodies(eric) == ["one", "two"]
