"""Turns for the tests of conversations, and what the persons read of the replies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from consumers.domain import Domain
from consumers.runtime import dialogue
from infra.kafka.publisher import Output
from schemas import topics
from schemas.content import ListContent, Tapped, TextSaid
from schemas.events.conversation import Leave, TurnRouted
from schemas.events.whatsapp import SendMessage
from tests.integration.runtime.bench import Bench, event


def conversational(**options: Any) -> Domain:
    """A domain that hears turns, as those that are loaded by name do."""
    domain = Domain("probe", **options)
    domain.handles(TurnRouted)(dialogue.turns)
    domain.handles(Leave)(dialogue.turns)
    return domain


def turn(person: str, number: int, said: str, *, intent: str | None = None) -> Output:
    """A turn that core routed; `said` is text, or the id of a tapped row after a `#`."""
    content = Tapped(id=said[1:], title="Row") if said.startswith("#") else TextSaid(body=said)
    data = TurnRouted(
        person=person,
        contact=f"contact of {person}",
        turn=number,
        said=content,
        at=datetime.now(UTC),
        wamid=f"w{number}",
        intent=intent,
    )
    return event(topics.intents("probe"), person, data)


def left(person: str, number: int) -> Output:
    """Core's word that the person has gone elsewhere."""
    return event(topics.intents("probe"), person, Leave(person=person, turn=number))


async def heard(bench: Bench, person: str) -> list[str]:
    """What a person was sent, in order, each message once: the text, and the ids of its rows."""
    found: dict[bytes, str] = {}
    for record in await bench.records(topics.OUTBOUND):
        if record.key == person.encode():
            content = SendMessage.read(record.value).content
            words = str(getattr(content, "body", content.kind))
            if isinstance(content, ListContent):
                words += "".join(f" {row.id}" for section in content.sections for row in section.rows)
            found.setdefault(dict(record.headers)["ce_id"], words)
    return list(found.values())
