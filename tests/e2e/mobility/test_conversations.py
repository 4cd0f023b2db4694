"""Conversations about rides, through all of the system: webhook, Kafka, PostgreSQL, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg

from infra.kafka.publisher import Output, Publisher
from infra.settings import Settings
from infra.simulator.chat import Chat
from infra.simulator.messages import Message
from schemas.envelope import Envelope
from schemas.events.wallet import CreditPayment
from schemas.topics import WALLET_COMMANDS
from tests.e2e.conftest import Chats
from tests.waiting import eventually

JEAN, ALINE = "250788000111", "250788123456"
KIGALI, AIRPORT = (-1.9441, 30.0619), (-1.9686, 30.1395)


async def _goes_online(jean: Chat, *, plate: str = "RAA123C") -> None:
    await jean.says("go online")
    await jean.hears_list(rows=5)
    await jean.taps("Moto")
    await jean.hears("What is your plate number?")
    await jean.says(plate)
    await jean.hears("You are registered: Moto")
    await jean.hears("passengers can find you for 30 minutes")
    await jean.shares_location(*KIGALI)
    await jean.hears_buttons("See passengers", "Go offline", text="You are online until")


async def _sees_drivers(aline: Chat) -> Message:
    await aline.says("book ride")
    await aline.hears("Where should we pick you up?")
    await aline.shares_location(-1.9500, 30.0619)
    await aline.hears("Where are you going?")
    await aline.shares_location(*AIRPORT)
    return await aline.hears_list("Drivers near you", rows=1)


async def test_a_ride_from_request_to_rating(chats: Chats) -> None:
    jean, aline = chats(JEAN, name="Jean"), chats(ALINE, name="Aline")
    await _goes_online(jean)
    drivers = await _sees_drivers(aline)
    assert drivers.rows[0].title.startswith("+250****111 · ")
    await aline.taps(drivers.rows[0].title)
    await aline.hears_buttons("Withdraw request", text="We asked +250****111")
    await aline.hears("You can also write to +250****111")

    asked = await jean.hears_buttons("Accept", "Decline", text="+250****456")
    assert ALINE not in asked.text
    await jean.taps("Accept")
    await jean.hears_a("location")
    await jean.hears_buttons("I have arrived", "Cancel trip", text="waits for you")
    await aline.hears_buttons("Cancel trip", text="Plate: RAA123C")
    await jean.taps("I have arrived")
    await aline.hears("Your driver has arrived")
    await jean.hears_buttons("Start the trip")
    await jean.taps("Start the trip")
    await aline.hears("Your trip has started")
    await jean.hears_buttons("Complete the trip")
    await jean.taps("Complete the trip")
    await jean.hears("is completed")
    await aline.hears_list("How was your trip", rows=5)
    await aline.taps("★★★★★")
    await aline.hears_buttons("My trips", text="You gave 5 of 5 stars")


async def test_both_tap_at_the_same_moment(chats: Chats) -> None:
    """Whichever is handled second is told what the trip has become; both hear of one end only."""
    jean, aline = chats(JEAN, name="Jean"), chats(ALINE, name="Aline")
    await _goes_online(jean)
    drivers = await _sees_drivers(aline)
    await aline.taps(drivers.rows[0].title)
    await aline.hears_buttons("Withdraw request")
    await jean.hears_buttons("Accept")
    await aline.taps("Withdraw request")
    await jean.taps("Accept")
    await aline.hears("You cancelled trip")
    await jean.hears("cancelled trip")
    await jean.says("my trips")
    await jean.hears("You have no trips")


async def test_a_request_without_an_answer(chats: Chats, settings: Settings) -> None:
    jean, aline = chats(JEAN, name="Jean"), chats(ALINE, name="Aline")
    await _goes_online(jean)
    drivers = await _sees_drivers(aline)
    await aline.taps(drivers.rows[0].title)
    await aline.hears("We asked")
    await jean.hears_buttons("Accept")
    await _make_due(settings, "trip:%")
    await aline.hears("did not answer in time")
    await aline.hears("Nobody is online within 10 km")
    await jean.hears("has expired")
    await jean.taps("Accept")
    await jean.hears("That is not possible now")


async def test_a_trip_is_planned_reminded_of_and_called_off(chat: Chat, settings: Settings) -> None:
    await chat.says("schedule a trip")
    await chat.hears_buttons("I need a ride", "I drive")
    await chat.taps("I need a ride")
    await chat.hears_list("Which vehicle", rows=5)
    await chat.taps("Moto")
    await chat.hears("Where does the trip begin?")
    await chat.shares_location(*KIGALI)
    await chat.hears_buttons("Skip")
    await chat.taps("Skip")
    await chat.hears_list("When does the trip begin?", rows=9)
    await chat.taps("In 5 hours")
    await chat.hears_buttons("Once", "Weekdays", "Every day")
    await chat.taps("Every day")
    await chat.hears_buttons("My trips", "Cancel trip", text="Your trip is saved: Moto")
    await _make_due(settings, "reminder:%")
    await chat.hears_buttons("See drivers", "Cancel trip", text="Your planned trip comes up")
    await chat.taps("Cancel trip")
    await chat.hears("The planned trip is cancelled")
    await chat.says("my trips")
    await chat.hears("You have no trips")


async def test_the_home_menu_leads_here(chat: Chat) -> None:
    await chat.says("menu")
    await chat.hears_list(
        rows=["See drivers nearby", "See passengers nearby", "Schedule a trip", "Go online"]
    )
    await chat.taps("See drivers nearby")
    await chat.hears_list("Which vehicle do you need?", rows=5)
    await chat.taps("Cab")
    await chat.hears("Where should we pick you up?")
    await chat.says("jobs")  # somebody changes their mind in the middle
    await chat.hears("job")


async def test_in_kinyarwanda(chat: Chat) -> None:
    await chat.says("muraho, ndashaka urugendo kuri moto")
    await chat.hears("Mwifuza ko tubafatira he?")
    await chat.shares_location(*KIGALI)
    await chat.hears("Mugiye he?")
    await chat.taps("Simbuka")
    await chat.hears_buttons("Teganya urugendo", text="Nta muntu uri ku murongo")


async def _make_due(settings: Settings, name: str) -> None:
    """Bring a timer's time, which is minutes or hours away, to now."""
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    try:
        status = await connection.execute(
            "UPDATE runtime.later SET due = now() WHERE consumer = 'mobility' AND name LIKE $1", name
        )
        assert status == "UPDATE 1", status
    finally:
        await connection.close()


