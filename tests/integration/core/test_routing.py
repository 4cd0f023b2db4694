"""From a message to whoever gets it, on real tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import asyncpg

from consumers.core.person import MESSAGES_A_WINDOW
from consumers.domain import Intent, Intents, MenuRow
from consumers.runtime.discovery import load_domain
from infra.settings import Settings
from schemas.content import ButtonsContent, ListContent, MediaSent, Tapped, TextContent, TextSaid
from schemas.events.conversation import Leave, TurnRouted
from schemas.events.core import OptedIn, OptedOut, PersonSeen, ReferralGiven
from schemas.events.whatsapp import SendMessage
from tests.builders import a_message, a_text
from tests.integration.core.house import ADMIN, House, contents, none_of, only


async def test_a_keyword_starts_a_domain_and_the_next_turn_goes_on_there(house: House) -> None:
    phone = house.phone()
    first = only(await phone.sends(a_text("book ride")), TurnRouted)
    assert (first.intent, first.turn, first.said) == ("start", 1, TextSaid(body="book ride"))
    assert (first.contact, first.phone, first.country, first.name) == (
        phone.number,
        phone.number,
        "RW",
        "Ange",
    )
    assert (first.person, first.at, first.locale) == (await phone.person(), house.now, "en")
    second = only(await phone.sends(a_text("near the shop")), TurnRouted)
    assert (second.intent, second.turn) == (None, 2)
    assert house.turns("mobility") == [first, second]
    assert house.of(SendMessage) == []


async def test_home_leaves_the_domain_and_shows_the_menu(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    [menu] = await phone.says("Hello!")
    assert isinstance(menu, ListContent)
    assert [row.id for row in menu.sections[0].rows] == ["core:profile", "core:support", "core:language"]
    leave = house.turns("mobility")[-1]
    assert leave == Leave(person=await phone.person(), turn=2)
    assert only(await phone.sends(a_text("find jobs")), TurnRouted).turn == 3


async def test_a_row_of_another_domain_leaves_the_one_before(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    await phone.taps("jobs:board")
    assert [type(event) for event in house.turns("mobility")] == [TurnRouted, Leave]
    [turn] = house.turns("jobs")
    assert isinstance(turn, TurnRouted)
    assert turn.said == Tapped(id="jobs:board", title="A row")
    await phone.taps("nobody:here")
    assert isinstance(house.turns("jobs")[-1], Leave)


async def test_what_nobody_understands_gets_the_menu(house: House) -> None:
    phone = house.phone()
    [menu] = await phone.says("xyz")
    assert isinstance(menu, ListContent)
    assert menu.body.startswith("Sorry")
    told, menu = contents(await phone.sends(a_message("contacts", [{"name": {}}])))
    assert isinstance(told, TextContent)
    assert isinstance(menu, ListContent)


async def test_a_sticker_goes_to_the_conversation_under_way(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    turn = only(await phone.sends(a_message("sticker", {"id": "9"})), TurnRouted)
    assert turn.said == MediaSent(media="sticker", media_id="9")


async def test_reactions_edits_and_deletions_are_ignored(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    for kind in ("reaction", "edit", "revoke"):
        assert await phone.sends(a_message(kind, {"message_id": "wamid.1"})) == []
    assert only(await phone.sends(a_text("go on")), TurnRouted).turn == 2


async def test_help_and_a_referral_do_not_end_the_conversation(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    [help_] = await phone.says("help")
    assert isinstance(help_, ButtonsContent)
    given = only(events := await phone.sends(a_text("ref: ab12cd34")), ReferralGiven)
    assert (given.person, given.code) == (await phone.person(), "AB12CD34")
    assert [content.kind for content in contents(events)] == ["buttons"]
    assert only(await phone.sends(a_text("go on")), TurnRouted).turn == 2


async def test_who_comes_with_a_referral_is_shown_around(house: House) -> None:
    assert [content.kind for content in await house.phone().says("REF:AB12CD34")] == ["text", "list"]


async def test_after_stop_nothing_is_said_until_start(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    stopped = await phone.sends(a_text("STOP"))
    assert only(stopped, OptedOut).person == await phone.person()
    assert only(stopped, Leave).turn == 2
    farewell = only(stopped, SendMessage)
    assert farewell.despite_opt_out
    assert farewell.contact == phone.number
    assert isinstance(farewell.content, ButtonsContent)
    [button] = farewell.content.buttons
    for text in ("hello", "book ride", "STOP", "help", "REF:AB12CD34"):
        assert await phone.sends(a_text(text)) == []
    started = await phone.sends(a_message("button", {"payload": button.id, "text": button.title}))
    assert only(started, OptedIn)
    assert only(started, SendMessage).despite_opt_out
    assert only(await phone.sends(a_text("book ride")), TurnRouted)


async def test_typed_start_opts_in_too_and_means_home_otherwise(house: House) -> None:
    phone = house.phone()
    assert [content.kind for content in await phone.says("START")] == ["list"]
    await phone.says("unsubscribe")
    assert only(await phone.sends(a_text("start")), OptedIn)


async def test_too_many_messages_are_answered_once_a_minute(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    answers = [await phone.sends(a_text("and again")) for _ in range(MESSAGES_A_WINDOW + 9)]
    assert [len(contents(events)) for events in answers] == [0] * 29 + [1] + [0] * 9
    assert len(house.turns("mobility")) == MESSAGES_A_WINDOW
    assert only(await phone.sends(a_text("STOP")), OptedOut)
    await phone.says("START")
    house.passes(minutes=1)
    assert only(await phone.sends(a_text("book ride")), TurnRouted)


async def test_a_message_stamped_in_the_future_makes_no_later_one_late(house: House) -> None:
    phone = house.phone()
    late = house.now + timedelta(seconds=30)
    for _ in range(MESSAGES_A_WINDOW):
        await phone.sends(a_text("book ride"), at=house.now + timedelta(days=1))
    [row] = await house.rows("SELECT heard_at, window_at FROM person")
    assert tuple(row) == (house.now, house.now)
    house.passes(minutes=1)
    [result] = await house.chunk([house.record(phone.message(a_text("go on")), late, attempt=1)])
    assert [output.topic for output in result.outputs] == ["whatsapp.outbound"]  # one too many in that minute
    assert only(await phone.sends(a_text("go on")), TurnRouted)
    phone.name = "Ange U."
    assert only(await phone.sends(a_text("go on")), PersonSeen).name == "Ange U."


async def test_commands_are_for_listed_numbers(house: House) -> None:
    [refused] = await house.phone().says("/status")
    assert isinstance(refused, ListContent)
    admin = house.phone(ADMIN)
    [status] = await admin.says("/status")
    [whoami] = await admin.says("/whoami")
    [others] = await admin.says("/nonsense")
    assert isinstance(status, ButtonsContent)
    assert isinstance(whoami, ButtonsContent)
    assert isinstance(others, ButtonsContent)
    assert "core, jobs, marketplace, mobility" in status.body
    assert "+250****999" in whoami.body
    assert ADMIN not in whoami.body
    assert "/help" in others.body
    # A number that was taken off the list, or a made-up tap.
    [refused] = await house.phone().taps("core:admin")
    assert isinstance(refused, ListContent)


async def test_a_message_to_a_group_is_not_answered(house: House) -> None:
    assert await house.phone().sends({**a_text("hello"), "group_id": "1"}) == []


async def test_a_deferred_message_is_not_routed_after_a_later_one(house: House) -> None:
    phone = house.phone()
    late, stop = phone.message(a_text("book ride")), phone.message(a_text("STOP"))
    sent_at = house.now
    house.passes(minutes=5)
    await phone.says("find jobs")
    [result] = await house.chunk([house.record(late, sent_at, attempt=1)])
    assert result.outputs == []
    assert house.turns("mobility") == []
    [result] = await house.chunk([house.record(stop, sent_at, attempt=1)])
    assert [output.topic for output in result.outputs] == ["intents.jobs", "core.events", "whatsapp.outbound"]


async def test_a_stop_that_comes_after_a_later_start_is_the_last_word_for_all(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    await phone.says("STOP")
    stop, sent_at = phone.message(a_text("STOP")), house.now
    house.passes(minutes=5)
    started = only(await phone.sends(a_text("START")), OptedIn)
    stopped = only(await house.hears(stop, at=sent_at), OptedOut)
    assert stopped.at > started.at  # or the sender would take it for an older one
    assert await phone.sends(a_text("hello")) == []


async def test_stop_and_start_within_one_second_are_told_in_their_order(house: House) -> None:
    """Meta tells whole seconds."""
    phone = house.phone()
    house.now = house.now.replace(microsecond=0)
    await phone.says("book ride")
    for late in (False, True):
        sent_at = house.now - timedelta(minutes=1) if late else house.now
        stopped = only(await house.hears(phone.message(a_text("STOP")), at=sent_at), OptedOut)
        started = only(await phone.sends(a_text("START")), OptedIn)
        assert (stopped.at >= house.now, started.at >= stopped.at) == (True, True)


async def test_a_person_is_seen_at_first_at_changes_and_every_ten_minutes(house: House) -> None:
    phone = house.phone()
    seen = only(await phone.sends(a_text("hi")), PersonSeen)
    assert (seen.contact, seen.phone, seen.name, seen.locale) == (phone.number, phone.number, "Ange", "en")
    house.passes(minutes=9)
    assert none_of(await phone.sends(a_text("hi")), PersonSeen)
    house.passes(minutes=1)
    assert only(await phone.sends(a_text("hi")), PersonSeen)
    phone.name = "Ange U."
    assert only(await phone.sends(a_text("hi")), PersonSeen).name == "Ange U."
    assert only(await phone.sends(a_text("muraho")), PersonSeen).locale == "rw"
    assert none_of(await phone.sends(a_text("je cherche un emploi")), PersonSeen)


async def test_an_odd_name_harms_nobody(house: House) -> None:
    phone = house.phone()
    phone.name = "A\0nge" + "x" * 500
    name = only(await phone.sends(a_text("hi")), PersonSeen).name
    assert name is not None
    assert name.startswith("Angex")
    assert len(name) == 100


async def test_the_answer_is_in_the_language_of_the_country_or_the_words(house: House) -> None:
    [menu] = await house.phone("25779000001").says("hi")
    assert isinstance(menu, ListContent)
    assert menu.body.startswith("👋 Bienvenue")
    [menu] = await house.phone("250788000002").says("Habari")
    assert isinstance(menu, ListContent)
    assert menu.body.startswith("👋 Karibu")


async def test_a_chunk_of_many_people_keeps_them_apart(house: House) -> None:
    phones = [house.phone(f"2507880{number:05}") for number in range(100)]
    await house.hears(*(phone.message(a_text("book ride")) for phone in phones))
    await house.hears(*(phone.message(a_text(text)) for phone in phones for text in ("here", "hello")))
    turns = [event for event in house.turns("mobility") if isinstance(event, TurnRouted)]
    assert len(turns) == 200
    assert {turn.turn for turn in turns} == {1, 2}
    assert len({turn.person for turn in turns}) == 100
    assert len([event for event in house.turns("mobility") if isinstance(event, Leave)]) == 100
    assert len(house.of(PersonSeen)) == 100
    assert len(house.of(SendMessage)) == 100


async def test_turns_are_numbered_as_they_arrive(house: House) -> None:
    phone = house.phone()
    await phone.says("book ride")
    again = only(await phone.sends(a_text("book ride"), house.now - timedelta(hours=1)), TurnRouted)
    assert again.turn == 2  # Meta promises no order


async def test_a_long_home_menu_is_paged(pool: asyncpg.Pool[Any], core_settings: Settings) -> None:
    own = tuple(intent for intent, _ in load_domain("core").intents.values())
    rows = tuple(Intent("jobs", f"row{n:02}", (), 0, MenuRow(f"Row {n}", "", 50 - n)) for n in range(12))
    phone = House(pool, Intents(own + rows), core_settings).phone()
    [first] = await phone.says("hello")
    assert isinstance(first, ListContent)
    shown = first.sections[0].rows
    assert [row.title for row in shown] == [*(f"Row {n}" for n in range(9)), "More"]
    [second] = await phone.taps(shown[-1].id)
    assert isinstance(second, ListContent)
    titles = [row.title for row in second.sections[0].rows]
    assert titles == ["Row 9", "Row 10", "Row 11", "My profile", "Support", "Language", "Back"]


async def test_the_profile_leads_to_what_other_domains_keep(
    pool: asyncpg.Pool[Any], core_settings: Settings
) -> None:
    own = tuple(intent for intent, _ in load_domain("core").intents.values())
    wallet = Intent("wallet", "balance", ("wallet",), 0)
    [profile] = await House(pool, Intents((*own, wallet)), core_settings).phone().says("my profile")
    assert isinstance(profile, ListContent)
    assert [row.id for row in profile.sections[0].rows][3:] == ["wallet:balance", "core:home"]
