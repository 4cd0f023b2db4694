"""A person's phone for tests and demonstrations: speak, tap, and wait for what is heard.

    chat = simulator.chat("250788123456", name="Aline")
    await chat.says("book ride")
    await chat.hears("Where should we pick you up?")
    await chat.shares_location(-1.9441, 30.0619)
    await chat.hears_list(title="Drivers near you", rows=3)
    await chat.taps("Moto")

What was heard is consumed: each `hears…` looks only at what arrived after the last message heard.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence

from infra.simulator import incoming as shapes
from infra.simulator.incoming import Incoming
from infra.simulator.line import Line
from infra.simulator.messages import Choice, Message
from infra.simulator.people import WINDOW_SECONDS, Person, digits
from infra.simulator.transcript import as_plain_text

WITHIN_SECONDS = 15.0

Wanted = str | re.Pattern[str]


class NotHeard(AssertionError):
    """What was waited for did not come; the message shows the whole conversation."""


class Chat:
    """One person's side of the conversation with the business."""

    def __init__(self, person: Person, line: Line) -> None:
        self.person = person
        self._line = line

    # Speaking. Each returns the message once it is on its way; delivery goes on in the background.

    async def says(self, words: str, *, reply_to: Message | None = None) -> Message:
        """Send text."""
        return await self.sends(self._answering(shapes.a_text(words), reply_to))

    async def taps(self, title: str, *, within_seconds: float = WITHIN_SECONDS) -> Message:
        """Tap the row or button with this visible title, in the latest message that has it."""
        message, choice = await self._choice(title, within_seconds)
        return await self.sends(shapes.a_tap(choice, message.id, self._line.business))

    async def shares_location(
        self, latitude: float, longitude: float, name: str = "", address: str = ""
    ) -> Message:
        """Send a place, in degrees."""
        return await self.sends(shapes.a_location(latitude, longitude, name, address))

    async def sends_photo(self, data: bytes, caption: str = "", mime_type: str = "image/jpeg") -> Message:
        """Send a picture. Raises GraphError when WhatsApp would not take it."""
        return await self._sends_medium(data, mime_type, caption=caption)

    async def sends_document(
        self, data: bytes, filename: str, caption: str = "", mime_type: str = "application/pdf"
    ) -> Message:
        """Send a file. Raises GraphError when WhatsApp would not take it."""
        return await self._sends_medium(data, mime_type, filename=filename, caption=caption)

    async def sends_voice(self, data: bytes, mime_type: str = "audio/ogg; codecs=opus") -> Message:
        """Send a voice note. Raises GraphError when WhatsApp would not take it."""
        return await self._sends_medium(data, mime_type, voice=True)

    async def reacts(self, message: Message, emoji: str) -> Message:
        """React to a message; an empty emoji takes the reaction back."""
        return await self.sends(shapes.a_reaction(message.id, emoji))

    async def changes_number(self, new: str) -> Message:
        """Move to another number: WhatsApp tells the business from the old one."""
        return await self._line.change_number(self.person, digits(new))

    async def sends(self, incoming: Incoming) -> Message:
        """Send a message in Meta's own shape (see incoming.py); sender, id and time are added."""
        return await self._line.send(self.person, incoming)

    async def was_silent(self, hours: float = WINDOW_SECONDS / 3600 + 1) -> None:
        """Act as if this person wrote last so many hours earlier: closes the 24-hour window."""
        await self._line.silence(self.person, hours)

    # Hearing.

    async def hears(self, part: Wanted, *, within_seconds: float = WITHIN_SECONDS) -> Message:
        """Wait for a message that holds this text (in any case), or matches this pattern."""
        return await self._heard_when(lambda found: _holds(found.text, part), f"{part!r}", within_seconds)

    async def hears_next(self, part: Wanted, *, within_seconds: float = WITHIN_SECONDS) -> Message:
        """Like `hears`, but it must be the very next message: nothing else came before it."""
        found = await self._heard_when(lambda _: True, f"{part!r} as the next message", within_seconds)
        if not _holds(found.text, part):
            raise NotHeard(await self._complaint(f"{part!r} as the next message", f"heard {found.text!r}"))
        return found

    async def hears_list(
        self,
        title: Wanted = "",
        rows: int | Sequence[str] | None = None,
        *,
        within_seconds: float = WITHIN_SECONDS,
    ) -> Message:
        """Wait for a list: `title` is part of its header, text, button or a section's title.

        `rows` is their exact number, or titles that must be among them.
        """

        def fits(found: Message) -> bool:
            titles = [row.title for row in found.rows]
            if not titles or not any(_holds(label, title) for label in _labels(found)):
                return False
            return rows is None or (
                len(titles) == rows if isinstance(rows, int) else set(rows) <= set(titles)
            )

        return await self._heard_when(fits, f"a list {title!r} with rows {rows!r}", within_seconds)

    async def hears_buttons(
        self, *titles: str, text: Wanted = "", within_seconds: float = WITHIN_SECONDS
    ) -> Message:
        """Wait for a message with buttons, these among them, and this text in it."""

        def fits(found: Message) -> bool:
            shown = {button.title for button in found.buttons}
            return bool(shown) and set(titles) <= shown and _holds(found.text, text)

        return await self._heard_when(fits, f"buttons {titles!r} with text {text!r}", within_seconds)

    async def hears_a(
        self, kind: str, part: Wanted = "", *, within_seconds: float = WITHIN_SECONDS
    ) -> Message:
        """Wait for a message of a type ("image", "template", "location" …), with this text in it."""
        return await self._heard_when(
            lambda found: found.type == kind and _holds(found.text, part),
            f"a {kind} {part!r}",
            within_seconds,
        )

    async def sees_status(
        self, message: Message, *statuses: str, within_seconds: float = WITHIN_SECONDS
    ) -> Message:
        """Wait until a message has one of these statuses ("read": the business has read it)."""
        await self._wait(lambda: message.status in statuses, f"status {statuses!r}", within_seconds)
        return message

    def skip(self) -> None:
        """Take everything that arrived until now as heard."""
        if self.person.messages:
            self.person.heard = self.person.messages[-1].sequence

    @property
    def transcript(self) -> list[Message]:
        """Both sides, in order; the last 500 messages."""
        return list(self.person.messages)

    @property
    def unheard(self) -> list[Message]:
        """What the business sent after the last message heard."""
        return [found for found in self.person.messages if self._is_new(found)]

    def __str__(self) -> str:
        return as_plain_text(self.transcript, name=self.person.name or self.person.key)

    def _is_new(self, message: Message) -> bool:
        return message.by == "business" and message.sequence > self.person.heard

    async def _heard_when(
        self, fits: Callable[[Message], bool], wanted: str, within_seconds: float
    ) -> Message:
        found: list[Message] = []

        def arrived() -> bool:
            found[:] = [message for message in self.unheard if fits(message)][:1]
            return bool(found)

        await self._wait(arrived, wanted, within_seconds)
        self.person.heard = found[0].sequence
        return found[0]

    async def _choice(self, title: str, within_seconds: float) -> tuple[Message, Choice]:
        found: list[tuple[Message, Choice]] = []

        def shown() -> bool:
            for message in reversed(self.person.messages):
                for choice in message.choices:
                    if _same(choice.title, title):
                        found[:] = [(message, choice)]
                        return True
            return False

        await self._wait(shown, f"something to tap called {title!r}", within_seconds)
        return found[0]

    async def _wait(self, reached: Callable[[], bool], wanted: str, within_seconds: float) -> None:
        try:
            async with asyncio.timeout(within_seconds):
                while not reached():
                    await self.person.wait_for_change()
        except TimeoutError:
            raise NotHeard(await self._complaint(wanted, f"not within {within_seconds:g} s")) from None

    async def _complaint(self, wanted: str, what: str) -> str:
        latest = next((found for found in reversed(self.person.messages) if found.choices), None)
        shown = ", ".join(repr(choice.title) for choice in latest.choices) if latest else "nothing"
        return (
            f"Waited for {wanted}: {what}.\nCan be tapped last: {shown}.\n"
            f"{await self._line.trouble()}\n\n{self}"
        )

    async def _sends_medium(
        self, data: bytes, mime_type: str, *, filename: str = "", caption: str = "", voice: bool = False
    ) -> Message:
        return await self._line.send_medium(
            self.person, data, mime_type, filename=filename, caption=caption, voice=voice
        )

    def _answering(self, incoming: Incoming, reply_to: Message | None) -> Incoming:
        if reply_to is None:
            return incoming
        return shapes.as_reply(incoming, reply_to.id, self._line.business)


def _labels(message: Message) -> list[str]:
    """All texts of a list that may be taken for its title."""
    action = message.content.get("action", {})
    sections = [section.get("title", "") for section in action.get("sections", ())]
    return [message.text, action.get("button", ""), *sections]


def _holds(text: str, part: Wanted) -> bool:
    if isinstance(part, re.Pattern):
        return part.search(text) is not None
    return part.casefold() in text.casefold()


def _same(shown: str, title: str) -> bool:
    return shown.strip().casefold() == title.strip().casefold()
