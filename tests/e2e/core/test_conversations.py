"""Conversations with core through the whole system: webhook, Kafka, tables, sender, and back."""

from __future__ import annotations

import pytest

from infra.settings import Settings
from infra.simulator import incoming
from infra.simulator.chat import Chat
from infra.simulator.simulator import Simulator
from tests.e2e.conftest import Chats
from tests.integration.runtime.bench import Bench
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(60)


async def test_home_shows_what_there_is_and_leads_there(chat: Chat) -> None:
    await chat.says("hello")
    await chat.hears_list("Welcome to EasyMO", rows=["Jobs", "My profile", "Support", "Language"])
    await chat.taps("Jobs")
    await chat.hears("💼 Jobs.")
    await chat.says("menu")
    await chat.hears_list("Welcome to EasyMO")


async def test_what_nobody_understands_gets_the_menu(chat: Chat) -> None:
    await chat.says("qwertz")
    await chat.hears_list("I did not understand that")
    await chat.sends(incoming.an_unsupported())
    await chat.hears_next("I cannot do anything with this kind of message")
    await chat.hears_list("Welcome to EasyMO")


async def test_words_in_the_middle_of_one_conversation_lead_to_another(chat: Chat) -> None:
    await chat.says("book ride")
    await chat.hears("pick")
    await chat.says("find jobs")
    await chat.hears_list()
    await chat.says("home")
    await chat.hears_list("Welcome to EasyMO")
    await chat.says("book ride")
    await chat.hears("pick")


async def test_the_profile_from_end_to_end(chat: Chat) -> None:
    await chat.says("my profile")
    await chat.hears_list("+250****456", rows=["Change my name", "Language", "Saved places", "Home"])
    await chat.taps("Change my name")
    await chat.hears("What should we call you?")
    await chat.says("Uwera Aline")
    await chat.hears("Nice to meet you, Uwera Aline!")
    await chat.says("my profile")
    await chat.hears_list("Uwera Aline")
    await chat.taps("Saved places")
    await chat.hears_list("Save the places")
    await chat.taps("Work")
    await chat.hears("Please share the location of: Work")
    await chat.says("downtown")
    await chat.hears("Please share the location of: Work")
    await chat.shares_location(-1.9441, 30.0619)
    await chat.hears_buttons("Saved places", "Home", text="Work: saved")
    await chat.taps("Language")
    await chat.hears_list(rows=["English", "Français", "Ikinyarwanda", "Kiswahili"])
    await chat.taps("Ikinyarwanda")
    await chat.hears_next("Guhera ubu nzajya nkwandikira mu Kinyarwanda.")
    await chat.hears_list("Murakaza neza")


async def test_stop_is_the_last_word_until_start(chat: Chat) -> None:
    await chat.says("STOP")
    await chat.hears_buttons("START", text="You will get no more messages")
    await chat.says("hello")
    await chat.says("book ride")
    await chat.taps("START")
    # Had anything been said in between, it would be heard first.
    await chat.hears_next("Welcome back!")
    await chat.says("hello")
    await chat.hears_list("Welcome to EasyMO")


async def test_several_people_and_languages_side_by_side(chats: Chats) -> None:
    greetings = {
        "muraho": "Murakaza neza kuri EasyMO",
        "bonjour": "Bienvenue sur EasyMO",
        "habari": "Karibu EasyMO",
        "hello": "Welcome to EasyMO",
    }
    phones = [chats(f"25078800000{number}") for number in range(4)]
    for phone, greeting in zip(phones, greetings, strict=True):
        await phone.says(greeting)
    for phone, welcome in zip(phones, greetings.values(), strict=True):
        await phone.hears_list(welcome)


async def test_a_changed_number_takes_the_profile_along(chats: Chats, settings: Settings) -> None:
    chat = chats("250788000008")
    await chat.says("my profile")
    await chat.hears_list("+250****008")
    await chat.taps("Change my name")
    await chat.hears("What should we call you?")
    await chat.says("Uwera")
    await chat.hears("Nice to meet you, Uwera!")
    await chat.changes_number("250788000009")
    async with Bench(settings, "sender") as bench:  # before that, the answer may go to the former number
        await bench.rows_become("SELECT FROM address WHERE phone = '250788000009'")
    await chat.says("my profile")
    await chat.hears_list("Uwera")


async def test_who_writes_too_much_is_told_once(chat: Chat, system: Simulator) -> None:
    await chat.says("qwertz")
    await chat.hears_list("I did not understand that")
    for _ in range(34):
        await chat.sends(incoming.a_reaction("wamid.1", "👍"))  # reactions are no messages to answer
    for _ in range(34):
        await chat.says("help")

    async def told() -> bool:
        return any("faster than I can read" in message.text for message in chat.unheard)

    await eventually(told)
    await chat.says("STOP")  # counts at any pace, and nothing is said after it
    await chat.hears_buttons("START")
    assert sum("faster than I can read" in message.text for message in chat.transcript) == 1
