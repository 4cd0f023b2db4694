"""A town whose people talk to mobility on a real database, with a clock that the test moves.

Turns are routed as core routes them and handled as the runtime handles them, one transaction each, without
Kafka between; timers wait until the clock reaches them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from consumers.core.keywords import Keywords
from consumers.core.words import words_of
from consumers.decision import Decision, Schedule
from consumers.domain import Context, Turn
from consumers.mobility.flows import mobility
from consumers.replies import render_reply
from consumers.runtime import dialogue
from consumers.runtime.injection import Binder
from consumers.turn import Conversation, Said
from infra.postgres.session import Session
from schemas.content import (
    ButtonsContent,
    Content,
    LinkContent,
    ListContent,
    LocationContent,
    LocationShared,
    MediaSent,
    Tapped,
    TextSaid,
)
from schemas.envelope import Envelope
from schemas.events.conversation import TurnRouted
from schemas.events.wallet import Command, Posted
from schemas.ids import content_id
from schemas.model import EventData

MORNING = datetime(2025, 8, 5, 8, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Kigali
BINDER = Binder(mobility)
KEYWORDS = Keywords([intent for intent, _ in mobility.intents.values()])


def taps_of(content: Content) -> dict[str, str]:
    """What can be tapped in a message: title → id."""
    if isinstance(content, ButtonsContent):
        return {each.title: each.id for each in content.buttons}
    if isinstance(content, ListContent):
        return {row.title: row.id for section in content.sections for row in section.rows}
    return {}


def words_in(content: Content) -> str:
    """What can be read in a message, rows included."""
    body = getattr(content, "body", None) or ""
    if isinstance(content, ListContent):
        rows = [f"{r.title} | {r.description or ''}" for s in content.sections for r in s.rows]
        return "\n".join([content.header or "", body, *rows])
    if isinstance(content, LinkContent):
        return f"{body} {content.url}"
    if isinstance(content, LocationContent):
        return f"at {content.latitude:.4f}, {content.longitude:.4f}"
    return body


@dataclass
class Citizen:
    """One person with a phone."""

    town: Town
    person: str
    phone: str | None
    locale: str = "en"
    heard: list[Content] = field(default_factory=list)
    turn: int = 0
    heard_before: int = 0  # how many messages, when the latest turn began

    async def says(self, text: str) -> None:
        await self.town.turn(self, TextSaid(body=text))

    async def shares(self, latitude: float, longitude: float) -> None:
        await self.town.turn(self, LocationShared(latitude=latitude, longitude=longitude))

    async def sends_photo(self) -> None:
        await self.town.turn(self, MediaSent(media="image", media_id="1"))

    async def taps(self, title: str) -> None:
        """Tap what stands in the latest message that offers it, by the beginning of its title."""
        for content in reversed(self.heard):
            for shown, identity in taps_of(content).items():
                if shown.startswith(title):
                    await self.taps_id(identity)
                    return
        raise AssertionError(f"nothing to tap is called {title!r}: {[taps_of(c) for c in self.heard[-3:]]}")

    async def taps_id(self, identity: str) -> None:
        await self.town.turn(self, Tapped(id=identity, title=identity))

    def offered(self) -> list[str]:
        """What can be tapped in the latest message."""
        return list(taps_of(self.heard[-1])) if self.heard else []

    def hears(self, *parts: str) -> Content:
        """The latest message in which all these parts stand, since this person last did something."""
        for content in reversed(self.heard[self.heard_before :]):
            if all(part in words_in(content) for part in parts):
                return content
        raise AssertionError(f"{parts} was not heard, but: {[words_in(c) for c in self.heard[-4:]]}")

    def last(self) -> str:
        """What the latest message says."""
        return words_in(self.heard[-1]) if self.heard else ""

    def rows(self) -> list[str]:
        """The titles in the latest list."""
        lists = [content for content in self.heard if isinstance(content, ListContent)]
        return list(taps_of(lists[-1])) if lists else []

    def forgets(self) -> None:
        """Begin to listen anew; what was heard can no longer be tapped."""
        self.heard.clear()
        self.heard_before = 0


class Town:
    """Everybody, their conversations, the clock, what was emitted, and what waits."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self.connection = connection
        self.now = MORNING
        self.held_up = timedelta(0)  # how long turns are under way
        self.people: dict[str, Citizen] = {}
        self.conversations: dict[str, Conversation] = {}
        self.events: list[EventData] = []
        self.timers: dict[str, Schedule] = {}
        self.templates: list[tuple[str, str]] = []
        self.everybody_can_pay = True  # the wallet does at once what it is asked
        self.statements = 0

    def arrives(self, name: str, phone: str | None = None, locale: str = "en") -> Citizen:
        """Somebody new; everybody has a number unless it is empty."""
        number = f"2507880{len(self.people):05d}" if phone is None else phone or None
        citizen = Citizen(self, name, number, locale)
        self.people[name] = citizen
        self.conversations[name] = Conversation(name, locale=locale)
        return citizen

    async def turn(self, citizen: Citizen, said: Said) -> None:
        """One turn, as core routes it: to the conversation under way, else by keyword."""
        citizen.turn += 1
        citizen.heard_before = len(citizen.heard)
        conversation = self.conversations[citizen.person]
        intent = None
        if isinstance(said, TextSaid) and conversation.step is None:
            intent = self._intent(said)
        decision = await self._take(citizen, said, intent)
        if decision.claimed:
            return
        intent = self._intent(said) if isinstance(said, TextSaid) else None
        if intent is not None:
            await self._take(citizen, said, intent)
            return
        for reply in decision.replies:
            citizen.heard.append(render_reply(reply, citizen.locale))

    def _intent(self, said: TextSaid) -> str | None:
        found = KEYWORDS.choose(words_of(said.body))
        return found.name if found else None

    async def _take(self, citizen: Citizen, said: Said, intent: str | None) -> Decision:
        conversation = self.conversations[citizen.person]
        routed = TurnRouted(
            person=citizen.person,
            contact=citizen.person,
            turn=citizen.turn,
            said=said,
            at=self.now - self.held_up,
            wamid=f"wamid.{citizen.person}.{citizen.turn}",
            intent=intent,
            locale=citizen.locale,
            phone=citizen.phone,
        )
        handler, argument = dialogue.find_handler(mobility, routed, conversation)
        if handler is None:
            return Decision(claimed=False)
        begun = dialogue.begin(conversation) if dialogue.is_start(mobility, handler) else conversation
        envelope = self.envelope(f"{citizen.person}:{citizen.turn}:{intent}")
        turn = Turn(routed, self.now, begun, envelope, argument)
        decision = await self._call(handler, {Turn: turn})
        if decision.claimed:
            if begun is not conversation:
                conversation.step, conversation.data = None, {}
            dialogue.apply(conversation, decision, routed)
            citizen.heard.extend(render_reply(reply, citizen.locale) for reply in decision.replies)
            await self._take_over(decision)
        return decision

    async def event(self, data: EventData, person: str) -> Decision:
        """An event or a timer."""
        handler = mobility.routes[data.event_type].handler
        conversation = self.conversations.get(person, Conversation(person))
        context = Context(self.envelope(data.write().decode()), self.now, person, conversation)
        decision = await self._call(handler, {type(data): data, Context: context})
        await self._take_over(decision)
        return decision

    async def _call(self, handler: Callable[..., Awaitable[Any]], given: dict[type, Any]) -> Decision:
        async with self.connection.transaction():
            session = Session(self.connection)
            decision: Decision = await BINDER[handler].call({**BINDER.open_stores(session), **given})
            await session.flush()
            self.statements = session.statements
        return decision

    async def _take_over(self, decision: Decision) -> None:
        self.events.extend(emit.data for emit in decision.emits)
        self.timers.update((timer.name, timer) for timer in decision.timers)
        for name in decision.cancels:
            self.timers.pop(name, None)
        for tell in decision.tells:
            told = self.people[tell.person]
            told.heard.append(render_reply(tell.reply, told.locale))
            if tell.template:
                self.templates.append((tell.person, tell.template))
        for emit in decision.emits:
            if isinstance(emit.data, Command) and self.everybody_can_pay:
                await self.event(Posted(id=emit.data.id, command=emit.data.event_type, at=self.now), emit.key)

    async def passes(self, **time: float) -> None:
        """Time goes by; whatever comes due on the way happens, in its order."""
        end = self.now + timedelta(**time)
        while due := [timer for timer in self.timers.values() if timer.due <= end]:
            timer = min(due, key=lambda each: each.due)
            del self.timers[timer.name]
            self.now = max(self.now, timer.due)
            await self.event(timer.data, timer.key)
        self.now = end

    def envelope(self, name: str) -> Envelope:
        """An event's envelope with an id of its own."""
        identity: UUID = content_id("town", f"{name}:{self.now.isoformat()}".encode())
        return Envelope(identity, "", "", "", self.now, "", "", "", "")

    def emitted(self, kind: type[EventData]) -> Sequence[Any]:
        """The events of a kind, oldest first."""
        return [event for event in self.events if type(event) is kind]
