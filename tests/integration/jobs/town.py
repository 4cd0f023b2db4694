"""People talking to the domain jobs without a broker: its handlers, its real tables, a clock set by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from consumers.domain import Context, Conversation, Decision, Schedule, Turn
from consumers.jobs.flows import jobs
from consumers.jobs.listings import Listings
from consumers.replies import render_reply
from consumers.runtime import dialogue, paging
from consumers.runtime.injection import Binder
from infra.postgres.session import Conflict, Session
from schemas.content import (
    Content,
    ListContent,
    LocationShared,
    Said,
    Tapped,
    TextSaid,
)
from schemas.envelope import Envelope
from schemas.events.conversation import TurnRouted
from schemas.model import EventData
from tests.shown import choices_of, words_in

NOON = datetime(2026, 3, 2, 10, tzinfo=UTC)  # a Monday, noon in Kigali
RERUNS = 3


class Town:
    """The people, the clock, and what the domain sent into the world."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self.pool = pool
        self.now = NOON
        self.listings = Listings()
        self.emitted: list[EventData] = []
        self.timers: dict[str, Schedule] = {}
        self.templates: list[tuple[str, str | None, tuple[object, ...]]] = []
        self.people: dict[str, Person] = {}
        self._binder = Binder(jobs)

    def person(
        self, name: str, phone: str | None = None, *, locale: str = "en", country: str = "RW"
    ) -> Person:
        """Somebody with a phone."""
        person = Person(self, name, phone, locale=locale, country=country)
        self.people[person.id] = person
        return person

    async def passes(self, **time: float) -> None:
        """Time goes by; the timers that are due come back."""
        self.now += timedelta(**time)
        for name in [name for name, timer in self.timers.items() if timer.due <= self.now]:
            timer = self.timers.pop(name)
            await self.event(timer.data, timer.key)

    async def event(self, data: EventData, person: str) -> Decision:
        """An event that is no turn."""
        conversation = Conversation(person)
        context = Context(self._envelope(data), self.now, person, conversation)
        handler = jobs.routes[data.event_type].handler
        return await self._handle(handler, {type(data): data, Context: context}, conversation, None)

    async def turn(self, person: Person, said: Said, intent: str | None = None) -> Decision:
        """One turn, as the runtime would handle it."""
        person.turns += 1
        routed = TurnRouted(
            person=person.id,
            contact=person.id,
            turn=person.turns,
            said=said,
            at=self.now,
            wamid=f"wamid.{uuid4()}",
            intent=intent,
            locale=person.locale,
            country=person.country,
            name=person.name,
            phone=person.phone,
        )
        conversation = person.conversation
        handler, argument = dialogue.find_handler(jobs, routed, conversation)
        if handler is None:
            return Decision(claimed=False)
        begun = dialogue.begin(conversation) if dialogue.is_start(jobs, handler) else conversation
        turn = Turn(routed, self.now, begun, self._envelope(routed), argument)
        if handler is paging.turn_page:
            decision = await paging.turn_page(turn)
            dialogue.apply(conversation, decision, routed)
            self._hand_over(decision, conversation, person)
            return decision
        if begun is not conversation:
            conversation.step, conversation.data = None, {}
        return await self._handle(handler, {Turn: turn}, conversation, routed)

    async def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        """What the tables say."""
        async with self.pool.acquire() as connection:
            return list(await connection.fetch(sql, *arguments))

    def _envelope(self, data: EventData) -> Envelope:
        return Envelope(uuid4(), data.event_type, "/test", "", self.now, "", "", "", "")

    async def _handle(
        self,
        handler: Callable[..., Any],
        given: dict[type, Any],
        conversation: Conversation,
        routed: TurnRouted | None,
    ) -> Decision:
        for _ in range(RERUNS):
            try:
                decision = await self._transact(handler, given)
                break
            except Conflict:
                continue
        else:
            raise AssertionError(f"{handler.__qualname__} met a conflict {RERUNS} times")
        dialogue.apply(conversation, decision, routed)
        self._hand_over(decision, conversation, self.people.get(conversation.person))
        return decision

    async def _transact(self, handler: Callable[..., Any], given: dict[type, Any]) -> Decision:
        async with self.pool.acquire() as connection, connection.transaction():
            session = Session(connection)
            stores = self._binder.open_stores(session)
            decision: Decision = await self._binder[handler].call(
                {Listings: self.listings, **stores, **given}
            )
            await session.flush()
            return decision

    def _hand_over(self, decision: Decision, conversation: Conversation, speaker: Person | None) -> None:
        self.emitted += [emit.data for emit in decision.emits]
        for name in decision.cancels:
            self.timers.pop(name, None)
        self.timers.update({timer.name: timer for timer in decision.timers})
        if speaker is not None:
            for reply in decision.replies:
                content, whole = paging.first_page(
                    jobs.name, render_reply(reply, speaker.locale), speaker.locale
                )
                if whole is not None and decision.claimed:
                    conversation.data[paging.REMEMBERED] = whole
                speaker.unread.append(content)
        for tell in decision.tells:
            self.templates.append((tell.person, tell.template, tell.template_variables))
            other = self.people.get(tell.person)
            if other is not None:
                other.unread.append(render_reply(tell.reply, other.locale))


