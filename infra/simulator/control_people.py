"""The control API's part about people: who has a phone, what they say, what they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from infra.simulator import incoming as shapes
from infra.simulator.control_bodies import bounded_body, filled_text, json_answer, json_body
from infra.simulator.feed import message_as_json, person_as_json
from infra.simulator.line import LocalLine
from infra.simulator.media import BIGGEST
from infra.simulator.people import Person, digits

if TYPE_CHECKING:
    from infra.simulator.simulator import Simulator

PEOPLE_LISTED = 500


class PeopleControl:
    """Handlers of `/_simulator/people…`; control.py describes them."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._exchange = simulator.exchange

    async def everyone(self, _: web.Request) -> web.Response:
        """The people who were active last."""
        everyone = list(self._exchange.people)[-PEOPLE_LISTED:]
        return json_answer([person_as_json(person) for person in everyone])

    async def add(self, request: web.Request) -> web.Response:
        """Give someone a phone."""
        wanted = await json_body(request)
        chat = self._simulator.chat(
            wanted.get("phone") or None,
            name=str(wanted.get("name", ""))[:100],
            user_id=wanted.get("user_id", ""),
            username=wanted.get("username"),
        )
        return json_answer(person_as_json(chat.person))

    async def messages(self, request: web.Request) -> web.Response:
        """One conversation."""
        after = int(request.query.get("after", 0))
        found = [message for message in self._person(request).messages if message.sequence > after]
        return json_answer([message_as_json(message) for message in found])

    async def send(self, request: web.Request) -> web.Response:
        """Speak as a person."""
        person, wanted = self._person(request), await json_body(request)
        message = self._incoming(wanted)
        if wanted.get("reply_to"):
            business = self._exchange.display_phone_number
            message = shapes.as_reply(message, str(wanted["reply_to"]), business)
        return json_answer(message_as_json(self._exchange.receive(person, message)))

    async def send_medium(self, request: web.Request) -> web.Response:
        """Send a file as a person."""
        person = self._person(request)
        data = await bounded_body(request, BIGGEST)
        query = request.query
        medium = self._exchange.media.add(
            request.headers.get("Content-Type", ""), data, query.get("filename", "")
        )
        message = shapes.a_medium(medium, caption=query.get("caption", "")[:1024], voice="voice" in query)
        return json_answer(message_as_json(self._exchange.receive(person, message)))

    async def change_number(self, request: web.Request) -> web.Response:
        """Move the person to another number."""
        person, wanted = self._person(request), await json_body(request)
        new = digits(str(wanted["phone"]))
        if not new or self._exchange.people.get(new) is not None:
            raise ValueError("this is no number, or somebody else's")
        return json_answer(message_as_json(await LocalLine(self._exchange).change_number(person, new)))

    async def silent(self, request: web.Request) -> web.Response:
        """Close the 24-hour window."""
        person, wanted = self._person(request), await json_body(request)
        await LocalLine(self._exchange).silence(person, float(wanted.get("hours", 25)))
        return json_answer(person_as_json(person))

    async def medium(self, request: web.Request) -> web.Response:
        """A file, shown only where showing it is harmless."""
        medium = self._exchange.media.get(request.match_info["media_id"])
        if medium is None:
            return json_answer({"error": "no such file"}, 404)
        headers = {
            "Content-Type": medium.mime_type,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Content-Disposition": "attachment" if medium.kind == "document" else "inline",
        }
        return web.Response(body=medium.data, headers=headers)

    def _person(self, request: web.Request) -> Person:
        person = self._exchange.people.get(request.match_info["key"])
        if person is None:
            raise ValueError("nobody has this number; add the person first")
        return person

    def _incoming(self, wanted: dict[str, Any]) -> shapes.Incoming:
        if "text" in wanted:
            return shapes.a_text(filled_text(wanted["text"]))
        if "location" in wanted:
            return shapes.a_location(**wanted["location"])
        if "reaction" in wanted:
            return shapes.a_reaction(str(wanted["reaction"]["message"]), str(wanted["reaction"]["emoji"]))
        if "contact" in wanted:
            return shapes.a_contact(filled_text(wanted["contact"]["name"]), str(wanted["contact"]["phone"]))
        if "tap" in wanted:
            return self._tap(wanted["tap"])
        if "raw" in wanted:
            return dict(wanted["raw"])
        raise ValueError("send one of text, tap, location, reaction, contact, raw")

    def _tap(self, tap: dict[str, Any]) -> shapes.Incoming:
        found = self._exchange.people.find(str(tap["message"]))
        choices = found[1].choices if found is not None else []
        choice = next((choice for choice in choices if choice.id == tap["id"]), None)
        if found is None or choice is None:
            raise ValueError("this message has no such row or button")
        return shapes.a_tap(choice, found[1].id, self._exchange.display_phone_number)
