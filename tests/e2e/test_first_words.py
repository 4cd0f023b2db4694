"""The thinnest conversations: whoever writes is answered."""

from __future__ import annotations

from infra.simulator.chat import Chat


async def test_a_greeting_shows_the_home_menu(chat: Chat) -> None:
    await chat.says("muraho")
    await chat.hears_list()


async def test_book_ride_asks_for_the_pickup_location(chat: Chat) -> None:
    await chat.says("book ride")
    await chat.hears("pick")
