"""Content as the Graph API takes it: the body of `POST /{phone_number_id}/messages`. Pure.

What goes in must have been through infra/whatsapp/fit.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.whatsapp import limits
from schemas.content import (
    ButtonsContent,
    Content,
    LinkContent,
    ListContent,
    LocationContent,
    LocationRequestContent,
    MediaContent,
    ReactionContent,
    TemplateContent,
    TextContent,
)

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a message goes: at least one of the two is set. Meta prefers the number."""

    phone: str | None = None  # digits only
    user_id: str | None = None  # business-scoped

    def fields(self) -> Payload:
        """`to` for a number, else `recipient`."""
        return {"to": self.phone} if self.phone else {"recipient": self.user_id}


def recipient(contact: str | None, phone: str | None = None) -> Recipient | None:
    """The recipient of a contact (a number, or a business-scoped id) and a number, or None without either.

    A contact that is not all digits is a user id.
    """
    number = next((n for n in (phone, contact) if n and limits.PHONE.fullmatch(n)), None)
    user_id = contact if contact and limits.USER_ID.fullmatch(contact) else None
    return Recipient(number, user_id) if number or user_id else None


def message(to: Recipient, content: Content, callback_data: str, quotes: str | None = None) -> Payload:
    """The body to post. `callback_data` comes back in every status of the message.

    Raises ValueError for a picture or file that has neither been uploaded nor has an address.
    """
    kind, value = _WRITERS[type(content)](content)
    body: Payload = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **to.fields(),
        "type": kind,
        kind: value,
        "biz_opaque_callback_data": callback_data,
    }
    quotable = quotes is not None and 0 < len(quotes.strip()) <= limits.MESSAGE_ID
    if quotable and not isinstance(content, ReactionContent):
        body["context"] = {"message_id": quotes}
    return body


def _text(content: TextContent) -> tuple[str, Payload]:
    text: Payload = {"body": content.body}
    if content.preview_url:
        text["preview_url"] = True
    return "text", text


def _interactive(
    kind: str, body: str, action: Payload, header: str | None = None, footer: str | None = None
) -> tuple[str, Payload]:
    value: Payload = {"type": kind, "body": {"text": body}, "action": action}
    if header:
        value["header"] = {"type": "text", "text": header}
    if footer:
        value["footer"] = {"text": footer}
    return "interactive", value


def _buttons(content: ButtonsContent) -> tuple[str, Payload]:
    buttons = [{"type": "reply", "reply": {"id": b.id, "title": b.title}} for b in content.buttons]
    return _interactive("button", content.body, {"buttons": buttons}, content.header, content.footer)


def _list(content: ListContent) -> tuple[str, Payload]:
    sections = [
        {
            **({"title": section.title} if section.title else {}),
            "rows": [row.model_dump(exclude_none=True) for row in section.rows],
        }
        for section in content.sections
    ]
    action = {"button": content.button, "sections": sections}
    return _interactive("list", content.body, action, content.header, content.footer)


def _location_request(content: LocationRequestContent) -> tuple[str, Payload]:
    return _interactive("location_request_message", content.body, {"name": "send_location"})


def _link(content: LinkContent) -> tuple[str, Payload]:
    parameters = {"display_text": content.label, "url": content.url}
    return _interactive("cta_url", content.body, {"name": "cta_url", "parameters": parameters})


def _location(content: LocationContent) -> tuple[str, Payload]:
    return "location", content.model_dump(exclude_none=True, exclude={"kind"})


def _media(content: MediaContent) -> tuple[str, Payload]:
    value = {"id": content.media_id} if content.media_id else {"link": content.link}
    if None in value.values():
        raise ValueError(f"the {content.media} has not been uploaded")
    if content.caption:
        value["caption"] = content.caption
    if content.filename:
        value["filename"] = content.filename
    return content.media, value


def _template(content: TemplateContent) -> tuple[str, Payload]:
    value: Payload = {"name": content.name, "language": {"code": content.language}}
    if content.variables:
        parameters = [{"type": "text", "text": value} for value in content.variables]
        value["components"] = [{"type": "body", "parameters": parameters}]
    return "template", value


def _reaction(content: ReactionContent) -> tuple[str, Payload]:
    return "reaction", {"message_id": content.message_id, "emoji": content.emoji}


_WRITERS: dict[type, Callable[[Any], tuple[str, Payload]]] = {
    TextContent: _text,
    ButtonsContent: _buttons,
    ListContent: _list,
    LocationRequestContent: _location_request,
    LinkContent: _link,
    LocationContent: _location,
    MediaContent: _media,
    TemplateContent: _template,
    ReactionContent: _reaction,
}
