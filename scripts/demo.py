"""Start everything, play conversations through all of it, print them, stop.

Kafka, PostgreSQL, the ingress, the consumers and a stand-in for Meta are started in a folder that is thrown
away afterwards; a running `easymo up` is not touched. Ends with 0 when every person was answered as it
should be, else with 1 and the conversation so far.

Example: easymo demo
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console

from infra.settings import load_settings
from infra.simulator.chat import Chat
from infra.simulator.feed import message_as_json
from infra.simulator.remote import RemoteSimulator
from infra.simulator.transcript import show
from scripts.display import StartDisplay
from scripts.machine import local_system

KIGALI_HEIGHTS, CITY_MARKET, AIRPORT = (-1.9536, 30.0928), (-1.9441, 30.0619), (-1.9686, 30.1395)
FAILED_EXIT_CODE = 1

Chats = Callable[[str, str], Awaitable[Chat]]


async def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print the conversations as JSON lines.")] = False,
) -> None:
    # No docstring: the module's is the help.
    display = StartDisplay()
    with tempfile.TemporaryDirectory(prefix="easymo-demo-") as folder:
        settings = load_settings(state_dir=Path(folder))
        system = local_system(settings, display)
        started = time.monotonic()
        try:
            with display:
                running = await system.start()
            display.say(f"Everything runs, after {time.monotonic() - started:.1f} s. Playing conversations.")
            if running.phone_page is None:
                raise RuntimeError("the demo plays with the stand-in for Meta: unset EASYMO_GRAPH_BASE_URL")
            await _play_all(running.phone_page, as_json=as_json, display=display)
        finally:
            display.say("Stopping.")
            await system.stop()
    display.say(f"Done, after {time.monotonic() - started:.1f} s in all.")


async def _play_all(origin: str, *, as_json: bool, display: StartDisplay) -> None:
    """Play every scene and print it. Raises typer.Exit where somebody was not answered as they should be."""
    console = Console(highlight=False)
    async with RemoteSimulator(origin) as simulator:

        async def meet(number: str, name: str) -> Chat:
            return await simulator.chat(number, name=name)

        for title, scene in SCENES:
            people: list[Chat] = []

            async def meet_here(number: str, name: str, people: list[Chat] = people) -> Chat:
                people.append(await meet(number, name))
                return people[-1]

            try:
                await scene(meet_here)
            except AssertionError as error:
                display.say(str(error))
                raise typer.Exit(FAILED_EXIT_CODE) from error
            _print(console, title, people, as_json=as_json)


def _print(console: Console, title: str, people: list[Chat], *, as_json: bool) -> None:
    if not as_json:
        console.rule(title)
    for chat in people:
        if as_json:
            for message in chat.transcript:
                line = {"scene": title, "person": chat.person.name, "message": message_as_json(message)}
                typer.echo(orjson.dumps(line))
        else:
            console.print(f"\n{chat.person.name}'s phone\n", style="bold")
            show(chat.transcript, name=chat.person.name, console=console)


async def a_ride(meet: Chats) -> None:
    """A driver goes online, a passenger finds him, and they ride."""
    jean, aline = await meet("250788000111", "Jean"), await meet("250788123456", "Aline")
    await jean.says("go online")
    await jean.taps("Moto")
    await jean.hears("What is your plate number?")
    await jean.says("RAA 123 C")
    await jean.hears("passengers can find you for 30 minutes")
    await jean.shares_location(*CITY_MARKET)
    await jean.hears("You are online until")
    await aline.says("book ride")
    await aline.hears("Where should we pick you up?")
    await aline.shares_location(*KIGALI_HEIGHTS)
    await aline.hears("Where are you going?")
    await aline.shares_location(*AIRPORT)
    drivers = await aline.hears_list("Drivers near you", rows=1)
    await aline.taps(drivers.rows[0].title)
    await aline.hears("We asked")
    await jean.hears_buttons("Accept", "Decline")
    await jean.taps("Accept")
    await aline.hears_buttons("Cancel trip", text="Plate: RAA123C")
    await jean.taps("I have arrived")
    await aline.hears("Your driver has arrived")
    await jean.taps("Start the trip")
    await jean.taps("Complete the trip")
    await aline.hears_list("How was your trip", rows=5)
    await aline.taps("★★★★★")
    await aline.hears("You gave 5 of 5 stars")


async def a_job(meet: Chats) -> None:
    """Somebody offers work, somebody else finds it and applies."""
    boss, eric = await meet("250788000222", "Chez Lando"), await meet("250788654321", "Eric")
    await boss.says("post a job")
    await boss.hears("What job do you offer?")
    await boss.says("Cook")
    await boss.taps("Full time")
    await boss.taps("Hotel & restaurant")
    await boss.hears("Where is the work?")
    await boss.shares_location(*CITY_MARKET)
    await boss.hears("What does it pay")
    await boss.says("150,000")
    await boss.taps("A month")
    await boss.hears("Describe the work")
    await boss.says("Cook lunch for 40 people.")
    await boss.taps("Post it")
    await boss.hears("is online until")
    await eric.says("find jobs")
    await eric.taps("Hotel & restaurant")
    await eric.hears("Where?")
    await eric.shares_location(*KIGALI_HEIGHTS)
    await eric.taps("Cook")
    await eric.taps("Apply")
    await eric.hears("Write a short message")
    await eric.says("I cooked at a school.")
    await eric.hears("was sent")
    await boss.hears("applied for your job")


async def other_words(meet: Chats) -> None:
    """Another language, words that nobody understands, and somebody who wants no more messages."""
    diane = await meet("250788000333", "Diane")
    await diane.says("muraho")
    await diane.hears_list()
    await diane.says("ndashaka akazi")
    await diane.hears("ubuhe bwoko?")
    await diane.says("STOP")
    await diane.hears("START")
    await diane.says("START")
    await diane.taps("Ahabanza")
    await diane.hears_list()


SCENES = (
    ("A ride", a_ride),
    ("A job", a_job),
    ("Kinyarwanda, and STOP", other_words),
)
