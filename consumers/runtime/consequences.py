"""What the decisions of one transaction bring about: moved conversations, replies, timers."""

from __future__ import annotations

from datetime import datetime

from consumers.decision import Decision, Tell
from consumers.domain import Domain
from consumers.runtime import dialogue
from consumers.runtime.policy import Verdict
from consumers.runtime.records import Outcome, Record
from consumers.runtime.rendering import Rendering, Speaking
from consumers.runtime.tables import Tables, Waits
from consumers.turn import Conversation
from schemas.events.conversation import TurnRouted, Unclaimed
from schemas.events.whatsapp import MessageReceived


class RunAgain(Exception):
    """The transaction cannot go on because of one record, whose failure is now noted on it."""


class Consequences:
    """Gathers what follows from each decision, and buffers its rows when the transaction is about to end."""

    def __init__(self, domain: Domain, tables: Tables) -> None:
        self._domain = domain
        self._tables = tables
        self._changed: dict[str, Conversation] = {}
        self._timers: dict[str, tuple[Waits, datetime] | None] = {}
        self._tells: list[tuple[Record, Rendering, tuple[Tell, ...]]] = []

    def take_over(
        self,
        record: Record,
        decision: Decision,
        conversation: Conversation,
        rendering: Rendering,
        routed: TurnRouted | None = None,
    ) -> Verdict:
        """Move the conversation, and render what the person is to read and others are to know.

        Raises whatever cannot be rendered; the conversation is then to be put back.
        """
        changed = dialogue.apply(conversation, decision, routed)
        speaking = speaking_to(record, conversation, decision.locale)
        if decision.claimed:
            changed |= rendering.replies(decision.replies, speaking, conversation)
        word = dialogue.word_for_core(self._domain.name, decision, routed, speaking.locale)
        rendering.rest(decision, conversation.person, word)
        timers = [(timer.name, (rendering.timer(timer), timer.due)) for timer in decision.timers]
        if changed:
            self.moved(conversation)
        # What is cancelled is what was there before; a timer of the same name takes its place. A muted event
        # touches neither: what waits now belongs to the life that goes on.
        if not record.event.muted:
            self._timers.update(dict.fromkeys(decision.cancels))
            self._timers.update(timers)
        if decision.tells:
            self._tells.append((record, rendering, decision.tells))
        return Verdict(Outcome.PROCESSED, rendering.outputs, timers=bool(timers or decision.cancels))

    def decides_about(self, timer: str | None) -> bool:
        """Whether an earlier event of this transaction cancelled or replaced the timer of this name."""
        return timer in self._timers

    def moved(self, conversation: Conversation) -> None:
        """This conversation is to be saved."""
        if self._domain.conversational:
            self._changed[conversation.person] = conversation

    async def write(self) -> None:
        """Render what was left, and buffer all rows. Raises RunAgain when a record turns out to fail."""
        await self._render_tells()
        for conversation in self._changed.values():
            self._tables.save_conversation(conversation)
        for name, timer in self._timers.items():
            if timer is None:
                self._tables.cancel_timer(name)
            else:
                self._tables.add_timer(name, *timer)

    async def _render_tells(self) -> None:
        """Replies to others: their languages are looked up for the whole chunk at once."""
        if not self._tells:
            return
        persons = {tell.person for _, _, tells in self._tells for tell in tells}
        locales = await self._tables.find_locales(persons)
        for record, rendering, tells in self._tells:
            try:
                for tell in tells:
                    rendering.tell(tell, locales)
            except Exception as error:
                record.failure = error
                raise RunAgain from error


def speaking_to(record: Record, conversation: Conversation, locale: str | None = None) -> Speaking:
    """To whom the replies to a record go, and in which language unless `locale` says so."""
    data = record.data
    routed = data.routed if isinstance(data, Unclaimed) else data
    if isinstance(routed, TurnRouted):
        return Speaking(conversation.person, locale or routed.locale, routed.contact, routed.at)
    if isinstance(data, MessageReceived):
        return Speaking(conversation.person, locale or conversation.locale, data.contact, record.event.time)
    return Speaking(
        conversation.person, locale or conversation.locale, conversation.contact, conversation.heard_at
    )