class Person:
    """One person with a phone: what they say, and what they have not read yet."""

    def __init__(self, town: Town, name: str, phone: str | None, *, locale: str, country: str) -> None:
        self.town = town
        self.id = f"person-{name}-{uuid4()}"
        self.name = name
        self.phone = phone
        self.locale = locale
        self.country = country
        self.turns = 0
        self.conversation = Conversation(self.id, locale=locale)
        self.unread: list[Content] = []
        self.read: list[Content] = []

    async def starts(self, intent: str) -> None:
        """Says something in which core recognises an intent."""
        await self.town.turn(self, TextSaid(body=intent), intent)

    async def says(self, text: str) -> Decision:
        """Says something in the conversation under way."""
        return await self.town.turn(self, TextSaid(body=text))

    async def shares_location(self, latitude: float, longitude: float) -> None:
        """Sends a location."""
        await self.town.turn(self, LocationShared(latitude=latitude, longitude=longitude))

    async def sends(self, said: Said) -> Decision:
        """Sends anything else."""
        return await self.town.turn(self, said)

    async def taps(self, title: str) -> None:
        """Taps a row or button, in the latest message that has it."""
        for content in reversed([*self.read, *self.unread]):
            for identity, shown in choices_of(content):
                if shown == title:
                    self.skips()
                    await self.town.turn(self, Tapped(id=identity, title=shown))
                    return
        shown_last = [
            shown for content in [*self.read, *self.unread][-2:] for _, shown in choices_of(content)
        ]
        raise AssertionError(f"nothing called {title!r} to tap; the latest: {shown_last}")

    async def taps_id(self, identity: str) -> None:
        """Taps something of which only the id is known."""
        self.skips()
        await self.town.turn(self, Tapped(id=identity, title="?"))

    def skips(self, *, but: int = 0) -> None:
        """Looks over all that came, but for so many at the end."""
        middle = len(self.unread) - but
        self.read, self.unread = [*self.read, *self.unread[:middle]], self.unread[middle:]

    def hears(self, *parts: str) -> Content:
        """Reads the next message, which says all of this."""
        assert self.unread, f"{self.name} heard nothing more, but {parts} was expected"
        content = self.unread.pop(0)
        self.read.append(content)
        shown = words_in(content)
        for part in parts:
            assert part in shown, f"{part!r} is not in:\n{shown}"
        return content

    def hears_list(self, title: str, *parts: str, rows: int | None = None) -> list[str]:
        """Reads the next message, a list that says all of this; returns the titles of its rows."""
        content = self.hears(title, *parts)
        assert isinstance(content, ListContent), content
        shown = [row for _, row in choices_of(content)]
        assert rows is None or len(shown) == rows, shown
        return shown

    def hears_nothing_more(self) -> None:
        """There is no message left."""
        assert not self.unread, [words_in(content) for content in self.unread]


async def post(person: Person, title: str = "Cook for a restaurant", **answers: str) -> UUID:
    """Posts a job, question by question; returns its id."""
    await person.starts("post_job")
    await person.says(title)
    await person.taps(answers.get("kind", "Full time"))
    await person.taps(answers.get("category", "Hotel & restaurant"))
    await person.says(answers.get("place", "Gasabo"))
    if "pay" in answers:
        await person.says(answers["pay"])
        await person.taps(answers.get("unit", "A month"))
    else:
        await person.taps("To be agreed")
    await person.says(answers.get("description", "Cook lunch for 40 people."))
    await person.taps("Post it")
    person.skips()
    rows = await person.town.rows(
        "SELECT id FROM job WHERE poster = $1 ORDER BY posted_at DESC, id", person.id
    )
    return UUID(str(rows[0]["id"]))
