"""Conversations about jobs, through all of the system."""

from __future__ import annotations

from infra.simulator.chat import Chat
from infra.simulator.simulator import Simulator
from infra.simulator.templates import Template
from tests.e2e.conftest import Chats

BOSS, ALINE = "250788000111", "250788123456"


async def _posts(boss: Chat, title: str) -> None:
    await boss.says("post a job")
    await boss.hears("What job do you offer?")
    await boss.says(title)
    await boss.hears_list(rows=6)
    await boss.taps("Full time")
    await boss.hears_list(rows=9)
    await boss.taps("Hotel & restaurant")
    await boss.hears("Where is the work?")
    await boss.shares_location(-1.9520, 30.0610)
    await boss.hears("What does it pay")
    await boss.says("150,000")
    await boss.hears_list(rows=5)
    await boss.taps("A month")
    await boss.hears("Describe the work")
    await boss.says("Cook lunch for 40 people.")
    await boss.hears_buttons("Post it", "Start again", "Do not post", text="RWF 150,000 a month")
    await boss.taps("Post it")
    await boss.hears("is online until")


async def test_a_job_is_posted_found_applied_for_and_given(chats: Chats) -> None:
    boss, aline = chats(BOSS, name="Chez Boss"), chats(ALINE, name="Aline")
    await _posts(boss, "Cook")

    await aline.says("find jobs")
    await aline.hears_list("Choose", rows=10)
    await aline.taps("Hotel & restaurant")
    await aline.hears("Where?")
    await aline.shares_location(-1.9441, 30.0619)
    await aline.hears_list("See the jobs", rows=["Cook", "Look everywhere"])
    await aline.taps("Cook")
    await aline.hears_buttons("Apply", text="Cook lunch for 40 people.")
    await aline.taps("Apply")
    await aline.hears("Write a short message")
    await aline.says("I cooked at a school.")
    await aline.hears_buttons("My applications", text="was sent")

    notice = await boss.hears("Aline (+250****456) applied for your job “Cook” and says:")
    assert ALINE not in notice.text
    await boss.says("my jobs")
    await boss.hears_list(rows=["Cook"])
    await boss.taps("Cook")
    await boss.hears_buttons("Applicants", "Renew", "Close", text="applicants: 1")
    await boss.taps("Applicants")
    await boss.hears_list("Applicants", rows=["Aline"])
    await boss.taps("Aline")
    await boss.hears_buttons("Accept", "Refuse", "Chat", text="I cooked at a school.")
    await boss.taps("Accept")
    await boss.hears("You accepted Aline")

    await aline.hears("you were accepted for “Cook”")
    await aline.says("my applications")
    await aline.hears_list(rows=["Cook"])
    await aline.taps("Cook")
    await aline.hears_buttons("Chat", text="Answer: accepted")


async def test_words_that_lead_here(chats: Chats) -> None:
    asked = {
        "jobs": "What would you like to do?",
        "I need WORK": "What would you like to do?",
        "emplois": "What would you like to do?",  # one word does not tell the language
        "bonjour, je cherche un emploi": "Quel type de travail cherchez-vous",
        "akazi": "Urifuza gukora iki?",
        "kazi": "Ungependa kufanya nini?",
        "find jobs": "What kind of work are you looking for?",
        "ndashaka akazi": "Urashaka akazi k’ubuhe bwoko?",
        "natafuta kazi": "Unatafuta kazi ya aina gani?",
        "post a job": "What job do you offer?",
        "my applications": "You have not applied for a job yet",
        "my jobs": "You have not posted a job yet",
    }
    people = {words: chats(f"2507881{number:05}") for number, words in enumerate(asked)}
    for words, chat in people.items():
        await chat.says(words)
    for words, chat in people.items():
        await chat.hears(asked[words])


async def test_a_poster_who_was_silent_for_a_day_gets_a_template(chats: Chats, system: Simulator) -> None:
    received = Template(
        "job_application_received", "en", "Good news: {{1}} applied for your job {{2}}. Answer in the chat."
    )
    system.exchange.templates.add(received)
    boss, aline = chats(BOSS, name="Chez Boss"), chats(ALINE, name="Aline")
    await _posts(boss, "Cook")
    await boss.was_silent()
    await aline.says("jobs")
    await aline.taps("Cook")
    await aline.taps("Apply")
    await aline.taps("Send without it")
    await aline.hears("was sent")
    await boss.hears_a("template", "Aline (+250****456) applied for your job Cook")


async def test_other_things_can_be_wanted_in_the_middle(chat: Chat) -> None:
    await chat.says("find jobs")
    await chat.hears_list(rows=10)
    await chat.says("book ride")
    await chat.hears("pick")
    await chat.taps("All jobs")  # the old list still works
    await chat.hears("Where?")
    await chat.says("menu")
    await chat.hears_list()
    await chat.says("post a job")
    await chat.hears("What job do you offer?")
    await chat.says("Driver for a moto taxi")  # a title, not a wish for a ride
    await chat.hears("How long is the work?")


async def test_a_long_list_is_paged(chat: Chat) -> None:
    await chat.says("find jobs")
    await chat.hears_list(rows=10)
    await chat.taps("Farming & animals")
    await chat.hears("Or write the name")
    await chat.taps("Choose a place")
    await chat.hears_list(rows=["Gasabo", "More"])
    await chat.taps("More")
    await chat.hears_list(rows=["Huye", "More"])
    await chat.taps("Huye")
    await chat.hears_buttons("Look everywhere", text="No such job is open within 20 km of Huye")
