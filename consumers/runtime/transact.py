"""One chunk within its transaction: every event of it has its effect and its row, or none has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import monotonic, perf_counter
from typing import Any

from consumers.decision import Decision, Fatal
from consumers.domain import Context, Domain, GivenUp, Turn
from consumers.runtime import dialogue
from consumers.runtime.concluding import Conclusions
from consumers.runtime.consequences import Consequences, RunAgain, speaking_to
from consumers.runtime.injection import Binder, Unbound
from consumers.runtime.judging import Judge
from consumers.runtime.limits import TookTooLong, within
from consumers.runtime.policy import HandlerTimeout, RetryPolicy, Verdict
from consumers.runtime.records import Outcome, Record, Result
from consumers.runtime.rendering import APOLOGY_INDEX, Rendering
from consumers.runtime.tables import Tables
from consumers.runtime.texts import apology, regret
from consumers.turn import Conversation
from infra.postgres.away import is_away
from infra.postgres.session import BulkError, Conflict, ReadAfterWrite, Session
from infra.telemetry import metrics
from infra.telemetry.tracing import Tracing
from schemas.events.conversation import Ended, Leave, TurnRouted
from schemas.events.whatsapp import MessageReceived
from schemas.model import EventData

TURN_SECONDS = 5.0
CHUNK_SECONDS = 15.0  # its locks are held for so long: what takes longer is done in halves


@dataclass(frozen=True, slots=True)
class Frame:
    """What all transactions of a consumer share."""

    domain: Domain
    binder: Binder
    resources: Mapping[type, Any]
    tracing: Tracing
    policy: RetryPolicy


class ChunkTransaction:
    """Made anew for each run of a chunk."""

    def __init__(self, frame: Frame, session: Session, now: datetime) -> None:
        self.domain = frame.domain
        self.binder = frame.binder
        self.policy = frame.policy
        self.tracing = frame.tracing
        self.session = session
        self.tables = Tables(session, frame.domain.name)
        self.now = now
        self._handler_seconds = metrics.RUNTIME_HANDLER_SECONDS.labels(frame.domain.name)
        self.values: dict[type, Any] = {**frame.resources, **frame.binder.open_stores(session)}
        self.persons: dict[Record, str] = {}
        self.conversations: dict[str, Conversation] = {}
        self.judge: Judge
        self.conclusions: Conclusions
        self.consequences = Consequences(frame.domain, self.tables)

    async def run(self, records: Sequence[Record]) -> list[Result]:
        """Handle the records in their order.

        Raises RunAgain, Conflict, BulkError (the chunk is to be run again, or halved), Fatal, and what
        asyncpg raises when the database is away.
        """
        ends = monotonic() + CHUNK_SECONDS
        await self.begin(records)
        await self.load(records)
        for record in records:
            self.conclude(record, self.foregone(record) or await self._handle(record))
            if monotonic() > ends and record is not records[-1]:
                raise BulkError(f"{len(records)} events take longer than {CHUNK_SECONDS} s")
        return await self.finish()

    # The frame, which claiming and recording share ---------------------------------------------------

    async def begin(self, records: Sequence[Record]) -> None:
        """Whose events these are, their locks, and what is known of them."""
        readable = [r for r in records if r.data is not None]
        self.persons = {r: _person_of(r.key) for r in readable}
        if self.domain.identify is not None:
            known = [(r, r.data) for r in readable if r.data is not None and r.failure is None]
            names = await self.domain.identify(self.session, [(r.event, data) for r, data in known])
            self.persons |= zip((r for r, _ in known), names, strict=True)
        if self.domain.conversational and readable:
            persons = [self.persons[r] for r in readable if self._converses(r)]
            if persons:
                self.conversations = await self.tables.lock_conversations(persons)
        self.judge = await Judge.look_up(self.tables, records, self.now, ordered=self.domain.ordered)
        self.conclusions = Conclusions(self.domain, self.tables, self.judge, self.policy, self.now)

    async def load(self, records: Sequence[Record]) -> None:
        """Let the stores read ahead for the records that handlers may come to see."""
        events = [
            (r.event, r.data, self.persons[r])
            for r in records
            if self.judge.may_run(r) and not r.crowded and r.failure is None
        ]
        await self.binder.load(self.values, events)

    def foregone(self, record: Record) -> Verdict | None:
        """The verdict on a record that needs no handler, or None."""
        verdict = self.judge.judge(record)
        if verdict is not None:
            return verdict
        waiting = self.judge.waiting(record)
        if waiting is not None and self.consequences.decides_about(waiting.name):
            return Verdict(Outcome.GONE, repeated=True)
        if record.malformed is not None:
            return self.conclusions.refused(record, record.malformed)
        if record.failure is not None:
            return self.failed(record, record.failure)
        if record.crowded:
            return Verdict(Outcome.PARKED, reason="crowded", due=self.now)
        return None

    def conclude(self, record: Record, verdict: Verdict) -> None:
        """This is what becomes of the record."""
        self.conclusions.add(record, verdict)

    async def finish(self) -> list[Result]:
        """Write everything."""
        for record, reason in self.conclusions.dead():
            await self._give_up(record, reason)
        await self.consequences.write()
        results = self.conclusions.write()
        await self.session.flush()
        return results

    async def _give_up(self, record: Record, reason: str) -> None:
        """Let the domain write down that the event is dead. What this raises is a defect."""
        route, data = record.route, record.data
        if route is not None and route.give_up is not None and data is not None:
            given = {type(data): data, Context: self._context(record), GivenUp: GivenUp(reason)}
            await self._call(route.give_up, given, route.seconds)

    # One record ---------------------------------------------------------------------------------------

    async def _handle(self, record: Record) -> Verdict:
        """Call the handler and take over what it decided. What it raises becomes the verdict."""
        span = self.tracing.span(record.event.type, record.event.traceparent)
        rendering = Rendering(self.domain.name, record.event, span.traceparent, self.now)
        mark = self.session.mark()
        conversation = self._conversation(record)
        before = dialogue.remember(conversation)
        started = perf_counter()
        try:
            verdict = await self._decide(record, conversation, rendering)
        except (Fatal, Unbound, Conflict, BulkError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it raises is this event's failure alone
            span.end(error=type(error).__name__)
            dialogue.restore(conversation, before)
            return self._handler_failed(record, error, mark)
        self._handler_seconds.observe(perf_counter() - started)
        span.end(outcome=verdict.outcome.value)
        return verdict

    def _handler_failed(self, record: Record, error: Exception, mark: int) -> Verdict:
        """The verdict, once what the handler wrote is taken back. Raises RunAgain where that takes a new
        transaction, and the error itself where the database is at fault."""
        if self.session.is_aborted():
            if is_away(error, self.session.connection):
                raise error
            if isinstance(error, HandlerTimeout) and not record.stalled:
                record.stalled = True
                raise TimeoutError("a statement stalled: the database may be at fault") from error
            record.failure = error
            raise RunAgain from error
        try:
            self.session.undo(mark)
        except ReadAfterWrite:
            record.failure = error
            raise RunAgain from error
        return self.failed(record, error)

    def failed(self, record: Record, error: Exception) -> Verdict:
        """The verdict on a record that failed; the first time, a person is told so."""
        verdict = self.conclusions.failed(record, error)
        waiting = self.judge.waiting(record)
        first = verdict.tries == 1 and (waiting is None or waiting.tries == 0)
        if first and _is_said(record.data):
            rendering = Rendering(
                self.domain.name,
                record.event,
                record.event.traceparent,
                self.now,
                first_index=APOLOGY_INDEX,
            )
            said = apology() if verdict.outcome is Outcome.DEFERRED else regret()
            rendering.replies((said,), speaking_to(record, self._conversation(record)), None)
            verdict.outputs += rendering.outputs
        return verdict

    async def _decide(self, record: Record, conversation: Conversation, rendering: Rendering) -> Verdict:
        data, route = record.data, record.route
        if route is None or data is None:
            raise Fatal(f"{record.event.type} was admitted without a route")
        if isinstance(data, TurnRouted) and route.handler is dialogue.turns:
            return await self._take_turn(record, data, conversation, rendering)
        if isinstance(data, Leave) and route.handler is dialogue.turns:
            return await self._leave(record, data, conversation, rendering)
        given = {type(data): data, Context: self._context(record)}
        decision = await self._call(route.handler, given, route.seconds)
        return self.consequences.take_over(record, decision, conversation, rendering)

    async def _take_turn(
        self, record: Record, routed: TurnRouted, conversation: Conversation, rendering: Rendering
    ) -> Verdict:
        # It waited, is replayed, or came by way of a domain that made nothing of it: a later one was quicker.
        if conversation.turn > routed.turn:
            return Verdict(Outcome.SUPERSEDED, reason=f"turn {conversation.turn} took effect first")
        handler, argument = dialogue.find_handler(self.domain, routed, conversation)
        if handler is None:
            decision = Decision(claimed=False)
        else:
            begun = dialogue.begin(conversation) if dialogue.is_start(self.domain, handler) else conversation
            turn = Turn(routed, self.now, begun, record.event, argument)
            decision = await self._call(handler, {Turn: turn}, TURN_SECONDS)
            if begun is not conversation and decision.claimed:
                conversation.step, conversation.data = None, {}
        return self.consequences.take_over(record, decision, conversation, rendering, routed)

    async def _leave(
        self, record: Record, leave: Leave, conversation: Conversation, rendering: Rendering
    ) -> Verdict:
        """The person has gone elsewhere: unless they have come back since, what was remembered goes."""
        if conversation.turn > leave.turn:
            return Verdict(Outcome.SUPERSEDED, reason=f"turn {conversation.turn} took effect first")
        decision = Decision()
        if self.domain.on_leave is not None and conversation.step is not None:
            given = {Context: self._context(record), Leave: leave}
            decision = await self._call(self.domain.on_leave, given, TURN_SECONDS)
        decision = replace(decision, replies=(), ended=True)
        conversation.turn = leave.turn  # a turn that was deferred before it is superseded
        verdict = self.consequences.take_over(record, decision, conversation, rendering)
        ended = Ended(person=leave.person, turn=leave.turn, domain=self.domain.name)
        rendering.rest(Decision(), leave.person, ended)
        return verdict

    def _converses(self, record: Record) -> bool:
        return not self.domain.locks_turns_only or isinstance(record.data, TurnRouted | Leave)

    def _conversation(self, record: Record) -> Conversation:
        person = self.persons[record]
        return self.conversations.get(person) or Conversation(person)

    def _context(self, record: Record) -> Context:
        conversation = self._conversation(record)
        return Context(record.event, record.now(self.now), conversation.person, conversation, record.key)

    async def _call(
        self, handler: Callable[..., Awaitable[Any]], given: Mapping[type, Any], seconds: float
    ) -> Any:
        try:
            return await within(seconds, self.binder[handler].call({**self.values, **given}))
        except TookTooLong:
            raise HandlerTimeout(f"{handler.__qualname__} took longer than {seconds} s") from None


def _is_said(data: EventData | None) -> bool:
    """Whether a person waits for an answer to it; of a word of WhatsApp itself nobody knows."""
    if isinstance(data, MessageReceived):
        return data.message.get("type") != "system"
    return isinstance(data, TurnRouted)


def _person_of(key: bytes | None) -> str:
    """Who a record's key stands for, in characters that PostgreSQL takes."""
    return (key or b"").decode(errors="replace").replace("\x00", "\ufffd")
