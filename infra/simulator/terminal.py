"""A phone in the terminal: lines in, bubbles (or JSON lines) out."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
from rich.console import Console

from infra.simulator.chat import Chat, NotHeard
from infra.simulator.errors import GraphError
from infra.simulator.feed import message_as_json
from infra.simulator.messages import Choice, Message
from infra.simulator.places import PLACES, place_called
from infra.simulator.remote import RemoteSimulator
from infra.simulator.transcript import as_plain_text, bubble

HELP = """\
Type to write. A number taps that row or button of the latest message that has some.
  /tap TITLE            tap by its title            /say TEXT     write a text that is a number
  /location [PLACE | LATITUDE LONGITUDE]            /photo PATH [CAPTION]
  /document PATH        send a file                 /people       who else is there
  /transcript           the whole conversation      /quit         leave (Ctrl-D too)"""
SETTLED_SECONDS = 0.4  # a script goes on once the answers have stopped coming for so long


class NotUnderstood(Exception):
    """A line that says nothing to the phone; the message says what would."""


class Terminal:
    """One person's phone: messages go to `console`, all else to `notes`.

    `answer_seconds`: how long a script waits for an answer to each line.
    """

    def __init__(
        self,
        simulator: RemoteSimulator,
        chat: Chat,
        console: Console,
        notes: Console,
        *,
        as_json: bool = False,
        answer_seconds: float = 15.0,
    ) -> None:
        self._simulator = simulator
        self._chat = chat
        self._console = console
        self._notes = notes
        self._as_json = as_json
        self._answer_seconds = answer_seconds
        self._shown = 0  # sequence of the last message shown
        self._scripted = False
        self.unanswered = 0

    async def run(self, lines: AsyncIterator[str], *, scripted: bool) -> None:
        """Carry out lines until they end or one says /quit. A script waits for the answer to each line."""
        self._scripted = scripted
        if scripted and self._chat.transcript:
            self._shown = self._chat.transcript[-1].sequence
        printer = asyncio.create_task(self._print_what_comes())
        try:
            async for line in lines:
                if line.strip() == "/quit":
                    break
                before = self._last_heard()
                sent = await self._try(line.strip())
                if scripted and sent:
                    await self._answered(before)
        finally:
            printer.cancel()
            await asyncio.gather(printer, return_exceptions=True)
            self._show_new()

    async def _try(self, line: str) -> bool:
        """Carry out a line; tell whether something was sent."""
        try:
            return await self._carry_out(line)
        except (NotUnderstood, GraphError, ValueError, OSError) as error:
            self._note(f"{error}")
            return False

    async def _carry_out(self, line: str) -> bool:
        if not line:
            return False
        if not line.startswith("/"):
            number = self._numbered(line)
            await (self._chat.says(line) if number is None else self._tap(number))
            return True
        name, _, rest = line[1:].partition(" ")
        if name in ("people", "transcript", "help"):
            await self._look(name)
            return False
        if name == "tap":
            await self._tap_titled(rest)
        elif name == "say":
            await self._chat.says(rest)
        elif name == "location":
            await self._share(rest)
        elif name == "photo":
            path, _, caption = rest.partition(" ")
            await self._chat.sends_photo(_content(path), caption, _mime_type(path))
        elif name == "document":
            await self._chat.sends_document(_content(rest), Path(rest).name, mime_type=_mime_type(rest))
        else:
            raise NotUnderstood(f"/{name} is not known.\n{HELP}")
        return True

    async def _look(self, name: str) -> None:
        if name == "help":
            self._note(HELP)
        elif name == "people":
            for person in await self._simulator.people():
                self._note(f"{person['key']}  {person['name']}")
        else:
            self._note(str(self._chat))

    async def _share(self, rest: str) -> None:
        place = place_called(rest) if rest else PLACES[0]
        if place is not None:
            await self._chat.shares_location(place.latitude, place.longitude, place.name, place.address)
            return
        try:
            latitude, longitude = (float(part) for part in rest.replace(",", " ").split())
        except ValueError:
            names = ", ".join(place.name for place in PLACES)
            raise NotUnderstood(f"Say a latitude and a longitude, or one of: {names}.") from None
        await self._chat.shares_location(latitude, longitude)

    def _numbered(self, line: str) -> Choice | None:
        """What a number taps, if there is something with that number."""
        latest = self._latest_to_tap()
        if latest is None or not line.isdecimal() or not 1 <= int(line) <= len(latest.choices):
            return None
        return latest.choices[int(line) - 1]

    async def _tap(self, choice: Choice) -> None:
        await self._chat.taps(choice.title)

    async def _tap_titled(self, title: str) -> None:
        """A script may tap what somebody else brings about, a little later; a person taps what they see."""
        seconds = self._answer_seconds if self._scripted else SETTLED_SECONDS
        try:
            await self._chat.taps(title, within_seconds=seconds)
        except NotHeard:
            self.unanswered += 1
            latest = self._latest_to_tap()
            shown = ", ".join(choice.title for choice in latest.choices) if latest else "nothing yet"
            raise NotUnderstood(f"Nothing to tap is called “{title}”. Shown last: {shown}.") from None

    def _latest_to_tap(self) -> Message | None:
        return next((found for found in reversed(self._chat.transcript) if found.choices), None)

    def _last_heard(self) -> int:
        """Sequence of the last message of the business."""
        return max((found.sequence for found in self._chat.transcript if found.by == "business"), default=0)

    async def _answered(self, before: int) -> None:
        """Wait for an answer, and until no more come. A script that waits in vain is told so."""
        try:
            await self._hears_after(before, self._answer_seconds)
        except TimeoutError:
            self.unanswered += 1
            self._note(f"No answer within {self._answer_seconds:g} s. {await self._simulator.trouble()}")
            return
        while True:
            try:
                await self._hears_after(self._last_heard(), SETTLED_SECONDS)
            except TimeoutError:
                return

    async def _hears_after(self, sequence: int, within_seconds: float) -> None:
        """Wait for a message of the business after this one. Raises TimeoutError."""
        async with asyncio.timeout(within_seconds):
            while self._last_heard() <= sequence:
                await self._chat.person.wait_for_change()

    async def _print_what_comes(self) -> None:
        self._show_new()
        while True:
            await self._chat.person.wait_for_change()
            self._show_new()

    def _show_new(self) -> None:
        for message in self._chat.transcript:
            if message.sequence > self._shown:
                self._shown = message.sequence
                self._show(message)

    def _show(self, message: Message) -> None:
        if self._as_json:
            line = orjson.dumps(message_as_json(message)).decode()
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)
            return
        name = self._chat.person.name or self._chat.person.key
        if self._console.is_terminal:
            self._console.print(bubble(message, name=name, width=self._console.width, numbered=True))
        else:
            text = as_plain_text([message], name=name, numbered=True)
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _note(self, text: str) -> None:
        """Something that is no message."""
        self._notes.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)


def _content(path: str) -> bytes:
    return Path(path).expanduser().read_bytes()


def _mime_type(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"