async def test_a_planned_trip_is_paid_from_the_wallet(chat: Chat, settings: Settings) -> None:
    await chat.says("schedule a trip")
    await chat.hears_buttons("I need a ride", "I drive")
    await chat.taps("I need a ride")
    await chat.hears_list("Which vehicle", rows=5)
    await chat.taps("Moto")
    await chat.hears("Where does the trip begin?")
    await chat.shares_location(*KIGALI)
    await chat.hears("Where does the trip end?")
    await chat.shares_location(*AIRPORT)
    await chat.hears_list("When does the trip begin?", rows=9)
    await chat.taps("In 5 hours")
    await chat.hears_buttons("Once", "Weekdays", "Every day")
    await chat.taps("Once")
    await chat.hears("Your trip is saved")
    await chat.hears_buttons("Top up", "I have topped up", "Cancel trip", text="your wallet has too few")
    (person,) = await _rows(settings, "SELECT person FROM mobility.charges")
    await _pays_in(settings, person, 7_000)
    await chat.taps("I have topped up")
    await chat.hears("We ask your wallet once more")
    await eventually(lambda: _holds(settings, 13_802))


async def test_a_driver_subscribes_from_the_wallet(chat: Chat, settings: Settings) -> None:
    await _goes_online(chat)
    await chat.says("my subscription")
    await chat.hears_buttons("Subscribe", "Go online", "My trips", text="Free trips left: 30 of 30")
    await chat.taps("Subscribe")
    await chat.hears_buttons("Top up", "I have topped up", text="your wallet has too few")
    (person,) = await _rows(settings, "SELECT person FROM mobility.drivers")
    await _pays_in(settings, person, 5)
    await chat.taps("I have topped up")
    await chat.hears_buttons("Subscribe", "Go online", "My trips")
    await chat.taps("Subscribe")
    await chat.hears("You are subscribed until")
    ours = "SELECT balance FROM wallet.accounts WHERE owner = 'system:subscriptions'"
    assert await _rows(settings, ours) == [4]


async def _pays_in(settings: Settings, person: str, rwf: int) -> None:
    """What payments asks for when a provider has the person's money."""
    credit = CreditPayment.of("momo", "transaction-1", rwf, person)
    envelope = Envelope(uuid4(), credit.event_type, "/tests", "", datetime.now(UTC), "", "", "", "")
    publisher = Publisher(settings)
    await publisher.start()
    await publisher.publish([Output(WALLET_COMMANDS, person.encode(), credit.write(), envelope.headers())])
    await publisher.stop()


async def _holds(settings: Settings, tokens: int) -> bool:
    """Whether so much is held for the trip, as both mobility and the wallet have it."""
    charges = await _rows(settings, "SELECT amount FROM mobility.charges WHERE state = 'held'")
    return charges == [tokens] == await _rows(settings, "SELECT held FROM wallet.accounts WHERE held > 0")


async def _rows(settings: Settings, sql: str) -> list[Any]:
    connection = await asyncpg.connect(settings.need("postgres_dsn"))
    try:
        return [row[0] for row in await connection.fetch(sql)]
    finally:
        await connection.close()
