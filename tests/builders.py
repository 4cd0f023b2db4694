"""Valid defaults for tests: what Meta posts, and what the ingress makes of it.

`a_text("book ride")` is a message, `a_status("read")` a status; `a_notification(…)` wraps any number of them
(and of whole changes, made by `a_change`) as Meta does.
"""

from __future__ import annotations

import hmac
import itertools
from typing import Any

import orjson

from ingress.signature import PREFIX
from schemas.events.whatsapp import MessageReceived

PHONE = "250788123456"
OUR_NUMBER_ID = "100000000000001"
ACCOUNT_ID = "200000000000002"
NOON = 1_767_268_800  # 2026-01-01 12:00 UTC

Json = dict[str, Any]

_numbers = itertools.count(1)


def a_message(kind: str, content: Any = None, **fields: Any) -> Json:
    """A message of any type; `fields` add to it or replace parts of it, None takes one away."""
    message = {
        "from": PHONE,
        "id": f"wamid.{next(_numbers)}",
        "timestamp": str(NOON),
        "type": kind,
        kind: content,
    }
    return _without_none(message | _python_names(fields))


def a_text(body: str, **fields: Any) -> Json:
    """A text message."""
    return a_message("text", {"body": body}, **fields)


def a_location(latitude: float = -1.9441, longitude: float = 30.0619, **fields: Any) -> Json:
    """A shared location, in degrees (Kigali)."""
    return a_message("location", {"latitude": latitude, "longitude": longitude}, **fields)


def a_list_reply(row_id: str, title: str = "A row", **fields: Any) -> Json:
    """A tapped row of a list."""
    return a_message(
        "interactive", {"type": "list_reply", "list_reply": {"id": row_id, "title": title}}, **fields
    )


def a_button_reply(button_id: str, title: str = "A button", **fields: Any) -> Json:
    """A tapped reply button."""
    reply = {"type": "button_reply", "button_reply": {"id": button_id, "title": title}}
    return a_message("interactive", reply, **fields)


def a_flow_reply(response: Json, **fields: Any) -> Json:
    """A submitted WhatsApp Flow."""
    answer = {"name": "flow", "body": "Sent", "response_json": orjson.dumps(response).decode()}
    return a_message("interactive", {"type": "nfm_reply", "nfm_reply": answer}, **fields)


def a_media(kind: str = "image", media_id: str = "900000000000009", **fields: Any) -> Json:
    """An image, video, audio, document or sticker."""
    mime = {"image": "image/jpeg", "video": "video/mp4", "audio": "audio/ogg; codecs=opus"}
    content = {"id": media_id, "mime_type": mime.get(kind, "application/pdf"), "sha256": "c2hhMjU2"}
    return a_message(kind, content, **fields)


def a_status(status: str = "delivered", **fields: Any) -> Json:
    """A delivery status."""
    made = {
        "id": f"wamid.{next(_numbers)}",
        "status": status,
        "timestamp": str(NOON),
        "recipient_id": PHONE,
    }
    return _without_none(made | _python_names(fields))


def a_contact(
    name: str | None = "Ange", phone: str | None = PHONE, user_id: str | None = None, **more: Any
) -> Json:
    """An entry of `contacts`."""
    profile = None if name is None else {"name": name}
    return _without_none({"profile": profile, "wa_id": phone, "user_id": user_id, **more})


def a_change(field: str = "messages", value: Any = None, **more: Any) -> Json:
    """One change."""
    return {"field": field, "value": value, **more}


def a_value(*updates: Json, contacts: list[Json] | None = None, **more: Any) -> Json:
    """The value of a change of `messages`. Without `contacts` each sender gets one."""
    messages = [update for update in updates if "status" not in update]
    statuses = [update for update in updates if "status" in update]
    if contacts is None:
        senders = dict.fromkeys(message["from"] for message in messages if "from" in message)
        contacts = [a_contact(phone=sender) for sender in senders]
    value: Json = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "250780000000", "phone_number_id": OUR_NUMBER_ID},
    }
    parts = {"contacts": contacts, "messages": messages, "statuses": statuses}
    return value | {name: part for name, part in parts.items() if part} | more


def an_entry(*changes: Json, account_id: str = ACCOUNT_ID, **more: Any) -> Json:
    """One entry with whole changes."""
    return {"id": account_id, "changes": list(changes), **more}


def a_notification(*updates: Json, contacts: list[Json] | None = None) -> Json:
    """What one POST carries: messages and statuses in one change, each whole change as it is."""
    changes = [update for update in updates if "field" in update]
    plain = [update for update in updates if "field" not in update]
    if plain or not changes:
        changes.insert(0, a_change(value=a_value(*plain, contacts=contacts)))
    return notification_of(an_entry(*changes))


def notification_of(*entries: Any) -> Json:
    """A notification with these entries."""
    return {"object": "whatsapp_business_account", "entry": list(entries)}


def signed(body: bytes, secret: bytes) -> dict[str, str]:
    """The headers of a POST that Meta signed."""
    digest = hmac.new(secret, body, "sha256").hexdigest()
    return {"content-type": "application/json", "x-hub-signature-256": PREFIX + digest}


def a_message_received(message: Json | None = None, **fields: Any) -> MessageReceived:
    """The event that the ingress makes of a message."""
    given = message or a_text("book ride")
    sender = given.get("from", PHONE)
    defaults: Json = {
        "contact": sender,
        "phone": sender,
        "message": given,
        "profile_name": "Ange",
        "phone_number_id": OUR_NUMBER_ID,
        "account_id": ACCOUNT_ID,
    }
    return MessageReceived.model_validate(defaults | fields)


def _python_names(fields: Json) -> Json:
    """`from` is a keyword in Python: `sender=…` stands for it."""
    return {"from" if name == "sender" else name: value for name, value in fields.items()}


def _without_none(value: Json) -> Json:
    return {name: item for name, item in value.items() if item is not None}
