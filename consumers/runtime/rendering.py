"""Decisions into records: what is to be published, as bytes, before anything is committed."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from consumers.decision import Decision, Reject, Schedule, Tell
from consumers.replies import Reply, render_reply
from consumers.runtime import paging
from consumers.runtime.records import Outcome, Record, pack_record
from consumers.runtime.tables import Waits
from consumers.texts import render
from consumers.turn import Conversation
from infra.kafka.publisher import Output
from schemas import topics
from schemas.envelope import CONTENT_TYPE, ORIGIN, SPEC_VERSION, Envelope
from schemas.events.conversation import Ended, Unclaimed
from schemas.events.whatsapp import SendMessage
from schemas.ids import output_id, rebuilt_id, set_aside_id
from schemas.model import EventData

STACK_BYTES_LIMIT = 16 * 1024
MESSAGE_BYTES_LIMIT = 2 * 1024
OUTPUT_BYTES_LIMIT = topics.RECORD_BYTES_LIMIT - 64 * 1024  # room for the key, and for what a redelivery adds
APOLOGY_INDEX = -1  # an apology must not have the id of the reply that a later try brings
DEFAULT_LOCALE = "en"


@dataclass(slots=True)
class Speaking:
    """To whom replies go, and in which language."""

    person: str
    locale: str
    contact: str | None
    heard_at: datetime | None


@lru_cache(maxsize=1024)
def _constant_headers(consumer: str, kind: type[EventData]) -> tuple[tuple[str, bytes], ...]:
    return (
        ("ce_type", kind.event_type.encode()),
        ("ce_source", f"/consumers/{consumer}".encode()),
        ("ce_dataschema", kind.dataschema().encode()),
    )


@lru_cache(maxsize=8)
def _written(now: datetime) -> bytes:
    """The time as headers have it: the same for all events of a chunk."""
    return now.isoformat().encode()


class Rendering:
    """Renders what one event brings about. Output ids count up from `first_index`, as they are rendered."""

    __slots__ = (
        "_consumer",
        "_correlation",
        "_index",
        "_muted",
        "_parent",
        "_time",
        "outputs",
    )

    def __init__(
        self, consumer: str, parent: Envelope, traceparent: str, now: datetime, *, first_index: int = 0
    ) -> None:
        self._consumer = consumer
        self._parent = rebuilt_id(parent.id, parent.rebuild) if parent.rebuild else parent.id
        self._muted = parent.muted
        self._time = _written(now)
        parent_id = str(parent.id).encode()
        correlation_id = parent.correlation_id.encode() or parent_id
        self._correlation = (
            ("ce_correlationid", correlation_id),
            ("ce_causationid", parent_id),
            ("traceparent", traceparent.encode()),
            CONTENT_TYPE,
        )
        self._index = first_index
        self.outputs: list[Output] = []

    def event(self, topic: str, key: str, data: EventData, *, subject: str = "", origin: str = "") -> None:
        """One event on a topic. Raises Reject when it is too large to publish."""
        _, headers = self._headers(type(data), self._time, subject or key)
        if origin:
            headers.append((ORIGIN, origin.encode()))
        value = _fitting(data.write(), headers)
        if not self._muted:
            self.outputs.append(Output(topic, key.encode(), value, headers))

    def _headers(
        self, kind: type[EventData], time: bytes, subject: str
    ) -> tuple[UUID, list[tuple[str, bytes]]]:
        identity = output_id(self._consumer, self._parent, self._index)
        self._index += 1
        return identity, [
            SPEC_VERSION,
            ("ce_id", str(identity).encode()),
            *_constant_headers(self._consumer, kind),
            ("ce_time", time),
            ("ce_subject", subject.encode()),
            *self._correlation,
        ]

    def replies(
        self,
        replies: tuple[Reply, ...],
        speaking: Speaking,
        conversation: Conversation | None,
    ) -> bool:
        """What the person is to read. Returns whether the conversation has to remember a long list."""
        remembers = False
        for reply in replies:
            content = render_reply(reply, speaking.locale)
            content, whole = paging.first_page(self._consumer, content, speaking.locale)
            if whole is not None and conversation is not None:
                conversation.data[paging.REMEMBERED] = whole
                remembers = True
            message = SendMessage(
                person=speaking.person,
                content=content,
                contact=speaking.contact,
                heard_at=speaking.heard_at,
            )
            self.event(topics.OUTBOUND, speaking.person, message)
        return remembers

    def tell(self, tell: Tell, locales: Mapping[str, str]) -> None:
        """A reply to somebody else, in the language given, else in which this domain last heard them."""
        locale = tell.locale or locales.get(tell.person, DEFAULT_LOCALE)
        content, _ = paging.first_page(self._consumer, render_reply(tell.reply, locale), locale)
        message = SendMessage(
            person=tell.person,
            content=content,
            template=tell.template,
            template_variables=tuple(render(value, locale) for value in tell.template_variables),
        )
        self.event(topics.OUTBOUND, tell.person, message)

    def rest(self, decision: Decision, person: str, word: Ended | Unclaimed | None) -> None:
        """The events a decision emits, and what core is told of the conversation."""
        for emit in decision.emits:
            self.event(emit.topic, emit.key, emit.data, subject=emit.subject, origin=emit.origin)
        if word is not None:
            self.event(topics.INTENTS_CORE, person, word)

    def timer(self, timer: Schedule) -> Waits:
        """A timer as it waits: a record for this domain's own topic, whose time is when it is due.

        Raises Reject when it is too large to publish.
        """
        identity, headers = self._headers(type(timer.data), timer.due.isoformat().encode(), timer.key)
        return Waits(
            topic=topics.intents(self._consumer),
            key=timer.key.encode(),
            record=pack_record(_fitting(timer.data.write(), headers), headers),
            event_id=identity,
        )


def _fitting(value: bytes, headers: list[tuple[str, bytes]]) -> bytes:
    """The value. Raises Reject when the record would be too large for its topic."""
    size = len(value) + sum([len(name) + len(content) for name, content in headers])
    if size > OUTPUT_BYTES_LIMIT:
        raise Reject(f"an output of {size} bytes is too large to publish")
    return value


def dead_letter(
    consumer: str,
    record: Record,
    outcome: Outcome,
    error: BaseException | str,
    *,
    tries: int,
    due: datetime | None,
) -> Output:
    """What was set aside, byte for byte, and why: for people, alerts and other systems.

    Header names as Spring's dead-letter publisher uses them, which tools know.
    """
    if isinstance(error, BaseException):
        name = f"{type(error).__module__}.{type(error).__qualname__}"
        stack = "".join(traceback.format_exception(error)).encode(errors="replace")[-STACK_BYTES_LIMIT:]
    else:
        name, stack = "malformed", b""
    headers = [
        *((key, value) for key, value in record.headers if not key.startswith("kafka_dlt-")),
        ("kafka_dlt-original-topic", record.topic.encode()),
        ("kafka_dlt-original-partition", str(record.partition).encode()),
        ("kafka_dlt-original-offset", str(record.offset).encode()),
        ("kafka_dlt-original-timestamp", str(record.timestamp).encode()),
        ("kafka_dlt-original-consumer-group", consumer.encode()),
        ("kafka_dlt-exception-fqcn", name.encode()),
        ("kafka_dlt-exception-message", str(error).encode(errors="replace")[:MESSAGE_BYTES_LIMIT]),
        ("kafka_dlt-exception-stacktrace", stack),
        ("easymo_dead_id", str(set_aside_id(consumer, record.event.id, record.event.attempt)).encode()),
        ("easymo_event_id", str(record.event.id).encode()),
        ("easymo_outcome", outcome.encode()),
        ("easymo_tries", str(tries).encode()),
    ]
    if due is not None:
        headers.append(("easymo_due", due.isoformat().encode()))
    return Output(topics.DEAD_LETTERS, record.key, record.value, headers)
