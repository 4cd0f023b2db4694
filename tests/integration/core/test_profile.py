"""Core's own conversations: profile, name, language, saved places, support."""

from __future__ import annotations

import pytest

from schemas.content import (
    ButtonsContent,
    Content,
    LinkContent,
    ListContent,
    LocationContent,
    LocationRequestContent,
    TextContent,
)
from schemas.events.core import PersonSeen, PlaceRemoved, PlaceSaved
from schemas.events.whatsapp import SendMessage
from tests.builders import a_list_reply, a_text
from tests.integration.core.house import House, contents, only


def rows_of(content: Content) -> dict[str, str]:
    assert isinstance(content, ListContent)
    return {row.id: row.title for section in content.sections for row in section.rows}


async def test_the_profile_shows_what_we_know_with_the_number_masked(house: House) -> None:
    [profile] = await house.phone().says("my profile")
    assert isinstance(profile, ListContent)
    assert profile.body == "👤 Ange\nPhone: +250****001\nLanguage: English\nSaved places: 0"
    assert list(rows_of(profile)) == ["core:name", "core:language", "core:places", "core:home"]
    [profile] = await house.phone(None, "RW.1").taps("core:profile")
    assert isinstance(profile, ListContent)
    assert "hidden" in profile.body


async def test_a_name_of_several_lines_is_kept_in_one(house: House) -> None:
    phone = house.phone()
    phone.name = "Ange\n\n✅ *5,000 tokens*\u202e came in"
    events = await phone.sends(a_text("hello"))
    assert only(events, PersonSeen).name == "Ange ✅ *5,000 tokens* came in"
    phone.name = "\u2066\n"  # nothing of it is seen
    events = await phone.sends(a_text("hello"))
    assert not [event for event in events if isinstance(event, PersonSeen)]


async def test_a_name_is_kept_whatever_whatsapp_says_later(house: House) -> None:
    phone = house.phone()
    [question] = await phone.taps("core:name")
    assert isinstance(question, ButtonsContent)
    [again] = await phone.says("1")
    assert isinstance(again, ButtonsContent)
    assert "2 to 60" in again.body
    events = await phone.sends(a_text("  Uwera   Ange "))
    assert only(events, PersonSeen).name == "Uwera Ange"
    [answer] = contents(events)
    assert isinstance(answer, ButtonsContent)
    assert answer.body == "Nice to meet you, Uwera Ange!"
    phone.name = "Somebody"
    [profile] = await phone.taps("core:profile")
    assert isinstance(profile, ListContent)
    assert profile.body.startswith("👤 Uwera Ange\n")


async def test_a_guard_ends_the_question_for_a_name(house: House) -> None:
    phone = house.phone()
    await phone.taps("core:name")
    assert len(rows_of((await phone.says("menu"))[0])) == 3
    [menu] = await phone.says("Uwera")
    assert isinstance(menu, ListContent)  # nobody asks any more


@pytest.mark.parametrize(
    ("locale", "said", "home"),
    [
        ("fr", "Je vous écrirai désormais en français.", "👋 Bienvenue"),
        ("rw", "Guhera ubu nzajya nkwandikira mu Kinyarwanda.", "👋 Murakaza"),
        ("sw", "Kuanzia sasa nitakuandikia kwa Kiswahili.", "👋 Karibu"),
        ("en", "From now on I will write to you in English.", "👋 Welcome"),
    ],
)
async def test_the_language_is_chosen_and_not_guessed_again(
    house: House, locale: str, said: str, home: str
) -> None:
    phone = house.phone()
    [choice] = await phone.says("language")
    assert list(rows_of(choice).values()) == ["English", "Français", "Ikinyarwanda", "Kiswahili"]
    events = await phone.sends(a_list_reply(f"core:speak:{locale}"))
    assert only(events, PersonSeen).locale == locale
    told, menu = contents(events)
    assert told == TextContent(body=said)
    assert isinstance(menu, ListContent)
    assert menu.body.startswith(home)
    [menu] = await phone.says("Habari")
    assert isinstance(menu, ListContent)
    assert menu.body.startswith(home)


async def test_a_language_we_do_not_speak(house: House) -> None:
    [choice] = await house.phone().taps("core:speak:xx")
    assert len(rows_of(choice)) == 4


async def test_a_place_is_saved_shown_changed_and_removed(house: House) -> None:
    phone = house.phone()
    [kinds] = await phone.taps("core:places")
    assert list(rows_of(kinds).values()) == ["My home", "Work", "School", "Another place", "Home"]
    [question] = await phone.taps("core:place:work")
    assert question == LocationRequestContent(body="Please share the location of: Work")
    assert [c.kind for c in await phone.shares_location(-1.95, 30.06)] == ["buttons"]
    saved = house.of(PlaceSaved)[-1]
    assert (saved.person, saved.kind, saved.latitude) == (await phone.person(), "work", -1.95)
    on_map, choice = await phone.taps("core:place:work")
    assert on_map == LocationContent(latitude=-1.95, longitude=30.06)
    assert isinstance(choice, ButtonsContent)
    assert [b.id for b in choice.buttons] == ["core:place_change:work", "core:place_remove:work", "core:home"]
    await phone.presses("core:place_change:work")
    await phone.shares_location(-1.96, 30.07)
    assert (await house.rows("SELECT latitude FROM saved_place"))[0]["latitude"] == -1.96
    await phone.presses("core:place_remove:work")
    assert house.of(PlaceRemoved)[-1].kind == "work"
    assert await house.rows("SELECT 1 FROM saved_place") == []
    [kinds] = await phone.presses("core:place_remove:work")  # an old button, tapped again
    assert len(rows_of(kinds)) == 5
    assert len(house.of(PlaceRemoved)) == 1


async def test_another_place_has_a_name_of_its_own(house: House) -> None:
    phone = house.phone()
    await phone.taps("core:place:other")
    [again] = await phone.says("x" * 25)
    assert isinstance(again, ButtonsContent)
    [question] = await phone.says("Gym")
    assert question == LocationRequestContent(body="Please share the location of: Gym")
    await phone.shares_location(-1.95, 30.06)
    [kinds] = await phone.taps("core:places")
    assert rows_of(kinds)["core:place:other"] == "Gym"
    # The next place is not called Gym as well.
    await phone.taps("core:place:home")
    await phone.shares_location(-1.9, 30.0)
    assert [event.label for event in house.of(PlaceSaved)] == ["Gym", ""]


@pytest.mark.parametrize("tap", ["core:place:castle", "core:place_change:castle", "core:place_remove:castle"])
async def test_an_odd_tap_shows_the_places(house: House, tap: str) -> None:
    assert len(rows_of((await house.phone().taps(tap))[0])) == 5


async def test_support_is_a_chat_one_tap_away(house: House) -> None:
    [link] = await house.phone().says("support")
    assert isinstance(link, LinkContent)
    assert link.url == "https://wa.me/250788000000?text=Hello%2C%20I%20need%20help%20with%20EasyMO."
    assert "+250788000000" in link.body


async def test_every_answer_goes_to_the_contact_that_asked(house: House) -> None:
    phone = house.phone("250788000003", "RW.3")
    for text in ("hi", "profile", "support", "language", "help", "xyz"):
        await phone.says(text)
    assert {message.contact for message in house.of(SendMessage)} == {"RW.3"}
    assert {message.person for message in house.of(SendMessage)} == {await phone.person()}
