"""Posting one message: its file first, and its template where Meta asks for one. No table is touched."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from consumers.domain import Reject
from consumers.sender import rules
from infra.whatsapp.client import GraphClient, UploadFailed
from infra.whatsapp.fit import Unfit, fit
from infra.whatsapp.outcomes import Outcome, Refused
from infra.whatsapp.payload import Recipient, message
from schemas.content import Content, MediaContent, TemplateContent
from schemas.events.whatsapp import SendMessage

FORMS = 3  # the content, its template, its template in English
MIME_TYPES = {
    "image": "image/jpeg",
    "video": "video/mp4",
    "audio": "audio/ogg",
    "document": "application/pdf",
    "sticker": "image/webp",
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that may be sent now: where to, and what."""

    event_id: UUID
    asked: SendMessage
    person: str  # the one whom the asked-for person was joined into, perhaps
    to: Recipient
    content: Content  # fitted
    template: TemplateContent | None  # instead, should Meta find the window closed
    heard: bool  # the asker knew of a message from this person that we did not

    @property
    def quotes(self) -> str | None:
        """The wamid of the message that this one quotes."""
        return self.asked.quotes


@dataclass(frozen=True, slots=True)
class Attempt:
    """How sending ended, and in which form."""

    outcome: Outcome
    content: Content

    @property
    def template(self) -> str | None:
        """Name and language of the template that was sent, if one was."""
        content = self.content
        return f"{content.name}/{content.language}" if isinstance(content, TemplateContent) else None


async def attempt(graph: GraphClient, outgoing: Outgoing) -> Attempt:
    """Send it, or what Meta's refusal asks for instead. Raises Reject for a file that is none."""
    content = outgoing.content
    outcome = await _post(graph, outgoing, content)
    for _ in range(FORMS - 1):
        other = None
        if isinstance(outcome, Refused):
            other = rules.instead(content, outgoing.template, outcome.refusal)
        if other is None:
            break
        try:
            content = fit(other)
        except Unfit as error:
            raise Reject(f"unfit: {error}") from None
        outcome = await _post(graph, outgoing, content)
    return Attempt(outcome, content)


async def _post(graph: GraphClient, outgoing: Outgoing, content: Content) -> Outcome:
    if isinstance(content, MediaContent) and content.data is not None:
        try:
            content = await _uploaded(graph, content, content.data)
        except UploadFailed as error:
            return error.outcome
    return await graph.send(message(outgoing.to, content, str(outgoing.event_id), outgoing.quotes))


async def _uploaded(graph: GraphClient, content: MediaContent, data: str) -> MediaContent:
    try:
        file = base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise Reject(f"the {content.media} is no base64: {error}") from None
    mime_type = content.mime_type or MIME_TYPES[content.media]
    media_id = await graph.upload(file, mime_type, content.filename or content.media)
    return content.model_copy(update={"media_id": media_id, "data": None})
